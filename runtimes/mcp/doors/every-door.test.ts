import { X509Certificate, hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, request as httpRequest } from 'node:http';
import type { IncomingMessage, OutgoingHttpHeaders, Server } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { DoorName } from '@stoa/generated/schemas.ts';
import { closeGracefully, listen } from '@stoa/lib/listen.ts';
import { createDesiredStates } from '@stoa/control-plane-client/testing/desired-state.ts';
import { createLogger } from '@stoa/lib/log.ts';
import { Penalties } from '@stoa/lib/penalties.ts';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { CallMetering } from '../metering/meter.ts';
import { createServing } from '../serving.ts';
import { collectingIn } from '../testing/collected-usage.ts';
import { compile } from '../testing/fixtures.ts';
import { Holder } from '../testing/holder.ts';
import { TestIssuer } from '../testing/issuer.ts';
import { testOptions } from '../workers/testing/options.ts';
import { checkClient } from './grpc/testing/check-client.ts';
import type { CheckClient } from './grpc/testing/check-client.ts';
import { headersFor, modern, rpc, send } from './mcp/testing/fixture.ts';
import { doors } from './table.ts';
import {
  configurationOf,
  credentialOf,
  isForServers,
  isPresenter,
  presenters,
  requestOf,
  rows,
  serverConfigurationOf,
  serverTools,
} from './testing/rows.ts';
import type { Presenter, Row } from './testing/rows.ts';

// Every row of one table is sent through every door of one started system: each must come to the same verdict, and note the same of it (lesson 22).

/** What a door told whoever asked. */
type Told = { readonly allowed: boolean; readonly retryAfter: boolean; readonly challenge: string | undefined };
/** `judgesArguments`: whether it sees what the document says of arguments; a gateway that asks keeps the request. */
type Way = {
  readonly name: string;
  readonly door: string;
  readonly judgesArguments: boolean;
  readonly reaches: boolean;
  ask(row: Row): Promise<Told>;
};

let reached = 0;
const upstream = createServer((request, response) => {
  reached += 1;
  request.resume().once('end', () => response.writeHead(200, { 'content-type': 'application/json' }).end('{}'));
});
/** An MCP server of 2026-07-28 that has tools of the same names. */
const mcpServer = createServer((request, response) => {
  void text(request).then((body) => {
    const { id, method } = JSON.parse(body) as { id: number; method: string };
    if (method === 'tools/call') reached += 1;
    const results: Record<string, object> = {
      'server/discover': { supportedVersions: [modern], capabilities: { tools: {} }, serverInfo: { name: 'orders', version: '1' } },
      'tools/list': { tools: serverTools },
      'tools/call': { content: [] },
    };
    const result = results[method];
    const told = result === undefined ? { error: { code: -32601, message: 'Method not found' } } : { result: { ...result, resultType: 'complete' } };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ jsonrpc: '2.0', id, ...told }));
  });
});
let mcpServerUrl = '';
/** A gateway that cannot ask anybody: its upstream is Link. */
const hop: Server = createServer((request, response) => {
  const { connection: _, ...headers } = request.headers;
  request.pipe(
    httpRequest(`${url}/apis/orders${request.url}`, { method: request.method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    }),
  );
});
let url = '';
let hopUrl = '';
let upstreamUrl = '';
/** Where clients reach the gateway that asks. */
const front = 'https://front.example';
const issuer = new TestIssuer();
let holder: Holder;
let stranger: Holder;
let tokens: { plain: string; bound: string; certified: string };
const trusted = () => issuer.item({ audiences: ['any'], consumers: [{ claim: 'azp', value: 'helpdesk', consumer: 'subscriber' }] });
let grpc: CheckClient;
let serving: ReturnType<typeof createServing>;
const metered: CallMetering[] = [];

