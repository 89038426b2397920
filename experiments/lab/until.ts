import { setTimeout as delay } from 'node:timers/promises';

/** Seconds until the condition holds, asked again and again. Throws when it does not in time. */
export async function secondsUntil(holds: () => Promise<boolean> | boolean, withinS: number): Promise<number> {
  const since = performance.now();
  for (;;) {
    if (await Promise.resolve(holds()).catch(() => false)) return (performance.now() - since) / 1000;
    if (performance.now() - since > withinS * 1000) throw new Error(`nothing within ${withinS} s`);
    await delay(50);
  }
}

export const seconds = (value: number): string => `${value.toFixed(1)} s`;
export const milliseconds = (value: number): string => `${Math.round(value)} ms`;

export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN;
}

/** The longest that `ask` took, asked over and over until `work` is done. */
export async function slowestWhile(work: Promise<unknown>, ask: () => Promise<unknown>, pauseMs = 20): Promise<number> {
  let isOver = false;
  const over = work.then(
    () => (isOver = true),
    () => (isOver = true),
  );
  let slowestMs = 0;
  do {
    const since = performance.now();
    await ask();
    slowestMs = Math.max(slowestMs, performance.now() - since);
    await delay(pauseMs);
  } while (!isOver);
  await over;
  return slowestMs;
}
