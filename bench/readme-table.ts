import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ExpectedError } from '@stoa/lib/errors.ts';
import { runMain } from '@stoa/lib/run-main.ts';
import { readResults } from './report/result.ts';
import { replaceFigures } from './report/table.ts';

// Writes the figures of the last runs into the README, between its markers.
await runMain(async () => {
  const results = await readResults(join(import.meta.dirname, 'results'));
  if (results.length === 0) throw new ExpectedError('There are no results: run `make bench` first.');
  const quick = results.filter((result) => result.quick).map(({ name }) => name);
  if (quick.length > 0) throw new ExpectedError(`Quick runs only show that a benchmark works: run ${quick.join(', ')} without --quick first.`);
  const readme = join(import.meta.dirname, '../README.md');
  await writeFile(readme, replaceFigures(await readFile(readme, 'utf8'), results));
});
