import { readdir, stat } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { GatewayConfig } from '@stoa/generated/schemas.ts';
import { describe, expect, it, vi } from 'vitest';
import { advanceUntil, consumer, createSigner, gatewayId, json, problem } from './testing/fake-control-plane.ts';
import { applied } from './testing/test-connection.ts';
import { testConnections } from './testing/test-connection.ts';

const { test, acks, kept } = testConnections();
const polls = () => test().server.named('config');

describe('the config feed', () => {
  it('applies the desired state, keeps it, acknowledges each item and tells the heartbeat', async () => {
    const config = test().signer.config(4, [consumer('alice'), consumer('bob')]);
    test().desire(config);
    const connection = await test().start();
    expect(connection.state()).toMatchObject({ state: 'none', generation: 0 });
    await advanceUntil(() => acks().length > 0, 1);
    await connection.firstConfig;
    expect(test().given[0]?.state).toMatchObject({ generation: 4, hash: config.hash });
    expect(test().given[0]?.items).toEqual(config.items);
    expect(acks()[0]).toEqual({
      lease_epoch: 1,
      generation: 4,
      hash: config.hash,
      state: 'applied',
      items: config.items.map(({ id }) => ({ id, state: 'applied' })),
    });
    expect(await kept()).toEqual(config);
    expect((await stat(join(test().stateDir, 'last-known-good.json'))).mode & 0o777).toBe(0o600);
    expect(connection.state()).toEqual({ state: 'fresh', generation: 4, hash: config.hash });
    await advanceUntil(() => test().server.named('heartbeat').length > 0);
    expect(test().server.named('heartbeat')[0]?.body.config).toEqual({ generation: 4, hash: config.hash, state: 'applied' });
  });

  it('takes an empty desired state for what it is: a valid one', async () => {
    test().desire(test().signer.config(0));
    const connection = await test().start();
    await advanceUntil(() => acks().length > 0, 1);
    expect(connection.state()).toMatchObject({ state: 'fresh', generation: 0 });
  });

  it('waits for what is newer, and does not fetch what it has', async () => {
    test().desire(test().signer.config(1));
    await test().start();
    await advanceUntil(() => polls().length === 2, 1);
    expect(polls()[1]?.url.searchParams.get('wait_s')).toBe('50');
    expect(polls()[1]?.headers.get('if-none-match')).toContain('"1-');
    await vi.advanceTimersByTimeAsync(10 * 60_000);
    expect(test().given).toHaveLength(1);
    expect(polls().length).toBeLessThan(16);
    test().desire(test().signer.config(2, [consumer('alice')]));
    await advanceUntil(() => test().given.length === 2, 1);
    expect(test().given[1]?.state.generation).toBe(2);
  });

  it('asks a server that does not know wait_s once in a while, and at once when a heartbeat names a newer generation', async () => {
    let current = test().signer.config(1);
    test().server.always('config', ({ headers }) =>
      headers.get('if-none-match') === `"${current.generation}"`
        ? new Response(null, { status: 304 })
        : json(current, { headers: { etag: `"${current.generation}"` } }),
    );
    test().server.always('register', () => json({ ...test().registered, heartbeat_interval_s: 5 }));
    await test().start();
    await advanceUntil(() => polls().length === 4);
    expect(polls()[3]!.atMs - polls()[2]!.atMs).toBe(33_000);
    current = test().signer.config(2);
    test().server.always('heartbeat', () => json({ config_generation: 2, lease_ttl_s: 100 }));
    await advanceUntil(() => test().given.length === 2);
    expect(polls().at(-1)!.atMs - polls()[3]!.atMs).toBeLessThan(10_000);
  });

  it('asks again at once when a poll ends early, as those of a server that stops do', async () => {
    test().desire(test().signer.config(1));
    await test().start();
    await advanceUntil(() => test().given.length === 1, 1);
    const before = polls().length;
    test().server.next('config', new Response(null, { status: 304 }));
    test().desire(test().signer.config(2));
    await advanceUntil(() => test().given.length === 2, 1);
    expect(polls().slice(before).at(-1)!.atMs - polls()[before - 1]!.atMs).toBeLessThan(1000);
  });

  it('asks a server that sends the same document again, whatever If-None-Match says, once in a while', async () => {
    const config = test().signer.config(1);
    test().server.always('config', () => json(config, { headers: { etag: '"1"' } }));
    await test().start();
    await advanceUntil(() => acks().length > 0, 1);
    await vi.advanceTimersByTimeAsync(10 * 60_000);
    expect(test().given).toHaveLength(1);
    expect(polls().length).toBeLessThan(30);
  });

  it('asks a server that answers 304 to what was asked for without an ETag once in a while', async () => {
    const config = test().signer.config(1);
    test().server.next('config', json(config, { headers: { etag: '"1"' } }));
    test().server.always('config', () => new Response(null, { status: 304 }));
    await test().start({
      apply: () => Promise.resolve({ state: 'rejected', items: [{ id: 'x', state: 'rejected', phase: 'apply', reason: 'Kong is down' }] }),
    });
    await advanceUntil(() => acks().length > 0, 1);
    await vi.advanceTimersByTimeAsync(10 * 60_000);
    expect(polls().length).toBeLessThan(60);
  });

  it('lesson 21: gives a connection up that is half open, and asks again', async () => {
    test().server.next('config', 'never');
    test().desire(test().signer.config(1));
    await test().start();
    await advanceUntil(() => test().given.length === 1);
    expect(polls()[1]!.atMs - polls()[0]!.atMs).toBe(60_601);
  });

  it.each([
    [401, 1000],
    [500, 1000],
    [503, 1000],
    [403, 360_000],
    [400, 360_000],
  ])('keeps serving and asks again after %s', async (status, withinMs) => {
    test().desire(test().signer.config(1));
    const connection = await test().start();
    await advanceUntil(() => acks().length > 0, 1);
    test().server.next('config', problem(status));
    await advanceUntil(() => connection.state().state === 'stale', 100);
    expect(connection.state()).toMatchObject({ generation: 1 });
    expect(connection.state().reason).toContain('config feed');
    const failedAtMs = polls().at(-1)!.atMs;
    const { length } = polls();
    await advanceUntil(() => polls().length > length, 100);
    expect(polls().at(-1)!.atMs - failedAtMs).toBeLessThanOrEqual(withinMs);
    await advanceUntil(() => connection.state().state === 'fresh', 1);
    expect(polls().at(-1)!.atMs - failedAtMs).toBeLessThanOrEqual(withinMs);
    expect(test().given).toHaveLength(1);
  });

  it('lesson 11: a gateway that is unknown registers again, and is not emptied', async () => {
    test().desire(test().signer.config(1, [consumer('alice')]));
    const connection = await test().start();
    await advanceUntil(() => acks().length > 0, 1);
    test().server.next('config', problem(404));
    test().server.next('heartbeat', problem(404));
    await advanceUntil(() => test().server.named('register').length === 2);
    await advanceUntil(() => connection.state().state === 'fresh');
    expect(test().given).toHaveLength(1);
    expect((await kept()).items).toHaveLength(1);
  });

  it('lesson 11: a server that has no config feed is served without one, beaten at its interval and asked again rarely', async () => {
    test().server.always('config', () => problem(404));
    test().server.always('register', () => json({ gateway_id: gatewayId, heartbeat_interval_s: 30 }));
    test().server.always('heartbeat', () => new Response(null));
    const connection = await test().start();
    await advanceUntil(() => test().server.named('heartbeat').length === 120);
    const beats = test()
      .server.named('heartbeat')
      .map(({ atMs }) => atMs);
    expect(new Set(beats.slice(1).map((atMs, index) => atMs - beats[index]!))).toEqual(new Set([30_000]));
    expect(test().server.named('register')).toHaveLength(1);
    expect(polls().length).toBeLessThan(16);
    expect(connection.state()).toMatchObject({ state: 'none', reason: expect.stringContaining('no config feed') });
    expect(test().said.filter((line) => line.includes('no config feed'))).toHaveLength(1);
  });

  it('sends the acknowledgement until it arrives, and only that of the newest generation', async () => {
    test().server.always('ack', () => problem(503));
    test().desire(test().signer.config(1));
    await test().start();
    await advanceUntil(() => acks().length === 2);
    test().desire(test().signer.config(2));
    await advanceUntil(() => test().given.length === 2);
    const arrived: number[] = [];
    test().server.always('ack', ({ body }) => {
      arrived.push(body.generation as number);
      return new Response(null, { status: 204 });
    });
    await advanceUntil(() => arrived.length > 0);
    await vi.advanceTimersByTimeAsync(10 * 60_000);
    expect(arrived).toEqual([2]);
  });
});

