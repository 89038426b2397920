import { setTimeout as delay } from 'node:timers/promises';
import { bounded, compare, roundsOf } from '../report/result.ts';
import type { Row } from '../report/result.ts';
import type { CameBack } from '../load/come-back.ts';
import type { Bench } from '../system/bench.ts';
import { startControlPlane } from '../system/control-plane.ts';

const herdSize = 50_000;
const bystanderCount = 2_000;
const absentS = 60;
const connections = 64;
const intervalS = 30;
const giveUpAfterS = 240;
const mayHoldUpMs = 1_000;
const mayTakeMs = 5_000;

/** A fleet that was away comes back within a second, as after a power cut, while others beat on. */
export async function herd(bench: Bench): Promise<Row[]> {
  const { quick } = bench.options;
  const count = quick ? herdSize / 5 : herdSize;
  const controlPlane = await startControlPlane(bench, { cores: bench.plan.cores?.subject });
  const { url, gatewayKey: key } = controlPlane;
  const fleet = { url, key, environment: 'bench', connections };
  const { instances: bystanders } = await bench.load('registerFleet', { ...fleet, names: 'bystander', count: bystanderCount });
  await bench.load('registerFleet', { ...fleet, names: 'herd', count });
  // Instances that are known come back: so the rate is that of registering again.
  const again = await bench.load('registerFleet', { ...fleet, names: 'herd', count: count / 2 });
  const capacity = count / 2 / again.seconds;
  console.log(`  ${Math.round(capacity)} registrations a second over ${connections} connections; ${quick ? 5 : absentS} s of absence …`);
  await delay((quick ? 5 : absentS) * 1000);
  const back = await bench.load('comeBack', {
    url,
    key,
    environment: 'bench',
    names: 'herd',
    count,
    withinMs: 1_000,
    bystanders,
    intervalMs: intervalS * 1000,
    giveUpAfterMs: giveUpAfterS * 1000,
  });
  console.log(`  ${JSON.stringify(back)}`);
  return rowsOf(back, count, capacity, whyNot(back, quick ? count : undefined));
}

/** A generator that gets no processor sees answers late that were there, and counts time-outs that are its own. */
function whyNot({ heldUpMs, lastFirstAttemptMs }: CameBack, quickCount: number | undefined): { why?: string } {
  if (quickCount !== undefined) return { why: `A quick run has only ${quickCount} instances come back, after 5 s.` };
  const seconds = (ms: number) => (ms / 1000).toFixed(1);
  if (heldUpMs <= mayHoldUpMs && lastFirstAttemptMs <= mayTakeMs) return {};
  return {
    why: `The load generator was held up for ${seconds(heldUpMs)} s and took ${seconds(lastFirstAttemptMs)} s for the first attempts: what waited may have waited for it.`,
  };
}

function rowsOf(back: CameBack, count: number, capacity: number, why: { why?: string }): Row[] {
  const name = `${count.toLocaleString('en-US')} instances back within a second`;
  const registeredS = (back.registered99Ms ?? giveUpAfterS * 1000) / 1000;
  const one = (value: number) => roundsOf([value]);
  const note =
    `the generator had sent all first attempts after ${(back.lastFirstAttemptMs / 1000).toFixed(1)} s; ` +
    `told to come back later ${back.later} times, ${back.brokenConnections} connections broken` +
    (back.registeredAllMs === null
      ? `; not all were registered after ${giveUpAfterS} s`
      : `; all registered after ${(back.registeredAllMs / 1000).toFixed(1)} s`);
  return [
    compare(
      { metric: `${name}: 99 % registered`, unit: 's', peer: `N ÷ capacity, at ${Math.round(capacity)} registrations a second`, note, ...why },
      one(registeredS),
      one(count / capacity),
      { atMost: 1.5 },
    ),
    bounded(
      {
        metric: `${name}: p99 of the heartbeats of others`,
        unit: 's',
        note: `${back.bystanders.beats} beats, the slowest ${(back.bystanders.worstMs / 1000).toFixed(2)} s`,
        ...why,
      },
      one(back.bystanders.p99Ms / 1000),
      { atMost: 1 },
    ),
    bounded({ metric: `${name}: requests without an answer for 10 s`, unit: 'requests', ...why }, one(back.timeouts + back.bystanders.timeouts), {
      atMost: 0,
    }),
  ];
}
