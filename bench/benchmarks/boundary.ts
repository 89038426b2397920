import { createRequire } from 'node:module';
import { envoyAsking, startAskingEnvoy, startNginx } from '../peers/asking-gateways.ts';
import { envoyName, startEnvoy } from '../peers/envoy.ts';
import { fastmcpName, startFastmcp } from '../peers/fastmcp-jwt.ts';
import { bounded, compare, reasonOf, roundsOf, unmeasured } from '../report/result.ts';
import type { Row, Rounds } from '../report/result.ts';
import type { Bench } from '../system/bench.ts';
import { audience, startBoundary } from '../system/boundary-system.ts';
import type { Boundary } from '../system/boundary-system.ts';
import { startSubject, startUpstream } from '../system/items-system.ts';
import { freePort } from '../system/processes.ts';
import { replicas } from './replicas.ts';
import { latency, throughput } from '../system/throughput.ts';
import type { Subject, Throughput } from '../system/throughput.ts';

const connections = 32;
const { version: undici } = createRequire(import.meta.url)('undici/package.json') as { version: string };
const hopName = `bare node:http + undici ${undici} hop, no policy`;
const authorizerName = 'bare node:http authorizer that always says yes';

/** What the boundary costs: callers by token, a plan, 100 Cedar policies, a limit and durable metering, at every door. */
export async function boundary(bench: Bench): Promise<Row[]> {
  const upstreamUrl = await startUpstream(bench);
  const system = await startBoundary(bench, upstreamUrl);
  return [
    ...(await doorsAgainstHop(bench, system, upstreamUrl)),
    ...(await freshTokens(bench, system)),
    ...(await askedByEnvoy(bench, system, upstreamUrl)),
    ...(await addedLatency(bench, system, upstreamUrl)),
    ...(await replicas(bench, system, upstreamUrl)),
  ];
}

async function doorsAgainstHop(bench: Bench, system: Boundary, upstreamUrl: string): Promise<Row[]> {
  const gateway = await system.startGateway('gateway');
  const lookingAtCalls = await (await startBoundary(bench, upstreamUrl, { byCall: true, name: 'boundary-by-call' })).startGateway('gateway');
  const hop = await startSubject(bench, 'bare-hop', { UPSTREAM_URL: upstreamUrl });
  const envoy = await startEnvoy(bench, upstreamUrl).catch(reasonOf);
  const { token, issuer } = system;
  const fastmcp = await startFastmcp(bench, { upstreamUrl, issuer: issuer.issuer, audience, token }).catch(reasonOf);
  const subjects: Record<string, Subject> = {
    'tools/call by token': { connections, pids: gateway.pids, workload: gateway.call },
    'bare undici hop': { connections, pids: hop.pids, workload: { kind: 'rest', urls: [hop.url] } },
    'REST door by token': { connections, pids: gateway.pids, workload: gateway.rest },
    'tools/call, policies look at calls': { connections, pids: lookingAtCalls.pids, workload: lookingAtCalls.call },
    ...(typeof envoy !== 'string' && { Envoy: { connections, pids: envoy.pids, workload: envoy.workload } }),
    ...(typeof fastmcp !== 'string' && { fastmcp: { connections, pids: fastmcp.pids, workload: fastmcp.workload } }),
  };
  const measured = await throughput(bench, subjects);
  const of = (name: string): Throughput => measured[name] as Throughput;
  const [call, bare] = [of('tools/call by token'), of('bare undici hop')];
  const cost = 'processor time for an answer';
  const metric = 'Gateway tools/call by ES256 token, plan, 100 Cedar policies, limit, metering';
  const againstEnvoy = { metric: `${metric}: ${cost}, against Envoy's own MCP bridge with keys and a limit`, unit: 'µs' };
  const againstFastmcp = { metric: `${metric}: answers, against fastmcp with its verifier of tokens`, unit: '/s' };
  return [
    compare({ metric: `${metric}: ${cost}`, unit: 'µs', peer: hopName }, call.cpuUs, bare.cpuUs, { atMost: 1.35 }),
    compare(
      { metric: `The same, of whose five policies about the tool two look at arguments and claims: ${cost}`, unit: 'µs', peer: hopName },
      of('tools/call, policies look at calls').cpuUs,
      bare.cpuUs,
    ),
    compare({ metric: `REST door with the same: ${cost}`, unit: 'µs', peer: hopName }, of('REST door by token').cpuUs, bare.cpuUs, { atMost: 1.25 }),
    typeof envoy === 'string'
      ? unmeasured({ ...againstEnvoy, why: envoy }, { atMost: 1.05 }, '×')
      : compare({ ...againstEnvoy, peer: envoyName }, call.cpuUs, of('Envoy').cpuUs, { atMost: 1.05 }),
    typeof fastmcp === 'string'
      ? unmeasured({ ...againstFastmcp, why: fastmcp }, { atLeast: 6 }, '×')
      : compare({ ...againstFastmcp, peer: fastmcpName }, call, of('fastmcp'), { atLeast: 6 }),
  ];
}

/** At a lower rate most of what a call costs is to wake up for it, whatever its token is. */
const freshPerS = 1000;

