import { createRequire } from 'node:module';
import { compare } from '../report/result.ts';
import type { Row } from '../report/result.ts';
import type { Bench } from '../system/bench.ts';
import { startItemsSystem, startSubject, startUpstream } from '../system/items-system.ts';
import { cpuNote, throughput } from './throughput.ts';

const connections = 32;
const { version: undici } = createRequire(import.meta.url)('undici/package.json') as { version: string };

/** `tools/call` with everything on, against the least that a reverse proxy can do. */
export async function gateway(bench: Bench): Promise<Row[]> {
  const upstreamUrl = await startUpstream(bench);
  const system = await startItemsSystem(bench, upstreamUrl);
  const ours = await system.startGateway('gateway');
  const hop = await startSubject(bench, 'bare-hop', { UPSTREAM_URL: upstreamUrl });
  const nothing = await startSubject(bench, 'null-server');
  const measured = await throughput(bench, {
    'STOA Gateway, 2025-11-25': { connections, pids: ours.pids, workload: ours.workload() },
    'STOA Gateway, 2026-07-28': { connections, pids: ours.pids, workload: ours.workload('2026-07-28') },
    'bare undici hop': { connections, pids: hop.pids, workload: { kind: 'rest', urls: [hop.url] } },
    'load generator alone': { connections, workload: { kind: 'rest', urls: [nothing.url] } },
  });
  const { 'STOA Gateway, 2025-11-25': legacy, 'STOA Gateway, 2026-07-28': modern, 'bare undici hop': bare } = measured;
  const peer = `bare node:http + undici ${undici} hop, no policy`;
  return [
    compare({ metric: 'Gateway tools/call, 32 connections, everything on', unit: '/s', peer, atLeast: 0.55, ...cpuNote(legacy, bare) }, legacy, bare),
    compare({ metric: 'Gateway tools/call of revision 2026-07-28, as above', unit: '/s', peer, ...cpuNote(modern, bare) }, modern, bare),
    compare(
      { metric: 'Load generator against a server that does nothing: what it could measure', unit: '/s', peer, atLeast: 2 },
      measured['load generator alone'],
      bare,
    ),
  ];
}
