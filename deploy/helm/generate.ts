import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { charts } from './charts.ts';
import { umbrellaSchema, valuesSchema } from './values-schema.ts';

/** The schemas of all charts' values, by their file below this folder: made of the settings that the programs have. */
export function generatedSchemas(): ReadonlyMap<string, string> {
  const umbrella = ['stoa', umbrellaSchema(charts.map(({ name }) => name))] as const;
  const all = [...charts.map((chart) => [chart.name, valuesSchema(chart)] as const), umbrella];
  return new Map(all.map(([name, schema]) => [`${name}/values.schema.json`, `${JSON.stringify(schema, null, 1)}\n`]));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [file, text] of generatedSchemas()) await writeFile(join(import.meta.dirname, file), text);
}
