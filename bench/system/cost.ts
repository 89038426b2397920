import { setTimeout as delay } from 'node:timers/promises';
import type { Meter } from './cpu-time.ts';

/** How long it is watched before, and after the change is done: work that it left behind counts too, such as writing to disk and collecting garbage. */
const usualWindows = { idleMs: 1_500, settleMs: 1_500 };

/**
 * Milliseconds of processor that something cost each of these, beyond what they use when nothing happens, which is measured just before.
 * A cost below what the idle time wavers by may come out as a little less than nothing; it is then 0.
 */
export async function costMs<Name extends string>(
  meters: Readonly<Record<Name, Meter>>,
  act: () => Promise<void>,
  { idleMs, settleMs } = usualWindows,
): Promise<Record<Name, number>> {
  const names = Object.keys(meters) as Name[];
  const read = (): Record<Name, number> => Object.fromEntries(names.map((name) => [name, meters[name]()])) as Record<Name, number>;
  const idleSince = performance.now();
  const idleFrom = read();
  await delay(idleMs);
  const from = read();
  const since = performance.now();
  await act();
  await delay(settleMs);
  const to = read();
  const share = (performance.now() - since) / (since - idleSince);
  return Object.fromEntries(names.map((name) => [name, beyondIdleMs(idleFrom[name], from[name], to[name], share)])) as Record<Name, number>;
}

/** `share`: how many times as long the change was watched as the idle time before it. */
export function beyondIdleMs(idleFromS: number, fromS: number, toS: number, share: number): number {
  return Math.max(0, (toS - fromS - (fromS - idleFromS) * share) * 1000);
}
