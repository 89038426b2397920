import { installPeers } from '../peers/install.ts';
import { startOpenApiPeers } from '../peers/openapi-peers.ts';
import { compare } from '../report/result.ts';
import type { Row } from '../report/result.ts';
import type { Bench } from '../system/bench.ts';
import { startItemsSystem, startUpstream } from '../system/items-system.ts';
import { throughput } from './throughput.ts';
import type { Subject } from './throughput.ts';

const connections = 32;
const ours = 'STOA Gateway';

/** `tools/call` with everything on, against npm packages that turn an OpenAPI document into MCP with nothing on. */
export async function peers(bench: Bench): Promise<Row[]> {
  await installPeers();
  const upstreamUrl = await startUpstream(bench);
  const system = await startItemsSystem(bench, upstreamUrl);
  // Two cores for each: some of the peers are two processes.
  const cores = bench.plan.cores && [...new Set([...bench.plan.cores.subject, ...bench.plan.cores.store])];
  const gateway = await system.startGateway('gateway', cores);
  const running = await startOpenApiPeers(bench, upstreamUrl, cores);
  const subjects: Record<string, Subject> = { [ours]: { connections, workload: gateway.workload() } };
  for (const peer of running) subjects[peer.name] = { connections, workload: peer.workload };
  const { [ours]: own, ...theirs } = await throughput(bench, subjects);
  if (own === undefined) return [];
  const ranked = Object.entries(theirs).sort(([, a], [, b]) => b.median - a.median);
  return ranked.map(([peer, rounds], rank) => {
    const which = rank === 0 ? 'the best npm peer turning OpenAPI into MCP' : 'another such peer';
    return compare({ metric: `Gateway tools/call, 32 connections, everything on, against ${which}`, unit: '/s', peer, ...(rank === 0 && { atLeast: 5 }) }, own, rounds);
  });
}
