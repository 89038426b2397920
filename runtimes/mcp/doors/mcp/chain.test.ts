import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { chainFault } from '../../decide/credential-chain.ts';
import { TestIssuer } from '../../testing/issuer.ts';
import { configOf, consumerItem, headersFor, keys, modern, operations, rpc, send, startDoor, startUpstream } from './testing/fixture.ts';
import type { Reply, TestDoor, Upstream } from './testing/fixture.ts';

const publicUrl = 'https://gateway.example';
const resource = `${publicUrl}/mcp`;
const name = 'URI:spiffe://bank.example/agent';
let company: TestIssuer;
let partner: TestIssuer;
let upstream: Upstream;
let door: TestDoor;
beforeAll(async () => {
  [company, partner] = [new TestIssuer(), new TestIssuer()];
  for (const issuer of [company, partner]) {
    await issuer.listen();
    await issuer.addKey();
  }
  upstream = await startUpstream();
});
afterEach(() => door.close());
afterAll(async () => {
  for (const issuer of [company, partner]) await issuer.close();
  upstream.server.close();
});

/** A door whose chain this is; who connects has the certificate of the agent, where that is said. */
async function open(chain: string[], { isCertified = false } = {}): Promise<void> {
  door = await startDoor({ chain, keepAliveMs: 20 });
  door.engine.publicUrl = publicUrl;
  const certificate = isCertified ? { thumbprint: 'x', names: [name] } : undefined;
  vi.spyOn(door.engine, 'certificateOf').mockReturnValue(certificate);
  const consumers = [{ claim: 'azp', value: 'helpdesk', consumer: 'agent' }];
  const issuers = [
    { ...company.item({ consumers }), name: 'company' },
    { ...partner.item({ consumers }), name: 'partner' },
  ];
  const config = configOf([operations.getOrder], upstream.url, issuers);
  const items = config.items.map((item) =>
    item.kind === 'consumer' && item.consumer_id === consumerItem('agent').consumer_id ? { ...item, certificates: [name] } : item,
  );
  await door.apply({ ...config, items });
}
async function ask(headers: Record<string, string>): Promise<Reply> {
  const message = rpc(modern, 'tools/call', { name: 'getOrder', arguments: { id: '7' } });
  const { authorization: _, ...others } = headersFor(modern, message);
  return send(door.url, { headers: { ...others, ...headers }, body: JSON.stringify(message) });
}
const statusOf = async (headers: Record<string, string>) => (await ask(headers)).status;
const bearer = (credential: string) => ({ authorization: `Bearer ${credential}` });
const tokenOf = (issuer: TestIssuer) => issuer.sign({ aud: resource });
const metadata = () => send(`${new URL(door.url).origin}/.well-known/oauth-protected-resource/mcp`, { method: 'GET' });

