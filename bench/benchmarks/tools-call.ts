import { createRequire } from 'node:module';
import { envoyName, startEnvoy } from '../peers/envoy.ts';
import { installPeers } from '../peers/install.ts';
import { startOpenApiPeers } from '../peers/openapi-peers.ts';
import { bounded, compare, reasonOf, roundsOf, unmeasured } from '../report/result.ts';
import type { Row } from '../report/result.ts';
import type { Bench } from '../system/bench.ts';
import { startItemsSystem, startSubject, startUpstream } from '../system/items-system.ts';
import type { ItemsSystem } from '../system/items-system.ts';
import { latency, throughput } from '../system/throughput.ts';
import type { Subject, Throughput } from '../system/throughput.ts';

const connections = 32;
const { version: undici } = createRequire(import.meta.url)('undici/package.json') as { version: string };
const hopName = `bare node:http + undici ${undici} hop, no policy`;

/** `tools/call` with everything on, against the least that a reverse proxy can do, against what turns OpenAPI into MCP with less, and on two workers. */
export async function toolsCall(bench: Bench): Promise<Row[]> {
  await installPeers();
  const upstreamUrl = await startUpstream(bench);
  const system = await startItemsSystem(bench, upstreamUrl);
  return [
    ...(await againstHopAndEnvoy(bench, system, upstreamUrl)),
    ...(await againstNpmPeers(bench, system, upstreamUrl)),
    ...(await onTwoWorkers(bench, system)),
    ...(await addedLatency(bench, system, upstreamUrl)),
  ];
}

async function againstHopAndEnvoy(bench: Bench, system: ItemsSystem, upstreamUrl: string): Promise<Row[]> {
  const ours = await system.startGateway({ name: 'gateway' });
  const hop = await startSubject(bench, 'bare-hop', { UPSTREAM_URL: upstreamUrl });
  const nothing = await startSubject(bench, 'null-server');
  const envoy = await startEnvoy(bench, upstreamUrl).catch(reasonOf);
  const subjects: Record<string, Subject> = {
    'STOA Gateway, 2025-11-25': { connections, pids: ours.pids, workload: ours.workload() },
    'bare undici hop': { connections, pids: hop.pids, workload: { kind: 'rest', urls: [hop.url] } },
    ...(typeof envoy !== 'string' && { Envoy: { connections, pids: envoy.pids, workload: envoy.workload } }),
    'STOA Gateway, 2026-07-28': { connections, pids: ours.pids, workload: ours.workload('2026-07-28') },
    'load generator alone': { connections, workload: { kind: 'rest', urls: [nothing.url] } },
  };
  const measured = await throughput(bench, subjects);
  const of = (name: string): Throughput => measured[name] as Throughput;
  const [legacy, bare] = [of('STOA Gateway, 2025-11-25'), of('bare undici hop')];
  const call = 'Gateway tools/call, everything on';
  const againstEnvoy = { metric: `${call}: processor time for an answer, against Envoy's own MCP bridge`, unit: 'µs' };
  return [
    compare({ metric: `${call}: processor time for an answer`, unit: 'µs', peer: hopName }, legacy.cpuUs, bare.cpuUs, { atMost: 1.3 }),
    compare({ metric: `${call}: answers over ${connections} connections`, unit: '/s', peer: hopName }, legacy, bare, { atLeast: 0.8 }),
    typeof envoy === 'string'
      ? unmeasured({ ...againstEnvoy, why: envoy }, { atMost: 1 }, '×')
      : compare(
          {
            ...againstEnvoy,
            peer: envoyName,
            note: `${perSecond(legacy)} against ${perSecond(of('Envoy'))}; Envoy validates no arguments and gives text only`,
          },
          legacy.cpuUs,
          of('Envoy').cpuUs,
          { atMost: 1 },
        ),
    compare(
      { metric: `${call}, revision 2026-07-28: processor time for an answer`, unit: 'µs', peer: hopName },
      of('STOA Gateway, 2026-07-28').cpuUs,
      bare.cpuUs,
    ),
    compare(
      { metric: 'Load generator against a server that does nothing: what it could measure', unit: '/s', peer: hopName },
      of('load generator alone'),
      bare,
      { atLeast: 2 },
    ),
  ];
}

