import { setTimeout as delay } from 'node:timers/promises';
import type { Experiment, Finding, Result } from './experiment.ts';
import type { Lab } from './lab/lab.ts';

const longestMs = 120_000;

/** Runs experiments one after the other until the time is up. Those that are left then have not passed. */
export async function runAll(experiments: readonly Experiment[], lab: Lab, withinMs: number, say: (result: Result) => void): Promise<Result[]> {
  const deadline = performance.now() + withinMs;
  const results: Result[] = [];
  for (const { id, criterion, run } of experiments) {
    const leftMs = deadline - performance.now();
    const finding = leftMs <= 0 ? { figure: 'not run: the time was up', passed: false } : await bounded(() => run(lab), Math.min(longestMs, leftMs));
    const result = { id, criterion, ...finding };
    results.push(result);
    say(result);
  }
  return results;
}

async function bounded(run: () => Promise<Finding>, withinMs: number): Promise<Finding> {
  const patience = new AbortController();
  const late = delay(withinMs, undefined, { signal: patience.signal }).then(
    () => ({ figure: `nothing within ${Math.round(withinMs / 1000)} s`, passed: false }),
    () => new Promise<never>(() => {}),
  );
  try {
    return await Promise.race([run(), late]);
  } catch (error) {
    return { figure: `failed: ${error instanceof Error ? error.message.split('\n', 1)[0] : String(error)}`, passed: false };
  } finally {
    patience.abort();
  }
}
