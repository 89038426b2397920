import type { Row } from '../report/result.ts';
import type { Bench } from '../system/bench.ts';
import { boundary } from './boundary.ts';
import { connect } from './connect.ts';
import { federation } from './federation.ts';
import { fanOut } from './fan-out.ts';
import { fleet } from './fleet.ts';
import { herd } from './herd.ts';
import { identity } from './identity.ts';
import { scale } from './scale.ts';
import { telemetry } from './telemetry.ts';
import { toolsCall } from './tools-call.ts';

export type Benchmark = {
  describe: string;
  /** What in it is not the real thing. */
  simulated?: string;
  run(bench: Bench): Promise<Row[]>;
};

export const benchmarks: Readonly<Record<string, Benchmark>> = {
  scale: {
    describe: 'what a change, a start and one more API cost, by how much there is already',
    simulated: 'the instance that APIs are published to is a light client',
    run: scale,
  },
  'fan-out': {
    describe: 'what one change costs the Control Plane when many instances wait for it',
    simulated: 'instances that poll are light clients of the registration protocol, but for four Gateways',
    run: fanOut,
  },
  fleet: {
    describe: 'what 50,000 instances cost: a tab of the Console, a change, their heartbeats',
    simulated: 'instances are registrations and heartbeats of the load generator over 64 kept-alive connections; none polls for its configuration',
    run: fleet,
  },
  herd: {
    describe: '50,000 instances that come back within a second',
    simulated: 'instances are light clients of the load generator, each with a connection of its own for each attempt, 8,000 open at a time',
    run: herd,
  },
  'tools-call': { describe: 'what a call costs a Gateway with everything on, against a bare hop, Envoy and npm packages', run: toolsCall },
  boundary: {
    describe: 'what callers by token, plans, policies and limits cost at every door, against bare hops, bare authorizers and peers',
    simulated: 'the issuer is that of the tests',
    run: boundary,
  },
  federation: { describe: 'what it takes to find one tool among ten thousand, and whether it is found', run: federation },
  telemetry: {
    describe: 'what it costs a Gateway to tell a collector of calls, against one that tells of none and the build before there was any',
    simulated: 'the collector takes all and looks at nothing',
    run: telemetry,
  },
  connect: {
    describe: 'what a Connect takes to bring a gateway to what is deployed, against an older build, and its memory',
    simulated: 'Kong is a simulator that answers as late as a real one; Caddy is real',
    run: connect,
  },
  identity: {
    describe: 'what a person waits for at the command line, and what heartbeats and polls cost against the build before rows belonged to tenants',
    simulated: 'instances are registrations and requests of the load generator over 64 kept-alive connections',
    run: identity,
  },
};
