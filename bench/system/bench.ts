import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LoadGenerator } from '../load/commands.ts';
import type { LoadJob, LoadResult } from '../load/job.ts';
import type { CorePlan } from './cores.ts';
import { Processes } from './processes.ts';

export type Options = {
  rounds: number;
  seconds: number;
  warmUpS: number;
  /** Only to see that it runs: smaller fleets, shorter waits. */
  quick: boolean;
  /** Where CPU profiles of our own processes go, when they are wanted. */
  profileDir: string | undefined;
};

/** What one benchmark runs with: a folder of its own, processes, and a load generator. `close` leaves nothing behind. */
export type Bench = {
  readonly options: Options;
  readonly plan: CorePlan;
  readonly dir: string;
  readonly processes: Processes;
  readonly load: LoadGenerator;
  /** Runs a job on the load generator, with the times of this run unless the job says others. */
  run(job: Omit<LoadJob, 'warmUpS' | 'seconds'> & Partial<LoadJob>): Promise<LoadResult>;
  /** Has something done once the processes have ended, the last first. */
  atEnd(close: () => Promise<void>): void;
  /** Arguments to Node.js for a program of ours. */
  nodeArguments(program: string): string[];
};

export async function openBench(options: Options, plan: CorePlan): Promise<Bench & { close(): Promise<void> }> {
  const dir = await mkdtemp(join(tmpdir(), 'stoa-bench-'));
  const processes = new Processes(dir);
  const closers: (() => Promise<void>)[] = [() => rm(dir, { recursive: true, force: true })];
  const load = processes.startLoad(plan.cores?.load);
  return {
    options,
    plan,
    dir,
    processes,
    load,
    run: (job) => load('runLoad', { warmUpS: options.warmUpS, seconds: options.seconds, ...job }),
    atEnd: (close) => void closers.push(close),
    nodeArguments: (program) =>
      options.profileDir === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${options.profileDir}`, `--cpu-prof-name=${program}.cpuprofile`],
    async close() {
      await processes.stop();
      for (const close of closers.reverse()) await close();
    },
  };
}