describe('a chain of the MCP door', () => {
  it('of keys alone takes no token, and tells nobody where tokens are had', async () => {
    await open(['key'], { isCertified: true });
    expect([await statusOf(bearer(keys.agent)), await statusOf(bearer(await tokenOf(company))), await statusOf({})]).toEqual([200, 401, 401]);
    expect((await metadata()).status).toBe(404);
    expect((await ask({})).headers['www-authenticate']).toBe('Bearer realm="stoa"');
  });

  it('that names what there is not says so in the log, once, and once more when it is there', async () => {
    door = await startDoor({ chain: ['token=company', 'key', 'anonymous=guest'] });
    const [warn, info] = [vi.spyOn(door.engine.log, 'warn'), vi.spyOn(door.engine.log, 'info')];
    const config = configOf([operations.getOrder], upstream.url);
    await door.apply(config);
    await door.apply(config);
    expect(warn.mock.calls).toEqual([[{ entries: ['token=company', 'anonymous=guest'] }, expect.stringContaining('STOA_MCP_CHAIN')]]);
    const trusted = { ...company.item(), name: 'company' };
    const items = config.items.map((item) => (item.kind === 'consumer' && item.name === 'other' ? { ...item, name: 'guest' } : item));
    await door.apply({ ...config, generation: 2, items: [...items, trusted] });
    expect(warn).toHaveBeenCalledTimes(1);
    expect(info).toHaveBeenCalledTimes(1);
  });

  it('of the tokens of one issuer takes no others, and its metadata names that one', async () => {
    await open(['token=partner']);
    expect([await statusOf(bearer(await tokenOf(partner))), await statusOf(bearer(await tokenOf(company)))]).toEqual([200, 401]);
    expect(await statusOf(bearer(keys.agent))).toBe(401);
    expect((await metadata()).message).toMatchObject({ authorization_servers: [partner.issuer] });
  });

  it('of all of several takes all of one consumer and nothing less', async () => {
    await open(['token+key']);
    const token = bearer(await tokenOf(company));
    expect([await statusOf({ ...token, 'x-api-key': keys.agent }), await statusOf(token), await statusOf(bearer(keys.agent))]).toEqual([
      200, 401, 401,
    ]);
    expect(await statusOf({ ...token, 'x-api-key': keys.other })).toBe(401);
    expect(await statusOf({ ...token, 'x-api-key': 'stoa_ck_forged' })).toBe(401);
  });

  it('with a certificate takes what comes over a connection of the same consumer', async () => {
    await open(['key+certificate'], { isCertified: true });
    expect([await statusOf(bearer(keys.agent)), await statusOf(bearer(keys.other)), await statusOf({})]).toEqual([200, 401, 401]);
    await door.close();
    await open(['key+certificate']);
    expect(await statusOf(bearer(keys.agent))).toBe(401);
  });

  it('of any of several takes the first that is presented: whose it is is counted', async () => {
    await open(['certificate', 'key'], { isCertified: true });
    const callers: (string | undefined)[] = [];
    vi.spyOn(door.engine.meter, 'record').mockImplementation(({ consumerId }) => void callers.push(consumerId));
    await ask(bearer(keys.other));
    vi.spyOn(door.engine, 'certificateOf').mockReturnValue(undefined);
    await ask(bearer(keys.other));
    expect(callers).toEqual([consumerItem('agent').consumer_id, consumerItem('other').consumer_id]);
  });

  it('takes nobody who presents what is not good, whatever comes beside it', async () => {
    await open(['certificate', 'key', 'anonymous=agent'], { isCertified: true });
    expect(await statusOf(bearer('stoa_ck_forged'))).toBe(401);
    expect(await statusOf({})).toBe(200);
  });

  it('takes those who present nothing for a consumer, by the word alone', async () => {
    await open(['token', 'anonymous=other']);
    expect([await statusOf({}), await statusOf(bearer(await tokenOf(company))), await statusOf(bearer(keys.agent))]).toEqual([200, 200, 401]);
    await door.close();
    await open(['anonymous=nobody-of-that-name']);
    expect(await statusOf({})).toBe(401);
  });

  it('lets an anonymous one listen for as long as there is the consumer', async () => {
    await open(['anonymous=other']);
    const outgoing = httpRequest(door.url, { headers: { accept: 'text/event-stream' }, agent: false });
    outgoing.end();
    const [stream] = (await once(outgoing, 'response')) as [IncomingMessage];
    expect(stream.statusCode).toBe(200);
    stream.resume();
    for (const _ of [1, 2]) await once(stream, 'data');
    const config = configOf([operations.getOrder], upstream.url);
    await door.apply({ ...config, items: config.items.filter((item) => item.id !== consumerItem('other').id) });
    await once(stream, 'end');
  });
});

it.each([
  [['key', 'token', 'certificate'], true],
  [['token=company+certificate', 'key', 'anonymous=demo'], true],
  [['anonymous=demo', 'key'], false],
  [['anonymous'], false],
  [['password'], false],
  [['key+'], false],
  [['key+key'], false],
  [['token=Company'], false],
])('the setting %j is a chain: %s', (entries, is) => {
  expect(chainFault(entries) === undefined).toBe(is);
});