describe('an acknowledgement', () => {
  it('of a generation that came into force while an older one was on its way is sent after it', async () => {
    const arrive = Promise.withResolvers<void>();
    test().server.always('ack', async () => {
      await arrive.promise;
      return new Response(null, { status: 204 });
    });
    test().desire(test().signer.config(1));
    await test().start();
    await advanceUntil(() => acks().length === 1, 1);
    test().desire(test().signer.config(2, [consumer('alice')]));
    await advanceUntil(() => test().given.length === 2, 1);
    expect(acks().map(({ generation }) => generation)).toEqual([1]);
    arrive.resolve();
    await advanceUntil(() => acks().length === 2, 1);
    expect(acks().map(({ generation }) => generation)).toEqual([1, 2]);
  });

  it('is sent only once a restart would serve what it tells of', async () => {
    const onDisk: number[] = [];
    test().server.always('ack', () => {
      onDisk.push(JSON.parse(readFileSync(join(test().stateDir, 'last-known-good.json'), 'utf8')).config.generation as number);
      return new Response(null, { status: 204 });
    });
    await test().start();
    for (const generation of [1, 2, 3]) {
      test().desire(test().signer.config(generation, [consumer(`a${generation}`)]));
      await advanceUntil(() => onDisk.length === generation, 1);
    }
    expect(onDisk).toEqual([1, 2, 3]);
  });
});

