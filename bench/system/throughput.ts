import type { LoadJob, LoadResult } from '../load/job.ts';
import { Histogram } from '../measure/histogram.ts';
import { interleave } from '../measure/interleave.ts';
import { roundsOf } from '../report/result.ts';
import type { Rounds } from '../report/result.ts';
import type { Bench } from './bench.ts';
import { cpuMeter } from './cpu-time.ts';

export type Subject = Omit<LoadJob, 'warmUpS' | 'seconds'> &
  Partial<LoadJob> & {
    /** The processes whose processor time is its cost. */
    pids?: readonly number[];
  };
export type Throughput = Rounds & {
  /** Microseconds of processor for each answer; NaN where they cannot be told. */
  cpuUs: Rounds;
  results: readonly LoadResult[];
};
type Measured = LoadResult & { cpuUs: number };

/** Answers a second of each subject, in interleaved rounds. */
export async function throughput<Name extends string>(bench: Bench, subjects: Readonly<Record<Name, Subject>>): Promise<Record<Name, Throughput>> {
  const values = await runRounds(bench, subjects);
  return mapValues(values, (results) => ({
    ...roundsOf(results.map(({ answers, seconds }) => answers / seconds)),
    cpuUs: roundsOf(results.map(({ cpuUs }) => cpuUs)),
    results,
  }));
}

/** A quantile of the latencies of each subject in milliseconds, in interleaved rounds. */
export async function latency<Name extends string>(
  bench: Bench,
  quantile: number,
  subjects: Readonly<Record<Name, Subject>>,
): Promise<Record<Name, Rounds>> {
  const values = await runRounds(bench, subjects);
  return mapValues(values, (results) => roundsOf(results.map(({ latencies }) => new Histogram().add(latencies).quantile(quantile) / 1000)));
}

function runRounds<Name extends string>(bench: Bench, subjects: Readonly<Record<Name, Subject>>): Promise<Record<Name, Measured[]>> {
  const runs = mapValues(subjects, ({ pids = [], ...job }) => async (): Promise<Measured> => {
    const meter = cpuMeter(pids);
    const before = meter();
    const result = await bench.run(job);
    return { ...result, cpuUs: pids.length === 0 ? Number.NaN : ((meter() - before) * 1e6) / result.allAnswers };
  });
  return interleave(bench.options.rounds, runs, (round, name, { answers, seconds, latencies, generatorCpu, cpuUs }) => {
    const [p50, p99] = [0.5, 0.99].map((q) => (new Histogram().add(latencies).quantile(q) / 1000).toFixed(2));
    const cost = Number.isNaN(cpuUs) ? '' : `  ${cpuUs.toFixed(0)} µs of processor each`;
    console.log(
      `  round ${round}  ${name.padEnd(36)} ${String(Math.round(answers / seconds)).padStart(6)} /s  p50 ${p50} ms  p99 ${p99} ms${cost}  generator ${Math.round(generatorCpu * 100)} % of a core`,
    );
  });
}

function mapValues<Name extends string, From, To>(values: Readonly<Record<Name, From>>, map: (value: From) => To): Record<Name, To> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, map(value as From)])) as Record<Name, To>;
}