beforeAll(async () => {
  await issuer.listen();
  await issuer.addKey();
  [holder, stranger] = [await Holder.make(), await Holder.make()];
  const sign = (claims: object = {}) => issuer.sign({ aud: 'any', ...claims });
  const x5t = hash('sha256', new X509Certificate(pemOf('helpdesk')).raw, 'base64url');
  tokens = {
    plain: await sign(),
    bound: await sign({ cnf: { jkt: holder.jkt } }),
    certified: await sign({ cnf: { 'x5t#S256': x5t } }),
  };
  upstreamUrl = await listen(upstream, { host: '127.0.0.1', port: 0 });
  mcpServerUrl = await listen(mcpServer, { host: '127.0.0.1', port: 0 });
  hopUrl = await listen(hop, { host: '127.0.0.1', port: 0 });
  const probe = createTcpServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const grpcListen = `127.0.0.1:${(probe.address() as { port: number }).port}`;
  probe.close();
  const log = createLogger({ program: 'test', level: 'silent' });
  const options = {
    ...testOptions({ STOA_TRUSTED_PROXIES: '127.0.0.1', STOA_CLIENT_CERT_HEADER: 'x-ssl-client-cert' }),
    doors: Object.values(doors),
    grpcListen,
    frontUrls: [front],
  };
  const configState = () => ({ state: 'fresh' as const, generation: 1, hash: '' });
  serving = createServing(options, { log, usage: collectingIn([]), configState, approvals: { ask: async () => ({ state: 'pending' }) } });
  url = await serving.listen({ host: '127.0.0.1', port: 0 });
  grpc = checkClient(grpcListen);
  const { meter } = serving.engine;
  const record = meter.record.bind(meter);
  vi.spyOn(meter, 'record').mockImplementation((call) => {
    metered.push(call);
    record(call);
  });
  // Bad keys are slowed, which is another test's subject.
  vi.spyOn(Penalties.prototype, 'wait').mockResolvedValue();
});
afterAll(async () => {
  vi.restoreAllMocks();
  grpc.close();
  await serving.stop();
  await issuer.close();
  for (const server of [hop, upstream, mcpServer]) await closeGracefully(server, 0);
});

async function call(target: string, method: string, headers: OutgoingHttpHeaders, body?: string): Promise<Told> {
  const sent = httpRequest(target, { method, headers: { ...headers, ...(body !== undefined && { 'content-length': Buffer.byteLength(body) }) } });
  sent.end(body);
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  await text(answer);
  const { 'retry-after': retryAfter, 'www-authenticate': challenge } = answer.headers;
  return { allowed: answer.statusCode === 200, retryAfter: retryAfter !== undefined, challenge };
}

/** What a request for this address says of who sends it. */
async function told(row: Row, method: string, address: string): Promise<Record<string, string>> {
  const credential = credentialOf(row);
  return {
    'x-forwarded-for': row.address ?? '198.51.100.7',
    ...(credential !== undefined && { authorization: `Bearer ${credential}` }),
    ...(isPresenter(row.caller) && { ...certificateOf(row.caller), ...(await presentedBy(row.caller, method, address)) }),
  };
}

/** As a proxy tells of it. */
function certificateOf(caller: Presenter): Record<string, string> {
  const { certificate } = presenters[caller];
  return certificate === 'none' ? {} : { 'x-ssl-client-cert': encodeURIComponent(pemOf(certificate)) };
}
const pemOf = (name: string): string => readFileSync(join(import.meta.dirname, `../../../lib/testing/tls/${name}.pem`), 'utf8');

async function presentedBy(caller: Presenter, method: string, address: string): Promise<Record<string, string>> {
  const { token: kind, scheme, proof } = presenters[caller];
  if (kind === 'none') return {};
  const token = tokens[kind];
  const authorization = `${scheme} ${token}`;
  switch (proof) {
    case 'none':
      return { authorization };
    case 'good':
      return { authorization, dpop: await holder.prove(token, method, address) };
    case 'of another key':
      return { authorization, dpop: await stranger.prove(token, method, address) };
    case 'for another address':
      return { authorization, dpop: await holder.prove(token, method, `${address}/deeper`) };
    case 'for another method':
      return { authorization, dpop: await holder.prove(token, 'PATCH', address) };
    case 'used': {
      const dpop = await holder.prove(token, method, address);
      const demands = { token, jkt: holder.jkt, method, urls: [address], isNonceDemanded: false };
      expect(await serving.engine.proofs.judge(dpop, demands)).toEqual({ scheme: 'dpop', jkt: holder.jkt });
      return { authorization, dpop };
    }
  }
}

