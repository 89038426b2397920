import { describe, expect, it, vi } from 'vitest';
import type { AnyUpstreamCredential } from '@stoa/generated/schemas.ts';
import { apiItem, configOf, createOrder, getOrder, policyItem } from '../../testing/fixtures.ts';
import { TestIssuer } from '../../testing/issuer.ts';
import { withTokenEndpoint } from '../../upstream/testing/token-endpoint.ts';
import { agent, bearer, credential, key, openingRest, upgrade } from './testing/fixture.ts';

const { issuer, upstream } = withTokenEndpoint();
const { upstream: echoing, open } = openingRest();
const orders = (credentials: AnyUpstreamCredential[], url = upstream.url) =>
  apiItem({ upstream: { url, credentials }, operations: [getOrder(), createOrder()] });
const grant = (kind: 'client_credentials' | 'token_exchange' = 'client_credentials'): AnyUpstreamCredential => ({
  kind,
  token_endpoint: issuer.url,
  client_id: 'gateway',
  client_secret: 'secret',
});

describe('a request below /apis', () => {
  it('carries the token that the gateway gets, and an assertion of who calls, in the place of whatever the caller wrote there', async () => {
    const { ask } = await open(configOf(agent, orders([grant(), { kind: 'assertion' }])));
    const spoofed = { 'x-stoa-assertion': 'mine', 'X-Stoa_Assertion': 'mine', x_stoa_assertion: 'mine' };
    expect(await ask('/apis/orders/orders/7', { ...bearer, ...spoofed })).toMatchObject({ status: 200, body: 'an order' });
    expect(upstream.seen[0]).toMatchObject({ authorization: 'Bearer token-1', 'x-stoa-assertion': expect.stringMatching(/^ey/) as string });
    expect(Object.values(upstream.seen[0] ?? {})).not.toContain('mine');
  });

  it('of which nothing has gone by is made once more when the upstream answers 401, and one with a body is not', async () => {
    let nowMs = 1_000_000;
    const { ask } = await open(configOf(agent, orders([grant()])), { now: () => nowMs });
    await ask('/apis/orders/orders/7');
    nowMs += 10_000;
    upstream.statusFor = ({ authorization }) => (authorization === 'Bearer token-1' ? 401 : 200);
    expect(await ask('/apis/orders/orders', bearer, 'POST', '{"a":1}')).toMatchObject({ status: 401 });
    expect(await ask('/apis/orders/orders/7')).toMatchObject({ status: 200 });
    expect(upstream.seen.map(({ authorization }) => authorization)).toEqual(['Bearer token-1', 'Bearer token-1', 'Bearer token-1', 'Bearer token-2']);
  });

  it('is answered 502 with the words of the issuer when there is no token', async () => {
    issuer.answer = () => [400, { error: 'invalid_scope', error_description: 'no such scope' }];
    const { ask, metered } = await open(configOf(agent, orders([grant()])));
    const { status, body } = await ask('/apis/orders/orders/7');
    expect([status, JSON.parse(body)]).toMatchObject([
      502,
      { code: 'upstream_failed', detail: expect.stringContaining('invalid_scope: no such scope') as string },
    ]);
    expect(await metered()).toMatchObject([{ door: 'rest', calls: 1, errors: 1 }]);
  });

  it('whose caller goes away while a token is got for it reaches no upstream', async () => {
    const held = Promise.withResolvers<void>();
    issuer.holds = held.promise;
    const { engine, port } = await open(configOf(agent, orders([grant()])));
    const recorded = vi.spyOn(engine.meter, 'record');
    const gone = new AbortController();
    const asking = fetch(`http://127.0.0.1:${port}/apis/orders/orders/7`, { headers: bearer, signal: gone.signal }).catch(() => 'gone');
    await expect.poll(() => issuer.asked.length).toBe(1);
    gone.abort();
    expect(await asking).toBe('gone');
    await expect.poll(() => recorded.mock.calls).toMatchObject([[{ outcome: 'cancelled' }]]);
    held.resolve();
    expect(upstream.seen).toEqual([]);
  });

  it('for WebSocket carries the token, too', async () => {
    const { port } = await open(configOf(agent, orders([grant()], echoing.url)));
    const { socket, head } = await upgrade(port, credential);
    expect(head).toMatch(/^HTTP\/1.1 101 /);
    expect(echoing.seen[0]?.headers).toMatchObject({ authorization: 'Bearer token-1' });
    socket.destroy();
  });

  it("carries a token in exchange for the caller's, which stays here", async () => {
    const agents = new TestIssuer();
    await agents.addKey();
    await agents.listen();
    const token = await agents.sign({ aud: 'orders' });
    const { ask } = await open(
      configOf(agent, orders([grant('token_exchange')]), agents.item({ audiences: ['orders'], exchange_endpoints: [issuer.url] })),
    );
    const ofCaller = { authorization: `Bearer ${token}` };
    expect(await ask('/apis/orders/orders/7', ofCaller)).toMatchObject({ status: 200 });
    expect(issuer.asked[0]?.form).toMatchObject({ subject_token: token });
    expect(upstream.seen[0]).toMatchObject({ authorization: 'Bearer token-1', 'x-stoa-consumer': 'support-agent' });
    expect(JSON.stringify(upstream.seen)).not.toContain(token);
    expect(await ask('/apis/orders/orders/7')).toMatchObject({ status: 502, body: expect.stringContaining('call with a token') as string });
    await agents.close();
  });

  it('whose token is of an issuer that does not name the token endpoint is answered 502, and the token stays here, also beside a key', async () => {
    const agents = new TestIssuer();
    await agents.addKey();
    await agents.listen();
    const token = await agents.sign({ aud: 'orders' });
    const api = orders([grant('token_exchange')]);
    const keys = policyItem({ kind: 'api_key_auth', config: { header: 'X-Key', or_token: true } }, [api]);
    const { ask } = await open(configOf(agent, api, keys, agents.item({ audiences: ['orders'] })));
    const ofCaller = { authorization: `Bearer ${token}` };
    const refused = { status: 502, body: expect.stringContaining('exchange_endpoints') as string };
    expect(await ask('/apis/orders/orders/7', ofCaller)).toMatchObject(refused);
    expect(await ask('/apis/orders/orders/7', { ...ofCaller, 'x-key': key })).toMatchObject(refused);
    expect([issuer.asked, upstream.seen]).toEqual([[], []]);
    await agents.close();
  });
});
