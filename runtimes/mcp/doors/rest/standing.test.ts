import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe, expect, it, vi } from 'vitest';
import { bearing } from '../../decide/proofs/possession.ts';
import { rightTo } from '../../decide/authorize-request.ts';
import { LastingRights } from '../../decide/may-go-on.ts';
import type { Engine } from '../../engine.ts';
import type { OperationEntry } from '../../model.ts';
import { compile, configOf, consumerItem, policyItem } from '../../testing/fixtures.ts';
import { TestIssuer } from '../../testing/issuer.ts';
import { agent, bearer, credential, openingRest, upgrade } from './testing/fixture.ts';
import { readTarget } from './target.ts';
import { createTunnelMemory, Tunnels } from './tunnels.ts';
import type { TunnelPlace } from './tunnels.ts';

const { upstream, open, orders } = openingRest();
const revoked = { ...agent, keys: [] };

/** Has the upstream keep what it is asked; resolves with the answer, which is not begun. */
const held = (): Promise<ServerResponse> =>
  new Promise((resolve) => {
    upstream.respond = (_request, response) => resolve(response);
  });

/** Begins an answer of this kind that goes on until it is ended. */
async function stream(port: number, contentType: string, headers: Record<string, string> = bearer): Promise<{ broken: Promise<unknown> }> {
  upstream.respond = (_request, response) => void response.writeHead(200, { 'content-type': contentType }).write('{}\n');
  const sent = httpRequest({ port, path: '/apis/orders/orders/7', headers }).end();
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  const broken = new Promise((resolve) => answer.once('error', resolve));
  await once(answer, 'data');
  return { broken };
}