/** A row for each peer, the fastest first; the target is for that one. Every subject has one core. */
async function againstNpmPeers(bench: Bench, system: ItemsSystem, upstreamUrl: string): Promise<Row[]> {
  const gateway = await system.startGateway({ name: 'gateway-beside-peers' });
  const running = await startOpenApiPeers(bench, upstreamUrl, 'one', bench.plan.cores?.subject);
  const metric = 'Gateway tools/call, everything on, one core each: answers';
  const best = `${metric}, against the best npm peer turning OpenAPI into MCP`;
  if (running.length === 0)
    return [unmeasured({ metric: best, unit: '/s', why: 'No peer came up: see what was printed of each.' }, { atLeast: 6 }, '×')];
  const subjects: Record<string, Subject> = { 'STOA Gateway': { connections, pids: gateway.pids, workload: gateway.workload() } };
  for (const peer of running) subjects[peer.name] = { connections, workload: peer.workload };
  const { 'STOA Gateway': own, ...theirs } = await throughput(bench, subjects);
  const ranked = Object.entries(theirs).sort(([, a], [, b]) => b.median - a.median);
  return ranked.map(([peer, rounds], rank) =>
    rank === 0
      ? compare({ metric: best, unit: '/s', peer }, own as Throughput, rounds, { atLeast: 6 })
      : compare({ metric: `${metric}, against another npm peer turning OpenAPI into MCP`, unit: '/s', peer }, own as Throughput, rounds),
  );
}

/** One process with two workers against one with one: what a call costs, and, where the others have cores of their own, how many are answered. */
async function onTwoWorkers(bench: Bench, system: ItemsSystem): Promise<Row[]> {
  const { cores } = bench.plan;
  const cost = { metric: 'STOA_WORKERS=2: processor time for an answer', unit: 'µs' };
  const answers = { metric: 'STOA_WORKERS=2: answers', unit: '/s' };
  const peer = 'one worker';
  const hasRoom = cores !== undefined && new Set([...cores.subject, ...cores.load, ...cores.upstream, ...cores.store]).size >= 4;
  // With two cores one worker shares its own with the load, the upstream and the database.
  const both = cores && [...new Set([...cores.subject, ...cores.store])];
  const started = await Promise.all(
    ['1', '2'].map((workers) => system.startGateway({ name: `gateway-of-${workers}`, cores: both, env: { STOA_WORKERS: workers } })),
  ).catch(reasonOf);
  if (typeof started === 'string')
    return [unmeasured({ ...cost, why: started }, { atMost: 1.1 }, '×'), unmeasured({ ...answers, why: started }, { atLeast: 1.8 }, '×')];
  const [one, two] = started.map(({ pids, workload }): Subject => ({ connections, pids, workload: workload() })) as [Subject, Subject];
  const measured = await throughput(bench, { 'two workers': two, 'one worker': one });
  const [ours, against] = [measured['two workers'], measured['one worker']];
  const why =
    'The load generator, the upstream and the database need cores of their own for two workers to show what they can: four at least. The processor time for an answer is what was measured instead.';
  return [
    compare({ ...cost, peer }, ours.cpuUs, against.cpuUs, { atMost: 1.1 }),
    compare({ ...answers, peer, ...(!hasRoom && { why }) }, ours, against, { atLeast: 1.8 }),
  ];
}

const ratePerS = 200;

/** What a Gateway adds to the latency of an API at a load that troubles neither; to know, without a target. */
async function addedLatency(bench: Bench, system: ItemsSystem, upstreamUrl: string): Promise<Row[]> {
  const ours = await system.startGateway({ name: 'gateway-at-rest' });
  const rate = { connections: 16, ratePerS };
  const measured = await latency(bench, 0.5, {
    'STOA Gateway': { ...rate, workload: ours.workload() },
    'REST API itself': { ...rate, workload: { kind: 'rest', urls: [upstreamUrl] } },
  });
  const direct = measured['REST API itself'];
  const added = roundsOf(measured['STOA Gateway'].values.map((value, at) => value - (direct.values[at] ?? Number.NaN)));
  const metric = `Gateway tools/call: p50 added at ${ratePerS}/s, from when a call was due`;
  return [bounded({ metric, unit: 'ms' }, added, {}, { peer: 'p50 of the REST API itself', rounds: direct })];
}

const perSecond = ({ median }: Throughput): string => `${Math.round(median)}/s`;
