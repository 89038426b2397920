import { installPeers } from '../peers/install.ts';
import { startOpenApiPeers } from '../peers/openapi-peers.ts';
import { compare } from '../report/result.ts';
import type { Row } from '../report/result.ts';
import type { Bench } from '../system/bench.ts';
import { startItemsSystem, startUpstream } from '../system/items-system.ts';
import type { ItemsSystem } from '../system/items-system.ts';
import { throughput } from './throughput.ts';
import type { Subject } from './throughput.ts';

const connections = 32;
const ours = 'STOA Gateway';

/** `tools/call` with everything on, against npm packages that turn an OpenAPI document into MCP with nothing on: on one core each, and on two. */
export async function peers(bench: Bench): Promise<Row[]> {
  await installPeers();
  const upstreamUrl = await startUpstream(bench);
  const system = await startItemsSystem(bench, upstreamUrl);
  const { cores } = bench.plan;
  const onOne = await compareOn(bench, system, upstreamUrl, {
    metric: 'Gateway tools/call, 32 connections, everything on, one core each',
    cores: cores?.subject,
    atLeast: 5,
  });
  if (cores === undefined || cores.store[0] === cores.load[0]) return onOne;
  // Some of the peers are two processes, and the Gateway is one.
  const onTwo = await compareOn(bench, system, upstreamUrl, {
    metric: 'The same with two cores each, of which a Gateway uses one',
    cores: [...cores.subject, ...cores.store],
  });
  return [...onOne, ...onTwo.slice(0, 1)];
}

type Comparison = { metric: string; cores: readonly number[] | undefined; atLeast?: number };

/** A row for each peer, the fastest first; the target is for that one. */
async function compareOn(bench: Bench, system: ItemsSystem, upstreamUrl: string, { metric, cores, atLeast }: Comparison): Promise<Row[]> {
  const suffix = `cores-${cores?.length ?? 0}`;
  const gateway = await system.startGateway(`gateway-${suffix}`, cores);
  const running = await startOpenApiPeers(bench, upstreamUrl, suffix, cores);
  const subjects: Record<string, Subject> = { [ours]: { connections, workload: gateway.workload() } };
  for (const peer of running) subjects[peer.name] = { connections, workload: peer.workload };
  const { [ours]: own, ...theirs } = await throughput(bench, subjects);
  if (own === undefined) return [];
  const ranked = Object.entries(theirs).sort(([, a], [, b]) => b.median - a.median);
  return ranked.map(([peer, rounds], rank) => {
    const isBest = rank === 0;
    return compare(
      {
        metric: `${metric}, against ${isBest ? 'the best' : 'another'} npm peer turning OpenAPI into MCP`,
        unit: '/s',
        peer,
        ...(isBest && atLeast !== undefined && { atLeast }),
      },
      own,
      rounds,
    );
  });
}
