import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClientCredentialsProvider, Client as ModernClient, StreamableHTTPClientTransport as ModernTransport } from '@modelcontextprotocol/client';
import { Client as ClassicClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as ClassicTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { settings as gatewaySettings } from '@stoa/gateway/config.ts';
import { startGateway } from '@stoa/gateway/start.ts';
import type { MintedServiceAccount } from '@stoa/generated/schemas.ts';
import { closeGracefully, listen } from '@stoa/lib/listen.ts';
import { createLogger } from '@stoa/lib/log.ts';
import type { Runtime } from '@stoa/mcp/start.ts';
import { documentOf, makerIn } from '@stoa/server/testing/catalog.ts';
import { joinAsOwner, signIn } from '@stoa/server/testing/person.ts';
import type { Person } from '@stoa/server/testing/person.ts';
import { ScriptedBrowser } from '@stoa/server/testing/scripted-browser.ts';
import { startTestControlPlane } from '@stoa/server/testing/test-control-plane.ts';
import type { TestControlPlane } from '@stoa/server/testing/test-control-plane.ts';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startSecondProvider } from './second-provider.ts';
import type { SecondProvider } from './second-provider.ts';

// Each provider, agents and the gateway are as they run; only time is made to pass.
let plane: TestControlPlane;
let owner: Person;
let gateway: Runtime;
let second: SecondProvider;
let stateDir: string;
let signIns = 0;
const wall = Date.now.bind(Date);
let passedMs = 0;
/** For everyone but the database, and never back: the gateway believes no clock that goes back. */
async function pass(ms: number): Promise<void> {
  passedMs += ms;
  await second.pass(ms);
}
const upstream = createServer((_request, response) => response.setHeader('content-type', 'application/json').end('{"answer":42}'));

beforeAll(async () => {
  Date.now = () => wall() + passedMs;
  [plane, second, stateDir] = await Promise.all([startTestControlPlane(), startSecondProvider(), mkdtemp(join(tmpdir(), 'stoa-gateway-'))]);
  owner = await joinAsOwner(plane);
  const make = makerIn(plane);
  const upstream_url = await listen(upstream, { host: '127.0.0.1', port: 0 });
  const api = await make.api({ name: 'things', document: documentOf('getThing'), upstream_url, open_to_all_consumers: true });
  await make.deployment(api, { environments: ['production'] });
  await make.post('/v1/consumers', { name: 'agents' });
  const env = {
    STOA_CONTROL_PLANE_URL: plane.url,
    STOA_GATEWAY_KEY: await plane.mintGatewayKey(),
    STOA_LISTEN: '127.0.0.1:0',
    STOA_ENVIRONMENT: 'production',
    STOA_STATE_DIR: stateDir,
  };
  gateway = await startGateway(gatewaySettings.load({ argv: [], env }), createLogger({ program: 'test', level: 'silent' }));
});
afterAll(async () => {
  Date.now = wall;
  await gateway.stop();
  await Promise.all([plane.close(), second.stop(), closeGracefully(upstream, 0)]);
  await rm(stateDir, { recursive: true, force: true });
});

/** Trusts one issuer and no other, for one consumer, and waits until the gateway does. */
async function trust(issuer: string, rule: object = { claim: 'iss', value: issuer, consumer: 'agents' }): Promise<void> {
  const { body } = await plane.request<{ items: { trusted_issuer_id: string }[] }>('GET', '/v1/trusted-issuers');
  for (const { trusted_issuer_id: id } of body.items) await plane.request('DELETE', `/v1/trusted-issuers/${id}`);
  const rules = { issuer, consumers: [rule], scopes: ['mcp:tools'] };
  expect((await plane.request('POST', '/v1/trusted-issuers', { body: { name: 'agents', rules } })).status).toBe(201);
  const told = async () =>
    ((await (await fetch(`${gateway.url}/.well-known/oauth-protected-resource/mcp`)).json()) as { authorization_servers?: string[] })
      .authorization_servers;
  await vi.waitFor(async () => expect(await told()).toEqual([issuer]), { timeout: 90_000, interval: 50 });
}

