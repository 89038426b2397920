import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ExpectedError } from '@stoa/lib/errors.ts';
import { onShutdown } from '@stoa/lib/listen.ts';
import { runMain } from '@stoa/lib/run-main.ts';
import { experiments } from './index.ts';
import { Lab } from './lab/lab.ts';
import { runAll } from './run.ts';

const withinMs = 14 * 60_000;
const file = join(import.meta.dirname, '../dist/experiments.json');

const help = `Usage: node experiments/main.ts [id…]

Starts the built system (make build) on free ports of 127.0.0.1, does faults to it, and writes what came of each to dist/experiments.json.
Ends with 1 when a criterion is not met, within ${withinMs / 60_000} minutes.

${experiments.map(({ id, criterion }) => `  ${id.padEnd(26)} ${criterion}`).join('\n')}`;

await runMain(async () => {
  const names = process.argv.slice(2);
  if (names.includes('--help')) return console.log(help);
  const unknown = names.find((name) => experiments.every(({ id }) => id !== name));
  if (unknown !== undefined) throw new ExpectedError(`There is no experiment ${unknown}. There are: ${experiments.map(({ id }) => id).join(', ')}.`);
  const chosen = names.length === 0 ? experiments : experiments.filter(({ id }) => names.includes(id));
  const lab = new Lab();
  const unregister = onShutdown(() => lab.close());
  try {
    let done = 0;
    const results = await runAll(chosen, lab, withinMs, ({ id, figure, passed }) => {
      done += 1;
      console.log(`${String(done).padStart(2)}/${chosen.length} ${passed ? 'passed' : 'FAILED'} ${id.padEnd(26)} ${figure}`);
    });
    await mkdir(join(file, '..'), { recursive: true });
    await writeFile(file, `${JSON.stringify({ date: new Date().toISOString(), results }, null, 2)}\n`);
    const failed = results.filter(({ passed }) => !passed);
    console.log(`${results.length - failed.length} of ${results.length} passed; see dist/experiments.json.`);
    process.exitCode = failed.length === 0 ? 0 : 1;
  } finally {
    await lab.close();
    unregister();
  }
});
