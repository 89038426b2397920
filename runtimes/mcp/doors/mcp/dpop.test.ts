import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { TokenRules } from '@stoa/generated/schemas.ts';
import { Holder } from '../../testing/holder.ts';
import { TestIssuer } from '../../testing/issuer.ts';
import { configOf, headersFor, keys, modern, operations, rpc, send, startDoor, startUpstream } from './testing/fixture.ts';
import type { Reply, TestDoor, Upstream } from './testing/fixture.ts';

const publicUrl = 'https://gateway.example';
const resource = `${publicUrl}/mcp`;
let issuer: TestIssuer;
let holder: Holder;
let upstream: Upstream;
let door: TestDoor;
beforeAll(async () => {
  issuer = new TestIssuer();
  await issuer.listen();
  await issuer.addKey();
  holder = await Holder.make();
  upstream = await startUpstream();
  door = await startDoor({ keepAliveMs: 20 });
  door.engine.publicUrl = publicUrl;
});
afterAll(async () => {
  await door.close();
  await issuer.close();
  upstream.server.close();
});
beforeEach(() => trust());

const trust = (rules: Partial<TokenRules> = {}) =>
  door.apply(
    configOf([operations.getOrder], upstream.url, [
      issuer.item({ consumers: [{ claim: 'azp', value: 'helpdesk', consumer: 'agent' }], scopes: ['mcp:tools'], ...rules }),
    ]),
  );
const bound = (claims: object = {}) => issuer.sign({ aud: resource, cnf: { jkt: holder.jkt }, ...claims });
async function list(headers: Record<string, string>, url = door.url): Promise<Reply> {
  const message = rpc(modern, 'tools/list');
  const { authorization: _, ...others } = headersFor(modern, message);
  return send(url, { headers: { ...others, ...headers }, body: JSON.stringify(message) });
}
const listWith = async (token: string, claims: object = {}) =>
  list({ authorization: `DPoP ${token}`, dpop: await holder.prove(token, 'POST', resource, claims) });
const challengeIn = ({ headers }: Reply): string => headers['www-authenticate'] ?? '';

describe('a token that is bound to a key', () => {
  it('lets in whoever proves to hold it, at the public address and as that was typed', async () => {
    const token = await bound();
    expect((await listWith(token)).text).toContain('getOrder');
    const dpop = await holder.prove(token, 'POST', `${resource}/`);
    expect((await list({ authorization: `DPoP ${token}`, dpop }, `${door.url}/`)).status).toBe(200);
    expect((await list({ authorization: `DPoP ${token}`, dpop }, `${door.url}/`)).status).toBe(401);
  });

  it('by a proof for the address that the request names as its host lets nobody in', async () => {
    const token = await bound();
    const dpop = await holder.prove(token, 'POST', 'https://evil.example/mcp');
    const reply = await list({ authorization: `DPoP ${token}`, dpop, host: 'evil.example', 'x-forwarded-host': 'evil.example' });
    expect(challengeIn(reply)).toMatch(/^DPoP realm="stoa", error="invalid_dpop_proof", error_description="[^"]*htu[^"]*", algs="ES256 /);
  });

  it('is told which scheme it is for, and where tokens are had', async () => {
    const reply = await list({ authorization: `Bearer ${await bound()}` });
    expect(reply.status).toBe(401);
    expect(challengeIn(reply)).toContain('error="invalid_token"');
    expect(reply.text).toContain('Authorization: DPoP');
    const plain = await list({ authorization: `DPoP ${await issuer.sign({ aud: resource })}` });
    expect(challengeIn(plain)).toMatch(/^DPoP realm="stoa", error="invalid_token", algs=".*", scope="mcp:tools", resource_metadata="https:/);
  });

  it('which lacks a scope is told so by the scheme that it came by', async () => {
    const reply = await listWith(await bound({ scope: 'other' }));
    expect(reply.status).toBe(403);
    expect(challengeIn(reply)).toMatch(/^DPoP realm="stoa", error="insufficient_scope", algs="[^"]*", scope="mcp:tools"/);
  });

  it('opens a stream that goes on without another proof', async () => {
    const token = await bound();
    const dpop = await holder.prove(token, 'GET', resource);
    const headers = { authorization: `DPoP ${token}`, dpop, accept: 'text/event-stream' };
    const outgoing = httpRequest(door.url, { headers, agent: false });
    outgoing.end();
    const [stream] = (await once(outgoing, 'response')) as [IncomingMessage];
    expect(stream.statusCode).toBe(200);
    stream.resume();
    // Who may still listen is asked before each of them.
    for (const _ of [1, 2, 3]) await once(stream, 'data');
    await trust({ required_claims: [{ claim: 'tenant', values: ['another'] }] });
    await once(stream, 'end');
  });

  it('is demanded of all tokens where the issuer’s rules say so, and agents are told', async () => {
    await trust({ dpop_bound_access_tokens_required: true });
    expect((await list({ authorization: `Bearer ${await issuer.sign({ aud: resource })}` })).status).toBe(401);
    expect((await listWith(await bound())).status).toBe(200);
    expect((await list({ authorization: `Bearer ${keys.agent}` })).status).toBe(200);
    expect(challengeIn(await list({}))).toMatch(/^Bearer realm="stoa", .*, DPoP realm="stoa", algs="/);
    const metadata = await send(`${new URL(door.url).origin}/.well-known/oauth-protected-resource/mcp`, { method: 'GET' });
    expect(metadata.message).toMatchObject({ dpop_bound_access_tokens_required: true });
  });
});

describe('a nonce', () => {
  it('is told where it is demanded, and the next proof with it lets in', async () => {
    await trust({ dpop_nonce_required: true });
    const token = await bound();
    const reply = await listWith(token);
    expect([reply.status, challengeIn(reply)]).toEqual([401, expect.stringContaining('error="use_dpop_nonce"')]);
    const nonce = reply.headers['dpop-nonce'];
    expect((await listWith(token, { nonce })).status).toBe(200);
    expect((await listWith(token, { nonce: 'made-up' })).headers['dpop-nonce']).toBe(nonce);
  });
});

it('takes no consumer key by the scheme for tokens with a proof, whether an issuer is trusted or not', async () => {
  const dpop = await holder.prove(keys.agent, 'POST', resource);
  expect((await list({ authorization: `DPoP ${keys.agent}`, dpop })).status).toBe(401);
  await door.apply(configOf([operations.getOrder], upstream.url));
  expect((await list({ authorization: `DPoP ${keys.agent}`, dpop })).status).toBe(401);
});
