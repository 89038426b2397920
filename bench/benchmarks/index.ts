import type { Row } from '../report/result.ts';
import type { Bench } from '../system/bench.ts';
import { gateway } from './gateway.ts';
import { heartbeat } from './heartbeat.ts';
import { gatewayLatency } from './latency.ts';
import { peers } from './peers.ts';
import { replicas } from './replicas.ts';

export type Benchmark = { describe: string; run(bench: Bench): Promise<Row[]> };

export const benchmarks: Readonly<Record<string, Benchmark>> = {
  gateway: { describe: 'calls a second of a Gateway with everything on, against a bare reverse-proxy hop', run: gateway },
  peers: { describe: 'the same, against npm packages that turn OpenAPI into MCP', run: peers },
  replicas: { describe: 'two Gateway replicas against one', run: replicas },
  latency: { describe: 'what a Gateway adds to the latency of an API at 200 calls a second', run: gatewayLatency },
  heartbeat: { describe: 'heartbeats a second of the Control Plane, committed, against bare Express without a database', run: heartbeat },
};