describe('a bad generation', () => {
  const cases: [what: string, reason: string, spoil: (config: GatewayConfig) => unknown][] = [
    ['whose content was changed', 'hash', (config) => ({ ...config, items: [consumer('mallory')] })],
    ['with the signature of another key', 'signature is wrong', ({ generation, items }) => createSigner().config(generation, items)],
    ['with a key that nobody introduced', 'does not trust', ({ generation, items }) => createSigner('key-2').config(generation, items)],
    [
      'for another gateway',
      'for the gateway',
      ({ generation, items }) => test().signer.config(generation, items, '6b1a0e0a-7f1e-4a39-9d4e-3f8d6f5b0c11'),
    ],
    [
      'that does not have the shape of the contract',
      'the document at',
      (config) => ({ ...config, signature: { ...config.signature, algorithm: 'rsa' } }),
    ],
    ['that is older than what is served', 'older', () => test().signer.config(3, [consumer('old')])],
    ['that has the number of what is served and other content', 'two different contents', () => test().signer.config(4, [consumer('twin')])],
  ];
  it.each(cases)('lesson 13: %s is rejected; what was good is served and kept', async (_, reason, spoil) => {
    const good = test().signer.config(4, [consumer('alice')]);
    test().desire(good);
    const connection = await test().start();
    await advanceUntil(() => acks().length === 1, 1);
    const bad = spoil(test().signer.config(5, [consumer('bob')])) as GatewayConfig;
    test().desire(bad);
    await advanceUntil(() => acks().length === 2, 1);
    expect(acks()[1]).toMatchObject({ generation: bad.generation, hash: bad.hash, state: 'rejected' });
    expect(acks()[1].items[0]).toMatchObject({ state: 'rejected', phase: 'validate', reason: expect.stringContaining(reason) });
    expect(test().given).toHaveLength(1);
    expect(await kept()).toEqual(good);
    expect(connection.state()).toMatchObject({ state: 'stale', generation: 4, reason: expect.stringContaining(reason) });
  });

  it('that the runtime rejects is acknowledged so, tried again with back-off, and replaced at once by a better one', async () => {
    const attempts: { generation: number; atMs: number }[] = [];
    test().desire(test().signer.config(1, [consumer('alice')]));
    const connection = await test().start({
      apply: async ({ generation }) => {
        attempts.push({ generation, atMs: performance.now() });
        if (generation === 2) return { state: 'rejected', items: [{ id: 'x', state: 'rejected', phase: 'apply', reason: 'Kong is down' }] };
        return applied;
      },
    });
    await advanceUntil(() => attempts.length === 1, 1);
    test().desire(test().signer.config(2, [consumer('bob')]));
    await advanceUntil(() => attempts.length === 4, 100);
    const [, first, second, third] = attempts.map(({ atMs }) => atMs);
    expect(Math.round((second! - first!) / 1000)).toBe(6);
    expect(Math.round((third! - second!) / 1000)).toBe(11);
    expect(acks().at(-1)).toMatchObject({ generation: 2, state: 'rejected', items: [{ phase: 'apply', reason: 'Kong is down' }] });
    expect((await kept()).generation).toBe(1);
    test().desire(test().signer.config(3, [consumer('carol')]));
    await advanceUntil(() => acks().at(-1).generation === 3, 1);
    expect(connection.state().state).toBe('fresh');
    expect(attempts.at(-1)!.atMs - third!).toBeLessThan(1000);
    expect((await kept()).generation).toBe(3);
  });

  it('that the runtime fails at is rejected in phase apply, with the reason', async () => {
    test().desire(test().signer.config(1, [consumer('alice')]));
    await test().start({
      apply: async () => {
        throw new Error('a bug');
      },
    });
    await advanceUntil(() => acks().length === 1, 1);
    expect(acks()[0]).toMatchObject({ state: 'rejected', items: [{ state: 'rejected', phase: 'apply', reason: 'a bug' }] });
    expect(await readdir(test().stateDir)).not.toContain('last-known-good.json');
  });

  it('that the runtime repaired later is kept and acknowledged anew; one that broke later is said to be rejected', async () => {
    const config = test().signer.config(1, [consumer('alice')]);
    test().desire(config);
    const connection = await test().start({ apply: async () => ({ state: 'rejected', items: [] }) });
    await advanceUntil(() => acks().length === 1, 1);
    connection.amend(config, applied);
    await advanceUntil(() => acks().length === 2, 1);
    expect(acks()[1]).toMatchObject({ generation: 1, state: 'applied' });
    expect(await kept()).toEqual(config);
    connection.amend(config, { state: 'rejected', items: [] });
    connection.amend(test().signer.config(9), applied);
    await advanceUntil(() => acks().length === 3, 1);
    expect(acks()[2]).toMatchObject({ generation: 1, state: 'rejected' });
    expect(connection.state().state).toBe('stale');
  });

  it('that a server sends again and again, whatever If-None-Match says, is not asked for without a pause', async () => {
    const bad = { ...test().signer.config(2, [consumer('alice')]), items: [] };
    test().server.always('config', () => json(bad, { headers: { etag: '"2"' } }));
    await test().start();
    await advanceUntil(() => acks().length > 0, 1);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(polls().length).toBeGreaterThan(2);
    expect(polls().length).toBeLessThan(12);
  });

  it('after another, as from two servers that do not agree, is not asked for without a pause', async () => {
    let count = 0;
    test().server.always('config', () =>
      json({ ...test().signer.config((count += 1) % 2 === 0 ? 2 : 3, [consumer(`a${count % 2}`)]), items: [] }, { headers: { etag: `"${count}"` } }),
    );
    await test().start();
    await advanceUntil(() => acks().length > 1, 1);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(polls().length).toBeLessThan(150);
  });

  it('that is no document at all is asked for again with back-off', async () => {
    test().server.next('config', new Response('<html>'), new Response('{'));
    test().desire(test().signer.config(1));
    await test().start();
    await advanceUntil(() => test().given.length === 1);
    const [first, second, third] = polls().map(({ atMs }) => atMs);
    expect([second! - first!, third! - second!].map((ms) => Math.round(ms / 100) / 10)).toEqual([5.5, 5.5]);
    await advanceUntil(() => acks().length > 0);
    expect(acks().map(({ generation, state }) => [generation, state])).toEqual([[1, 'applied']]);
  });
});