async function callTool(row: Row, revision: string, more: object = {}): Promise<Told> {
  const { tool, args } = requestOf(row);
  const message = rpc(revision, 'tools/call', { name: tool, arguments: args, ...more });
  const { authorization: _, ...headers } = headersFor(revision, message);
  const reply = await send(`${url}/mcp`, { headers: { ...headers, ...(await told(row, 'POST', `${url}/mcp`)) }, body: JSON.stringify(message) });
  const { result } = (reply.message ?? {}) as { result?: { isError?: boolean } };
  const { 'retry-after': retryAfter, 'www-authenticate': challenge } = reply.headers;
  return { allowed: reply.status === 200 && result !== undefined && result.isError !== true, retryAfter: retryAfter !== undefined, challenge };
}

const tools = (name: string, revision: string, more?: object): Way => ({
  name,
  door: 'mcp',
  judgesArguments: true,
  reaches: true,
  ask: (row) => callTool(row, revision, more),
});

const ways: Way[] = [
  tools('MCP 2026-07-28', modern),
  tools('MCP 2025-11-25', '2025-11-25'),
  tools('MCP 2025-11-25 through the SDK', '2025-11-25', { unknown: true }),
  {
    name: 'REST',
    door: 'rest',
    judgesArguments: true,
    reaches: true,
    async ask(row) {
      const { method, path, body } = requestOf(row);
      const address = `${url}/apis/orders${path}`;
      return call(address, method, await told(row, method, address), body);
    },
  },
  {
    name: 'a hop of another gateway',
    door: 'rest',
    judgesArguments: true,
    reaches: true,
    async ask(row) {
      const { method, path, body } = requestOf(row);
      return call(`${hopUrl}${path}`, method, await told(row, method, `${url}/apis/orders${path}`), body);
    },
  },
  {
    name: '/authz as Envoy asks',
    door: 'authz',
    judgesArguments: false,
    reaches: false,
    async ask(row) {
      const { method, path } = requestOf(row);
      return call(`${url}/authz/v1${path}`, method, { ...(await told(row, method, `${front}/v1${path}`)), ...lengthOf(row) });
    },
  },
  {
    name: '/authz as nginx asks',
    door: 'authz',
    judgesArguments: false,
    reaches: false,
    async ask(row) {
      const { method, path } = requestOf(row);
      const who = await told(row, method, `${front}/v1${path}`);
      return call(`${url}/authz`, 'GET', { ...who, ...lengthOf(row), 'x-original-method': method, 'x-original-uri': `/v1${path}` });
    },
  },
  {
    name: '/authz as Traefik asks',
    door: 'authz',
    judgesArguments: false,
    reaches: false,
    async ask(row) {
      const { method, path } = requestOf(row);
      const who = await told(row, method, `${front}/v1${path}`);
      return call(`${url}/authz`, 'GET', { ...who, ...lengthOf(row), 'x-forwarded-method': method, 'x-forwarded-uri': `/v1${path}` });
    },
  },
  {
    name: 'gRPC',
    door: 'grpc',
    judgesArguments: false,
    reaches: false,
    async ask(row) {
      const { method, path, body } = requestOf(row);
      // Envoy tells of a certificate beside the headers, in which it is the caller's own word.
      const { 'x-forwarded-for': _, 'x-ssl-client-cert': certificate, ...headers } = await told(row, method, `${front}/v1${path}`);
      const http = { method, path: `/v1${path}`, headers, size: String(body?.length ?? -1) };
      const { status, denied_response: denied } = await grpc.check(http, row.address ?? '198.51.100.7', certificate);
      const headerOf = (name: string) => denied?.headers.find(({ header }) => header.key === name)?.header.value;
      return { allowed: status.code === 0, retryAfter: headerOf('retry-after') !== undefined, challenge: headerOf('www-authenticate') };
    },
  },
];