describe('what is under way ends with the right to begin it', () => {
  it('a request that the upstream has not answered yet', async () => {
    const { ask, apply } = await open(configOf(orders(), agent));
    const begun = held();
    const refused = expect(ask('/apis/orders/orders/7')).rejects.toThrow();
    await begun;
    await apply(configOf(orders(), revoked));
    await refused;
  });

  it('an answer that comes before anybody was asked again, of HTTP and of WebSocket', async () => {
    const { ask, engine, port } = await open(configOf(orders(), agent));
    const begun = held();
    const refused = expect(ask('/apis/orders/orders/7')).rejects.toThrow();
    const answer = await begun;
    engine.replace(compile(configOf(orders(), revoked)).snapshot);
    answer.end('too late');
    await refused;

    engine.replace(compile(configOf(orders(), agent)).snapshot);
    upstream.onUpgrade = () => void engine.replace(compile(configOf(orders(), revoked)).snapshot);
    await expect(upgrade(port, credential)).rejects.toThrow('closed');
  });

  it('a stream and a WebSocket that have used up the bytes of a quota, and no answer that has an end', async () => {
    const api = orders();
    const quota = policyItem({ kind: 'quota', config: { limit: 1000, period: 'month', unit: 'bytes' } }, [api]);
    const { ask, port } = await open(configOf(api, agent, quota), {}, { sweepMs: 10 });
    const { socket } = await upgrade(port, credential);
    socket.removeAllListeners('close').resume();
    const closed = once(socket, 'close');
    const { broken } = await stream(port, 'text/event-stream');
    const begun = held();
    const answered = ask('/apis/orders/orders/7');
    const answer = await begun;
    socket.write('x'.repeat(2000));
    await closed;
    await broken;
    answer.end('in time');
    expect(await answered).toMatchObject({ status: 200, body: 'in time' });
    expect(await ask('/apis/orders/orders/7')).toMatchObject({ status: 429 });
  });

  it('goes on where the right is as it was', async () => {
    const { ask, engine, apply } = await open(configOf(orders(), agent));
    const begun = held();
    const answered = ask('/apis/orders/orders/7');
    const answer = await begun;
    await apply(configOf(orders(), agent));
    engine.replace(compile(configOf(orders(), agent)).snapshot);
    answer.end('in time');
    expect(await answered).toMatchObject({ status: 200, body: 'in time' });
  });

  it.each(['application/x-ndjson', 'Text/Event-Stream', 'multipart/x-mixed-replace; boundary=a', 'application/octet-stream'])(
    'a stream of %s',
    async (contentType) => {
      const { port, apply } = await open(configOf(orders(), agent));
      const { broken } = await stream(port, contentType);
      await apply(configOf(orders(), revoked));
      await broken;
    },
  );

  it('a stream when the hours of its API are over, and no answer that has an end of its own', async () => {
    let now = Date.parse('2026-11-30T12:59:59Z');
    const api = orders();
    const hours = policyItem({ kind: 'time_window', config: { hours: [{ from: '12:00', to: '13:00' }] } }, [api]);
    const { ask, port, door } = await open(configOf(api, agent, hours), { now: () => now });
    const { broken } = await stream(port, 'text/event-stream');
    const begun = held();
    const answered = ask('/apis/orders/orders/7');
    const answer = await begun;
    now += 1000;
    await door.snapshotReplaced();
    await broken;
    answer.end('in time');
    expect(await answered).toMatchObject({ status: 200, body: 'in time' });
    expect(await ask('/apis/orders/orders/7')).toMatchObject({ status: 403 });
  });

  it('a stream whose key expires while nothing else happens', async () => {
    let now = Date.parse('2026-11-30T12:00:00Z');
    const { item, key } = consumerItem('support-agent', { expiresAt: '2026-11-30T13:00:00Z' });
    const { port } = await open(configOf(orders(), item), { now: () => now }, { sweepMs: 1 });
    const { broken } = await stream(port, 'application/x-ndjson', { authorization: `Bearer ${key}` });
    now += 3_600_000;
    await broken;
  });

  it('a stream whose token lacks a scope that is now demanded', async () => {
    const issuer = new TestIssuer();
    await issuer.listen();
    await issuer.addKey();
    const api = orders();
    const demanding = (...scopes: string[]) => {
      const config = { issuer: issuer.issuer, audience: ['orders'], scopes };
      return configOf(api, agent, issuer.item(), policyItem({ kind: 'jwt_auth', config }, [api]));
    };
    const { port, apply, ask } = await open(demanding('mcp:tools'));
    const byToken = { authorization: `Bearer ${await issuer.sign({ aud: 'orders' })}` };
    const { broken } = await stream(port, 'text/event-stream', byToken);
    await apply(demanding('mcp:tools', 'orders:write'));
    await broken;
    const { status, body } = await ask('/apis/orders/orders/7', byToken);
    expect({ status, ...(JSON.parse(body) as object) }).toMatchObject({ status: 403, code: 'insufficient_scope' });
    await issuer.close();
  });

  it('a stream and a WebSocket from where calls may no longer come', async () => {
    const api = orders();
    const from = (...allow: string[]) => configOf(api, agent, policyItem({ kind: 'ip_restriction', config: { allow } }, [api]));
    const { port, apply } = await open(configOf(api, agent));
    const { broken } = await stream(port, 'text/event-stream');
    const { socket } = await upgrade(port, credential);
    const closed = once(socket, 'close');
    await apply(from('127.0.0.0/8'));
    socket.write('still there');
    await once(socket, 'data');
    await apply(from('192.0.2.0/24'));
    await Promise.all([broken, closed]);
  });

  it('issuers are asked about no more than eight tokens at once for it: the other questions are for who calls', async () => {
    const issuer = new TestIssuer();
    await issuer.listen();
    issuer.introspect = () => ({ active: true, sub: 'ada', azp: 'helpdesk', aud: 'orders' });
    const trusted = issuer.item({ audiences: ['orders'] }, { client_id: 'gateway', client_secret: 'secret' });
    const config = configOf(orders(), agent, trusted);
    let now = Date.now();
    const { port, engine, apply } = await open(config, { now: () => now });
    for (let each = 1; each <= 10; each += 1) await stream(port, 'text/event-stream', { authorization: `Bearer opaque-${each}` });
    const judge = vi.spyOn(engine.tokens, 'judge').mockReturnValue(new Promise(() => undefined));
    now += 61_000;
    await apply(config);
    await apply(config);
    expect(judge).toHaveBeenCalledTimes(8);
    await issuer.close();
  });

  it('not that of a token whose issuer cannot be asked just now, unless its consumer may no longer', async () => {
    const { engine } = await open(configOf(orders(), agent));
    const orderOperations = engine.snapshot.apisByName.get('orders')?.operations as [OperationEntry];
    const known = { consumerId: agent.consumer_id, consumerName: agent.name, keyId: undefined };
    const mayGoOn = async (isUndecided: boolean, snapshot = engine.snapshot): Promise<boolean> => {
      const tokens = { needsJudging: () => false, judge: () => undefined, callerOf: () => null, isUndecided: () => isUndecided };
      const asked = { ...engine, snapshot, tokens: tokens as unknown as Engine['tokens'] };
      const { route } = readTarget(snapshot, 'GET', '/apis/orders/orders/7');
      const question = { snapshot, route, headers: { authorization: 'Bearer opaque' }, proven: bearing };
      const [operation] = orderOperations;
      let hasEnded = false;
      await new LastingRights(asked).endIfRefused({
        credential: 'opaque',
        isLetIn: () => rightTo(asked, question, operation) === 'as_before',
        isLetInAsKnown: () => rightTo(asked, question, operation, known) === 'as_before',
        end: () => (hasEnded = true),
      });
      return !hasEnded;
    };
    expect([await mayGoOn(true), await mayGoOn(false), await mayGoOn(true, compile(configOf(orders())).snapshot)]).toEqual([true, false, false]);
  });
});

