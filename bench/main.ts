import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ExpectedError } from '@stoa/lib/errors.ts';
import { onShutdown } from '@stoa/lib/listen.ts';
import { runMain } from '@stoa/lib/run-main.ts';
import { benchmarks } from './benchmarks/index.ts';
import type { Benchmark } from './benchmarks/index.ts';
import { writeResult } from './report/result.ts';
import type { Row } from './report/result.ts';
import { textTable } from './report/table.ts';
import { openBench } from './system/bench.ts';
import type { Options } from './system/bench.ts';
import { planCores } from './system/cores.ts';
import type { CorePlan } from './system/cores.ts';
import { describeMachine } from './system/machine.ts';

const help = `Usage: node bench/main.ts [name…] [--rounds N] [--seconds N] [--quick] [--profile DIR]

Measures the built programs (make build) against named peers, which are installed into bench/.peers, and against the build of an older commit, which is made in
bench/.builds. Writes bench/results/<name>.json as each ends.

${Object.entries(benchmarks)
  .map(([name, { describe }]) => `  ${name.padEnd(12)} ${describe}`)
  .join('\n')}

  --rounds N     interleaved rounds (default 5)
  --seconds N    seconds that each subject is measured in each round (default 5)
  --quick        two rounds of two seconds, fleets a fifth as large: to see that it runs, not what it gives
  --profile DIR  CPU profiles of our own processes`;

await runMain(async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      quick: { type: 'boolean' },
      profile: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  if (values.help === true) return console.log(help);
  const options: Options = {
    rounds: count('--rounds', values.rounds, values.quick === true ? 2 : 5),
    seconds: count('--seconds', values.seconds, values.quick === true ? 2 : 5),
    warmUpS: values.quick === true ? 1 : 2,
    quick: values.quick === true,
    profileDir: values.profile,
  };
  const names = positionals.length > 0 ? positionals : Object.keys(benchmarks);
  const unknown = names.find((name) => !(name in benchmarks));
  if (unknown !== undefined) throw new ExpectedError(`There is no benchmark ${unknown}. There are: ${Object.keys(benchmarks).join(', ')}.`);
  const plan = planCores();
  const all: Row[] = [];
  for (const name of names) all.push(...(await measure(name, benchmarks[name] as Benchmark, options, plan)));
  console.log(`\n${textTable(all)}`);
});

async function measure(name: string, { describe, simulated, run }: Benchmark, options: Options, plan: CorePlan): Promise<Row[]> {
  const machine = describeMachine();
  console.log(`\n${name}: ${describe}\n  ${plan.text}`);
  const bench = await openBench(options, plan);
  const unregister = onShutdown(() => bench.close());
  try {
    const rows = await run(bench);
    const { rounds, seconds, quick } = options;
    await writeResult(join(import.meta.dirname, 'results'), {
      name,
      date: new Date().toISOString(),
      machine,
      cores: plan.text,
      rounds,
      seconds,
      quick,
      ...(simulated !== undefined && { simulated }),
      rows,
    });
    return rows;
  } finally {
    await bench.close();
    unregister();
  }
}

function count(name: string, text: string | undefined, byDefault: number): number {
  const value = Number(text ?? byDefault);
  if (!Number.isInteger(value) || value < 1 || value > 1000) throw new ExpectedError(`${name} must be a whole number from 1 to 1000.`);
  return value;
}