/** The size that a gateway tells of a body which it keeps. */
const lengthOf = (row: Row): OutgoingHttpHeaders => {
  const { body } = requestOf(row);
  return body === undefined ? {} : { 'x-original-content-length': String(body.length) };
};

/** A request without a credential gets no error code (RFC 6750 §3.1). */
const challengeTo = (row: Row): string => {
  if (!isPresenter(row.caller)) return `Bearer realm="stoa"${credentialOf(row) === undefined ? '' : ', error="invalid_token"'}`;
  const { scheme, token } = presenters[row.caller];
  if (token === 'none') return 'Bearer realm="stoa"';
  return `${scheme} realm="stoa", error="${scheme === 'DPoP' && token === 'bound' ? 'invalid_dpop_proof' : 'invalid_token'}"`;
};
/** Without what is for people, or about the door itself. */
const plainly = (challenge: string | undefined) => challenge?.replace(/, (?:error_description|algs|resource_metadata)="[^"]*"/g, '');

it('has some sixty rows, each another, and a way for each door', () => {
  expect(rows.length).toBeGreaterThanOrEqual(60);
  expect(new Set(rows.map(({ name }) => name)).size).toBe(rows.length);
  expect(new Set(ways.map(({ door }) => door))).toEqual(new Set(Object.keys(doors)));
});

/** Tries a row by these ways; `configure` has it served. */
async function tryRow(row: Row, among: readonly Way[], configure: (row: Row) => Promise<void> | void): Promise<void> {
  // Anew for each way where calls are counted, so that those of one door do not stand in the way of the next.
  const isCounted = row.callsBefore !== undefined || row.caller === 'planned';
  for (const [at, way] of among.entries()) {
    if (at === 0 || isCounted) await configure(row);
    for (let before = 0; before < (row.callsBefore ?? 0); before += 1) await way.ask({ ...row, callsBefore: 0 });
    metered.length = reached = 0;
    const seen = row.outcome === 'invalid_arguments' && !way.judgesArguments ? 'ok' : row.outcome;
    const outcome = way.reaches ? seen : (row.unseen ?? seen);
    const answer = await way.ask(row);
    const [noted] = metered;
    const isKnown = !['unauthenticated', 'unknown'].includes(outcome);
    expect({
      way: way.name,
      ...answer,
      challenge: plainly(answer.challenge),
      reached,
      calls: metered.length,
      door: noted?.door,
      outcome: noted?.outcome,
      caller: noted?.consumerId,
    }).toEqual({
      way: way.name,
      allowed: outcome === 'ok',
      retryAfter: outcome === 'rate_limited',
      challenge: outcome === 'unauthenticated' ? challengeTo(row) : undefined,
      reached: outcome === 'ok' && way.reaches ? 1 : 0,
      calls: 1,
      door: way.door,
      outcome,
      caller: row.consumerId,
    });
    if (isKnown) expect([way.name, noted?.operation?.operationId]).toEqual([way.name, row.operation]);
  }
}

describe.each(rows)('$name', (row) => {
  it('is the same at every door', () =>
    tryRow(row, ways, (one) =>
      serving.engine.replace(compile(configurationOf(one, upstreamUrl, trusted()), Object.keys(doors) as DoorName[]).snapshot),
    ));
});

describe('with a tool of an MCP server in the place of the API,', () => {
  const ofMcp = ways.filter(({ door }) => door === 'mcp');
  let generation = 0;
  const stateOf = createDesiredStates();
  const serve = async (row: Row): Promise<void> => {
    const config = serverConfigurationOf(row, mcpServerUrl, trusted());
    await serving.apply(stateOf({ ...config, generation: (generation += 1) }));
  };
  beforeAll(async () => {
    const [first] = rows;
    if (first !== undefined) await serve(first);
    while (!serving.engine.snapshot.tools.has('orders_getOrder')) await new Promise((resolve) => setTimeout(resolve, 10));
  });

  it('most rows are about it as well', () => {
    expect(rows.filter(isForServers).length).toBeGreaterThanOrEqual(60);
  });

  it.each(rows.filter(isForServers))('$name', (row) => tryRow(row, ofMcp, serve));
});
