import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import { decodeJwt, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AnyUpstreamCredential, MintedServiceAccount } from '@stoa/generated/schemas.ts';
import { closeGracefully, listen } from '@stoa/lib/listen.ts';
import { callTool } from '@stoa/mcp/decide/call-tool.ts';
import type { CallOutcome } from '@stoa/mcp/decide/call-outcome.ts';
import type { Caller } from '@stoa/mcp/model.ts';
import { apiItem, configOf, consumerItem, engineOf } from '@stoa/mcp/testing/fixtures.ts';
import { TestIssuer } from '@stoa/mcp/testing/issuer.ts';
import { asGateway } from '@stoa/server/testing/gateways.ts';
import { askForToken, codeFor } from '@stoa/server/testing/oauth-client.ts';
import { joinAsOwner } from '@stoa/server/testing/person.ts';
import { ScriptedBrowser } from '@stoa/server/testing/scripted-browser.ts';
import { startTestControlPlane } from '@stoa/server/testing/test-control-plane.ts';
import type { TestControlPlane } from '@stoa/server/testing/test-control-plane.ts';
import { gatewayClients, startSecondProvider } from './second-provider.ts';
import type { SecondProvider } from './second-provider.ts';

const mcpUrl = 'http://127.0.0.1:7001/mcp';
const orders = 'https://orders.example.com/';
const { item: agent } = consumerItem();
/** Whom the callers are of. */
const agents = new TestIssuer();
const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const seen: IncomingHttpHeaders[] = [];
const upstream = createServer((request, response) => {
  seen.push(request.headers);
  response.end('an order');
});
let url: string;
let plane: TestControlPlane;
let second: SecondProvider;

beforeAll(async () => {
  url = await listen(upstream, { host: '127.0.0.1', port: 0 });
  second = await startSecondProvider({ ...publicKey.export({ format: 'jwk' }), kid: 'k1', alg: 'ES256', use: 'sig' });
  plane = await startTestControlPlane({ STOA_LOG_LEVEL: 'silent' });
});
afterAll(() => Promise.all([closeGracefully(upstream, 0), second?.stop(), plane?.close()]));

/** A call of an API whose upstream wants this, with the token of a caller where there is one; and what the upstream was shown. */
async function call(credential: AnyUpstreamCredential, token?: string): Promise<{ outcome: CallOutcome; shown: string | undefined }> {
  const exchange_endpoints = 'token_endpoint' in credential ? [credential.token_endpoint] : [];
  const callers = agents.item({ exchange_endpoints });
  const { engine } = engineOf(configOf(agent, callers, apiItem({ upstream: { url, credentials: [credential] } })));
  const byToken = { issuer: agents.issuer, audiences: [], scopes: new Set<string>(), missingScopes: [], bound: undefined, claims: {} };
  const caller: Caller = {
    consumerId: agent.consumer_id,
    consumerName: agent.name,
    keyId: undefined,
    ...(token !== undefined && { token: byToken }),
  };
  seen.length = 0;
  const args = { toolName: 'orders_getOrder', args: { order_id: '7' }, requestId: randomUUID() };
  const outcome = await callTool(engine, { snapshot: engine.snapshot, caller, credential: token, ...args });
  await engine.close();
  return { outcome, shown: seen[0]?.authorization?.replace('Bearer ', '') };
}

describe('a provider of another house', () => {
  const atSecond = (more: object): AnyUpstreamCredential =>
    ({
      kind: 'client_credentials',
      token_endpoint: `${second.issuer}/token`,
      resource: orders,
      scope: 'mcp:tools',
      ...more,
    }) as AnyUpstreamCredential;
  const pem = String(privateKey.export({ type: 'pkcs8', format: 'pem' }));

  it('gives a token to the gateway that shows its secret', async () => {
    const { outcome, shown } = await call(atSecond(gatewayClients.secret));
    expect(outcome).toMatchObject({ kind: 'result', isError: false });
    expect(decodeJwt(shown ?? '')).toMatchObject({ iss: second.issuer, aud: orders, client_id: 'a gateway', scope: 'mcp:tools' });
  });

  it('gives one to the gateway that signs', async () => {
    const { shown } = await call(atSecond({ ...gatewayClients.signing, client_auth: 'private_key_jwt', private_key: pem, key_id: 'k1' }));
    expect(decodeJwt(shown ?? '')).toMatchObject({ aud: orders, client_id: 'a signing gateway' });
  });

  it('says why it gives none', async () => {
    const { outcome } = await call(atSecond({ ...gatewayClients.secret, client_secret: 'another' }));
    expect(outcome).toMatchObject({
      kind: 'upstream_failed',
      reason: expect.stringContaining('invalid_client: client authentication failed') as string,
    });
  });

  it("exchanges the token of a caller, and says why it doesn't", async () => {
    const of = (sub: string) => new SignJWT({ sub }).setProtectedHeader({ alg: 'ES256' }).sign(privateKey);
    const exchange = atSecond({ ...gatewayClients.secret, kind: 'token_exchange' });
    const { shown } = await call(exchange, await of('ada'));
    expect(decodeJwt(shown ?? '')).toMatchObject({ sub: 'ada', aud: orders });
    const { outcome } = await call(exchange, await of('nobody'));
    expect(outcome).toMatchObject({ kind: 'upstream_failed', reason: expect.stringContaining('invalid_grant') as string });
  });
});

it('the issuer of the Control Plane exchanges the token of a caller for one of the same person for the upstream', async () => {
  const issuer = `${plane.url}/oidc`;
  const owner = await joinAsOwner(plane);
  await asGateway(plane, await plane.mintGatewayKey()).register('gateway', { endpoints: { mcp: mcpUrl } });
  const redirectUri = 'http://127.0.0.1:50505/callback';
  const metadata = { client_name: 'An agent', redirect_uris: [redirectUri], token_endpoint_auth_method: 'none' };
  const registered = await fetch(`${issuer}/reg`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(metadata),
  });
  const { client_id: clientId } = (await registered.json()) as { client_id: string };
  const client = { clientId, redirectUri, scope: 'mcp:tools', resource: mcpUrl };
  const { body: caller } = await askForToken(issuer, await codeFor(issuer, client, new ScriptedBrowser(plane.url), owner));
  const body = { name: 'door', roles: ['viewer'], exchange_resources: [orders] };
  const { body: account } = await plane.request<MintedServiceAccount>('POST', '/v1/service-accounts', { body });
  const exchange: AnyUpstreamCredential = {
    kind: 'token_exchange',
    token_endpoint: `${issuer}/token`,
    client_id: account.service_account.client_id,
    client_secret: account.client_secret,
    resource: orders,
  };
  const { outcome, shown } = await call(exchange, caller.access_token);
  expect(outcome).toMatchObject({ kind: 'result', isError: false });
  expect(decodeJwt(shown ?? '')).toMatchObject({ iss: issuer, aud: orders, sub: decodeJwt(caller.access_token).sub, client_id: exchange.client_id });
  const refused = await call({ ...exchange, resource: 'https://billing.example.com/' }, caller.access_token);
  expect(refused).toMatchObject({
    shown: undefined,
    outcome: { kind: 'upstream_failed', reason: expect.stringContaining('invalid_target: this is none of the exchange_resources') as string },
  });
});