/** Each call presents a token that the Gateway has not seen: it has to be verified. */
async function freshTokens(bench: Bench, system: Boundary): Promise<Row[]> {
  const { pids, call } = await system.startGateway('gateway-of-strangers');
  const { rounds, seconds, warmUpS } = bench.options;
  const each: number[] = [];
  const known: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const tokens = await system.freshTokens(Math.ceil(freshPerS * (seconds + warmUpS)) + 100);
    const atRate = { connections: 16, pids, ratePerS: freshPerS, byTimer: true };
    const measured = await throughput(
      { ...bench, options: { ...bench.options, rounds: 1 } },
      { fresh: { ...atRate, workload: { ...call, tokens } }, 'the same token': { ...atRate, workload: call } },
    );
    each.push(measured.fresh.cpuUs.median);
    known.push(measured['the same token'].cpuUs.median);
  }
  return [
    bounded(
      { metric: `Gateway tools/call by an RS256 token that is seen for the first time: processor time at ${freshPerS}/s`, unit: 'µs' },
      roundsOf(each),
      { atMost: 250 },
      { peer: 'a call by one token all the time, at the same rate', rounds: roundsOf(known) },
    ),
  ];
}

/** What of a question is Link's own, behind a real Envoy. */
async function askedByEnvoy(bench: Bench, system: Boundary, upstreamUrl: string): Promise<Row[]> {
  const metric = (by: string): string => `Link asked over ${by} by Envoy: its processor time for an answer`;
  try {
    const link = await system.startLink('link-behind-envoy');
    const plain = await startSubject(bench, 'null-authorizer');
    const grpcPort = await freePort();
    const plainGrpc = await startSubject(bench, 'null-grpc-authorizer', { GRPC_PORT: String(grpcPort) });
    const headers = { authorization: `Bearer ${system.token}` };
    const asking = async (by: 'http' | 'grpc', name: string, authorizerPort: number, pids: number[]): Promise<Subject> => {
      const url = await startAskingEnvoy(bench, by, { name: `envoy-${name}`, upstreamUrl, authorizerPort });
      return { connections, pids, workload: { kind: 'rest', urls: [url], headers } };
    };
    const measured = await throughput(bench, {
      'Link, HTTP': await asking('http', 'link', link.port, link.pids),
      'null authorizer, HTTP': await asking('http', 'null', Number(new URL(plain.url).port), plain.pids),
      'Link, gRPC': await asking('grpc', 'link-grpc', link.grpcPort, link.pids),
      'null authorizer, gRPC': await asking('grpc', 'null-grpc', grpcPort, plainGrpc.pids),
    });
    const [http, grpc, least, leastGrpc] = [
      measured['Link, HTTP'],
      measured['Link, gRPC'],
      measured['null authorizer, HTTP'],
      measured['null authorizer, gRPC'],
    ];
    return [
      compare({ metric: metric('HTTP'), unit: 'µs', peer: authorizerName, note: envoyAsking.http }, http.cpuUs, least.cpuUs, { atMost: 1.3 }),
      compare(
        {
          metric: metric('gRPC'),
          unit: 'µs',
          peer: authorizerName,
          note: `${envoyAsking.grpc}; a gRPC server that always says yes takes ${leastGrpc.cpuUs.median.toFixed(0)} µs`,
        },
        grpc.cpuUs,
        least.cpuUs,
        { atMost: 1.3 },
      ),
    ];
  } catch (error) {
    return ['HTTP', 'gRPC'].map((by) => unmeasured({ metric: metric(by), unit: 'µs', why: reasonOf(error) }, { atMost: 1.3 }, '×'));
  }
}

const ratePerS = 200;

/** What it adds to the latency of an API at a load that troubles nobody: as a hop before the API, and asked by nginx. */
async function addedLatency(bench: Bench, system: Boundary, upstreamUrl: string): Promise<Row[]> {
  const link = await system.startLink('link-inline');
  const headers = { authorization: `Bearer ${system.token}` };
  const rate = { connections: 16, ratePerS };
  const rest = (url: string) => ({ ...rate, workload: { kind: 'rest' as const, urls: [url], headers } });
  const inline = { metric: `Link as a hop before the API: p50 added at ${ratePerS}/s, from when a request was due`, unit: 'ms' };
  const asked = { metric: `Link asked by nginx (auth_request): p50 added at ${ratePerS}/s`, unit: 'ms' };
  const hops = await latency(bench, 0.5, { inline: rest(`${link.url}/apis/items`), direct: rest(upstreamUrl) });
  const rows = [bounded(inline, minus(hops.inline, hops.direct), { atMost: 0.3 }, { peer: 'p50 of the REST API itself', rounds: hops.direct })];
  try {
    const plain = await startSubject(bench, 'null-authorizer');
    const nginx = (name: string, authorizerPort?: number) =>
      startNginx(bench, { name: `nginx-${name}`, upstreamUrl, ...(authorizerPort !== undefined && { authorizerPort }) });
    const measured = await latency(bench, 0.5, {
      link: rest(await nginx('link', link.port)),
      null: rest(await nginx('null', Number(new URL(plain.url).port))),
      alone: rest(await nginx('alone')),
    });
    const peer = { peer: `nginx + auth_request to a ${authorizerName}: p50 added`, rounds: minus(measured.null, measured.alone) };
    return [...rows, bounded(asked, minus(measured.link, measured.alone), { atMost: 0.45 }, peer)];
  } catch (error) {
    return [...rows, unmeasured({ ...asked, why: reasonOf(error) }, { atMost: 0.45 }, 'ms')];
  }
}

const minus = (one: Rounds, other: Rounds): Rounds => roundsOf(one.values.map((value, at) => value - (other.values[at] ?? Number.NaN)));