/** What a program that uses an SDK keeps, and a person who lets it in when he is asked. */
class Agent {
  readonly redirectUrl = 'http://127.0.0.1:50505/callback';
  readonly clientMetadata = {
    client_name: 'An agent',
    redirect_uris: [this.redirectUrl],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
  };
  client: object | undefined;
  kept: { access_token: string } | undefined;
  verifier = '';
  sentTo: URL | undefined;
  clientInformation = () => this.client;
  saveClientInformation = (client: unknown) => void (this.client = client as object);
  tokens = () => this.kept;
  saveTokens = (tokens: unknown) => void (this.kept = tokens as { access_token: string });
  redirectToAuthorization = (url: URL) => {
    signIns += 1;
    this.sentTo = url;
  };
  saveCodeVerifier = (verifier: string) => void (this.verifier = verifier);
  codeVerifier = () => this.verifier;
}

type Session = {
  listTools(): Promise<{ tools: { name: string }[] }>;
  callTool(params: { name: string; arguments: object }): Promise<unknown>;
  close(): Promise<void>;
};
type Way = { finishAuth(code: string, issuer?: string): Promise<void> };
/** A transport of its own for each attempt, as the SDKs want it. */
const sdks: [name: string, open: (url: URL, agent: Agent) => { way: Way; connect(): Promise<Session> }][] = [
  [
    'the SDK 1.x',
    (url, authProvider) => {
      const way = new ClassicTransport(url, { authProvider: authProvider as never });
      const client = new ClassicClient({ name: 'agent', version: '1' });
      return { way, connect: async () => client.connect(way as never).then(() => client as unknown as Session) };
    },
  ],
  [
    'the SDK 2.x',
    (url, authProvider) => {
      const way = new ModernTransport(url, { authProvider: authProvider as never });
      const client = new ModernClient({ name: 'agent', version: '1' });
      return { way, connect: async () => client.connect(way).then(() => client as unknown as Session) };
    },
  ],
];

const providers: [name: string, issuer: () => string, letIn: (url: string) => Promise<string>][] = [
  [
    'the embedded issuer',
    () => `${plane.url}/oidc`,
    async (url) => {
      const browser = new ScriptedBrowser(plane.url);
      return (await browser.submit(await signIn(browser, await browser.open(url), owner), {}, '/consent')).url;
    },
  ],
  [
    'a second provider',
    () => second.issuer,
    async (url) => {
      const browser = new ScriptedBrowser(second.issuer);
      const page = await browser.submit(await browser.open(url), { login: 'ada', password: 'any' });
      return (await browser.submit(page)).url;
    },
  ],
];

it('a machine signs in at the embedded issuer with its own credentials and calls, without anybody who lets it in', async () => {
  const issuer = `${plane.url}/oidc`;
  const { body } = await plane.request<MintedServiceAccount>('POST', '/v1/service-accounts', { body: { name: 'machine', roles: ['viewer'] } });
  const { client_id: clientId } = body.service_account;
  await trust(issuer, { claim: 'client_id', value: clientId, consumer: 'agents' });
  const authProvider = new ClientCredentialsProvider({ clientId, clientSecret: body.client_secret, expectedIssuer: issuer });
  const client = new ModernClient({ name: 'machine', version: '1' });
  await client.connect(new ModernTransport(new URL(`${gateway.url}/mcp`), { authProvider }));
  expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(['things_getThing']);
  expect(JSON.stringify(await client.callTool({ name: 'things_getThing', arguments: {} }))).toContain('42');
  await client.close();
}, 100_000);

describe.each(providers)('with %s', (_provider, issuer, letIn) => {
  it.each(sdks)(
    '%s signs in, calls, and goes on in parallel when its first token has ended, without asking again',
    async (_name, open) => {
      await trust(issuer());
      signIns = 0;
      const agent = new Agent();
      const url = new URL(`${gateway.url}/mcp`);
      const first = open(url, agent);
      await expect(first.connect()).rejects.toThrow();
      const back = new URL(await letIn(agent.sentTo?.href ?? '')).searchParams;
      await first.way.finishAuth(back.get('code') ?? '', back.get('iss') ?? '');
      const session = await open(url, agent).connect();
      const tools = (await session.listTools()).tools.map(({ name }) => name);
      expect(tools).toEqual(['things_getThing']);
      const token = agent.kept?.access_token;
      const call = () => session.callTool({ name: 'things_getThing', arguments: {} });
      expect(JSON.stringify(await call())).toContain('42');
      await pass(11 * 60_000);
      const results = await Promise.all([call(), call(), call(), call()]);
      expect(results.map((result) => JSON.stringify(result).includes('42'))).toEqual([true, true, true, true]);
      expect(agent.kept?.access_token).not.toBe(token);
      expect(signIns).toBe(1);
      await session.close();
      // A gateway whose clock jumped registers anew before it is told of another issuer.
    },
    150_000,
  );
});
