import type { OpenApiDocument } from './document.ts';

/** A plain name for every component schema. */
export function emitSchemas(document: OpenApiDocument, typesFile: string): string {
  const rows = Object.keys(document.components['schemas'] ?? {}).map((name) => `export type ${name} = components['schemas']['${name}'];`);
  return `import type { components } from './${typesFile}';\n\n${rows.join('\n')}\n`;
}
