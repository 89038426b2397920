import { round } from '../report/result.ts';
import type { Row, Rounds } from '../report/result.ts';
import type { Bench } from '../system/bench.ts';
import { startItemsSystem, startSubject, startUpstream } from '../system/items-system.ts';
import { latency, roundsOf } from './throughput.ts';

const ratePerS = 200;
const connections = 16;
const maxAddedMs = 0.7;

/** What a Gateway adds to the latency of an API at a load that troubles neither. */
export async function gatewayLatency(bench: Bench): Promise<Row[]> {
  const upstreamUrl = await startUpstream(bench);
  const system = await startItemsSystem(bench, upstreamUrl);
  const ours = await system.startGateway('gateway');
  const hop = await startSubject(bench, 'bare-hop', { UPSTREAM_URL: upstreamUrl });
  const measured = await latency(bench, 0.5, {
    'STOA Gateway': { connections, ratePerS, workload: ours.workload() },
    'REST API itself': { connections, ratePerS, workload: { kind: 'rest', urls: [upstreamUrl] } },
    'bare undici hop': { connections, ratePerS, workload: { kind: 'rest', urls: [hop.url] } },
  });
  const direct = measured['REST API itself'];
  return [
    addedRow(`Gateway tools/call: p50 added at ${ratePerS}/s`, measured['STOA Gateway'], direct, maxAddedMs),
    addedRow(`Bare undici hop: p50 added at ${ratePerS}/s, to know the ground`, measured['bare undici hop'], direct),
  ];
}

/** A row about a difference: `ours` is what was added, `against` the latency without it. */
export function addedRow(metric: string, ours: Rounds, direct: Rounds, maxMs?: number): Row {
  const added = roundsOf(ours.values.map((value, at) => value - (direct.values[at] ?? Number.NaN)));
  return {
    metric,
    unit: 'ms',
    ours: round(added.median),
    against: round(direct.median),
    ratio: null,
    peer: 'p50 of the REST API itself',
    target: maxMs === undefined ? null : `≤ ${maxMs} ms`,
    met: maxMs === undefined ? null : added.median <= maxMs,
    spread: null,
    note: `from ${round(Math.min(...added.values))} to ${round(Math.max(...added.values))} ms in the rounds`,
  };
}