describe('of an API that is withdrawn', () => {
  const withdrawn = configOf();
  const another = () => orders({ api_id: '0b0c5d0e-1111-4222-8333-444455559999', id: 'api:another', name: 'another' });

  it.each([
    ['the last', () => withdrawn],
    ['one of several', () => configOf(another(), agent)],
  ])('%s, a request that is being answered is answered', async (_which, left) => {
    const { ask, apply } = await open(configOf(orders(), agent));
    const begun = held();
    const answered = ask('/apis/orders/orders/7');
    const answer = await begun;
    await apply(left());
    answer.write('in ');
    await apply(left());
    answer.end('time');
    expect(await answered).toMatchObject({ status: 200, body: 'in time' });
    expect((await ask('/apis/orders/orders/7')).status).toBeGreaterThan(400);
  });

  it('one whose key is revoked as well is not, nor one that takes longer than an upstream may', async () => {
    const { ask, apply } = await open(configOf(orders(), agent));
    let begun = held();
    let refused = expect(ask('/apis/orders/orders/7')).rejects.toThrow();
    await begun;
    await apply(configOf(another(), revoked));
    await refused;

    const slow = await open(configOf(orders(), agent), { upstream: { timeoutMs: 50 } }, { sweepMs: 1 });
    begun = held();
    refused = expect(slow.ask('/apis/orders/orders/7')).rejects.toThrow();
    const answer = await begun;
    await slow.apply(withdrawn);
    const dripping = setInterval(() => answer.write('.'), 5);
    await refused;
    clearInterval(dripping);
  });

  it('event streams and WebSockets end, and none begins that was asked for before', async () => {
    const { ask, apply, port } = await open(configOf(orders(), agent));
    const { broken } = await stream(port, 'text/event-stream');
    const { socket } = await upgrade(port, credential);
    const closed = once(socket.resume(), 'close');
    const begun = held();
    const refused = expect(ask('/apis/orders/orders/7')).rejects.toThrow();
    const answer = await begun;
    await apply(withdrawn);
    await Promise.all([broken, closed]);
    answer.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: 1\n\n');
    await refused;
  });
});

it.each(['application/x-ndjson', 'Text/Event-Stream'])('a stream of %s ends with the gateway', async (contentType) => {
  const { port, door } = await open(configOf(orders(), agent));
  const { broken } = await stream(port, contentType);
  await door.close();
  await broken;
});

describe('connections that speak WebSocket', () => {
  const isPlace: unknown = expect.objectContaining({});

  it('are no more than one consumer may have, whoever asks at once', async () => {
    const other = consumerItem('other');
    const { port } = await open(configOf(orders(), agent, other.item), {}, { tunnels: { memory: createTunnelMemory(3), ofOne: 2 } });
    const ofOther = `Authorization: Bearer ${other.key}\r\n`;
    const statusOf = ({ head }: { head: string }): string | undefined => head.split(' ', 2)[1];
    const mine = await Promise.all([1, 2, 3, 4].map(() => upgrade(port, credential)));
    expect(mine.map(statusOf).toSorted()).toEqual(['101', '101', '429', '429']);
    expect([statusOf(await upgrade(port, ofOther)), statusOf(await upgrade(port, ofOther))]).toEqual(['101', '503']);
  });

  it('leave room when they end', () => {
    const tunnels = new Tunnels({ memory: createTunnelMemory(3), ofOne: 2 });
    const [first, ...others] = ['a', 'a', 'a', 'b', 'b'].map((consumer) => tunnels.enter(consumer));
    expect(others).toEqual([isPlace, 'full_for_one', isPlace, 'full']);
    (first as TunnelPlace).leave();
    expect(['b', 'b', 'a'].map((consumer) => tunnels.enter(consumer))).toEqual([isPlace, 'full_for_one', 'full']);
  });

  it('are counted together with those of other threads, until these have ended', () => {
    const memory = createTunnelMemory(3);
    const [one, other] = [1, 2].map((owner) => new Tunnels({ memory, owner, ofOne: 2 })) as [Tunnels, Tunnels];
    expect([one.enter('a'), other.enter('a'), one.enter('a'), one.enter('b'), other.enter('b')]).toEqual([
      isPlace,
      isPlace,
      'full_for_one',
      isPlace,
      'full',
    ]);
    other.release(1);
    expect([other.enter('a'), other.enter('b'), other.enter('a')]).toEqual([isPlace, isPlace, 'full_for_one']);
  });
});
