import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createControlPlaneClient } from '@stoa/generated/client.ts';
import { createLogger } from '@stoa/lib/log.ts';
import { Secret } from '@stoa/lib/secret.ts';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Credential } from './credential.ts';
import { GatewaySession } from './session.ts';
import type { SessionOptions } from './session.ts';
import { advanceUntil, createFakeControlPlane, gatewayId, json, problem } from './testing/fake-control-plane.ts';
import type { FakeControlPlane } from './testing/fake-control-plane.ts';

const bootId = '9a3c3f3e-4b1a-4c1c-8a51-0d1f2b3c4d5e';
const half = () => 0.5;
/** What `fullJitterMs(0)` is with a random value of one half. */
const soonMs = 600;
const registered = { gateway_id: gatewayId, heartbeat_interval_s: 30, lease_epoch: 1, lease_ttl_s: 100 };

let server: FakeControlPlane;
let stopping: AbortController;
let said: string[];
let running: Promise<void>;

beforeEach(() => {
  vi.useFakeTimers();
  server = createFakeControlPlane();
  stopping = new AbortController();
  said = [];
});

afterEach(async () => {
  stopping.abort();
  await running;
  vi.useRealTimers();
});

function start(overrides: Partial<SessionOptions> & { gatewayKey?: Secret } = {}): GatewaySession {
  const log = createLogger({ program: 'test', level: 'info', destination: { write: (line: string) => void said.push(line) } });
  const { gatewayKey = Secret.of('gateway-key') } = overrides;
  const session = new GatewaySession({
    client: createControlPlaneClient({ baseUrl: 'http://control-plane.test', fetch: server.fetch }),
    credential: new Credential(gatewayKey),
    bootId,
    instance: {
      instance_name: 'edge-1',
      gateway_mode: 'edge_mcp',
      version: '1.0.0',
      features: ['mcp'],
      environment: 'production',
      labels: { region: 'eu' },
    },
    report: () => ({ status: 'healthy', metrics: { requests_total: 3 } }),
    config: () => ({ generation: 0, hash: '', state: 'none' }),
    onRegistered: async () => {},
    onGeneration: () => {},
    log,
    random: half,
    ...overrides,
  });
  running = session.run(stopping.signal);
  return session;
}

const advance = (ms: number) => vi.advanceTimersByTimeAsync(ms);
const beatTimes = () => server.named('heartbeat').map(({ atMs }) => atMs);

describe('a session', () => {
  it('registers with the five fields of the ADR, one boot_id and the additive fields', async () => {
    start();
    await advance(1);
    expect(server.named('register')[0]?.body).toEqual({
      instance_name: 'edge-1',
      gateway_mode: 'edge_mcp',
      version: '1.0.0',
      features: ['mcp'],
      environment: 'production',
      boot_id: bootId,
      labels: { region: 'eu' },
    });
    expect(server.named('register')[0]?.headers.get('authorization')).toBe('Bearer gateway-key');
  });

  it('beats first within one interval, then at the interval that the server gave, one call at a time', async () => {
    server.always('register', () => json(registered));
    start();
    await advance(100_000);
    const [first, second, third] = beatTimes().map((atMs) => atMs - server.named('register')[0]!.atMs);
    expect([first, second, third]).toEqual([15_000, 45_000, 75_000]);
    expect(server.named('heartbeat').map(({ body }) => body.seq)).toEqual([1, 2, 3]);
    expect(server.named('heartbeat')[0]?.body).toMatchObject({
      status: 'healthy',
      metrics: { requests_total: 3 },
      lease_epoch: 1,
      config: { state: 'none' },
    });
    expect(server.mostSessionCallsInFlight()).toBe(1);
  });

  it('works with a server that knows the text of the ADR alone, whatever its empty answer looks like', async () => {
    server.next('heartbeat', new Response(null), new Response('OK'), json(null), json({}), json({ unknown_field: true }));
    start();
    await advance(200_000);
    expect(beatTimes()).toHaveLength(7);
    expect(server.named('heartbeat')[6]?.body).not.toHaveProperty('lease_epoch');
    expect(server.named('register')).toHaveLength(1);
  });

  it.each([
    [1, 5],
    [999_999, 3600],
  ])('keeps an interval of %s s within its bounds instead of refusing it', async (asked, kept) => {
    server.always('register', () => json({ ...registered, heartbeat_interval_s: asked }));
    const session = start();
    await advance(1);
    expect(session.intervalS).toBe(kept);
  });

  it('obeys an interval that a heartbeat changes', async () => {
    server.next('heartbeat', json({ heartbeat_interval_s: 60 }), json({ heartbeat_interval_s: 10 }));
    start();
    await advance(95_000);
    const [first, second, third] = beatTimes();
    expect([second! - first!, third! - second!]).toEqual([60_000, 10_000]);
  });

  it('gives a silent server a third of the interval', async () => {
    server.always('register', () => json({ ...registered, heartbeat_interval_s: 9 }));
    server.next('heartbeat', 'never');
    start();
    // The turn in which an answer that is there already would be read takes 1 ms of this clock.
    await advance(4500 + 3000 + 1 + soonMs);
    const [first, second] = beatTimes();
    expect(second! - first!).toBe(3000 + 1 + soonMs);
  });

  it('passes on the generation that waits', async () => {
    const generations: number[] = [];
    server.next('heartbeat', json({ config_generation: 7 }));
    start({ onGeneration: (generation) => void generations.push(generation) });
    await advance(20_000);
    expect(generations).toEqual([7]);
  });

  it('uses the credential it is given, and the gateway key again when that is refused', async () => {
    const expiresAt = '2026-11-23T18:24:00.000Z';
    server.next('register', json({ ...registered, credential: { token: 'instance-credential-1', expires_at: expiresAt } }));
    server.next('heartbeat', json({ credential: { token: 'instance-credential-2', expires_at: expiresAt } }), problem(401));
    start();
    await advance(46_000);
    expect(server.named('heartbeat').map(({ headers }) => headers.get('authorization'))).toEqual([
      'Bearer instance-credential-1',
      'Bearer instance-credential-2',
      'Bearer gateway-key',
    ]);
  });

  it('says no to a registration that makes no sense, and tries again', async () => {
    server.next('register', json({ gateway_id: 'kong', heartbeat_interval_s: 30 }), json({ heartbeat_interval_s: 30 }), new Response('<html>'));
    start();
    await advance(10_000);
    expect(server.named('register')).toHaveLength(4);
    expect(said.join()).toContain('/gateway_id');
  });

  it('beats on when the instance cannot describe itself, and leaves out numbers that JSON cannot hold', async () => {
    let reports = 0;
    start({ report: () => (++reports === 1 ? { status: 'healthy', metrics: { a: Number.NaN, b: 1 } } : JSON.parse('{')) });
    await advance(46_000);
    expect(server.named('heartbeat').map(({ body }) => [body.status, body.metrics])).toEqual([
      ['healthy', { b: 1 }],
      ['unhealthy', {}],
    ]);
  });
});

describe('new signing keys', () => {
  const keys = (id: string) => ({ ...registered, signing_keys_id: id });

  it('that a heartbeat names are learnt by registering again in place of the next, under the same lease', async () => {
    server.always('register', () => json(keys('one')));
    server.always('heartbeat', () => json({ lease_ttl_s: 100, signing_keys_id: 'one' }));
    const learnt: unknown[] = [];
    const session = start({ onRegistered: async ({ signing_keys_id: id }) => void learnt.push(id) });
    await advance(16_000);
    const permit = session.lease?.permit();
    server.always('register', () => json(keys('two')));
    server.always('heartbeat', () => json({ lease_ttl_s: 100, signing_keys_id: 'two' }));
    await advance(200_000);
    expect(learnt).toEqual(['one', 'two']);
    expect(permit?.valid()).toBe(true);
    expect(permit?.signal.aborted).toBe(false);
    const [, again] = server.named('register');
    expect(again?.body).toEqual(server.named('register')[0]?.body);
    // It is where the second heartbeat after the news would have been.
    expect((again?.atMs ?? 0) - (beatTimes()[1] ?? 0)).toBe(30_000);
  });

  it('are asked for once of two servers that do not agree, and of one that is overloaded by and by, while heartbeats go on', async () => {
    const sets = ['two', 'one'];
    server.always('register', () => json(keys('one')));
    server.always('heartbeat', () => json({ lease_ttl_s: 100, signing_keys_id: sets[server.named('heartbeat').length % 2] }));
    const session = start();
    await advance(600_000);
    expect(server.named('register')).toHaveLength(2);

    server.always('heartbeat', () => json({ lease_ttl_s: 100, signing_keys_id: 'three' }));
    server.always('register', () => problem(503, {}, { 'retry-after': '60' }));
    const [beats, asked] = [server.named('heartbeat').length, server.named('register').length];
    await advance(600_000);
    expect(server.named('heartbeat').length - beats).toBeGreaterThan(5);
    expect(server.named('register').length - asked).toBeGreaterThan(3);
    expect(session.lease?.permit()?.valid()).toBe(true);
    server.always('register', () => json(keys('three')));
    await advance(120_000);
    const done = server.named('register').length;
    await advance(300_000);
    expect(server.named('register')).toHaveLength(done);
  });
});

describe('a session in trouble', () => {
  it('lesson 2: heartbeats start although the first registrations fail', async () => {
    server.next('register', new Error('ECONNREFUSED'), problem(503), problem(500), problem(502), 'never');
    start();
    await advance(120_000);
    expect(server.named('register')).toHaveLength(6);
    expect(beatTimes().length).toBeGreaterThan(0);
  });

  it('lesson 2: heartbeats go on after a registration that failed in between', async () => {
    server.next('heartbeat', problem(404));
    server.next('register', json(registered), new Error('ECONNRESET'));
    start();
    await advance(120_000);
    expect(server.named('register')).toHaveLength(3);
    expect(beatTimes().length).toBeGreaterThan(2);
  });

  it('lesson 2: a fault of our own is said and does not end the session', async () => {
    let times = 0;
    start({
      onRegistered: async () => {
        if (++times === 1) throw new Error('a bug');
      },
    });
    await advance(60_000);
    expect(said.join()).toContain('a bug');
    expect(beatTimes().length).toBeGreaterThan(0);
  });

  it('400: says it once and tries again after five minutes', async () => {
    server.always('register', () => problem(400, { detail: 'features is missing' }));
    start();
    await advance(20 * 60_000);
    const [first, second] = server.named('register');
    expect(second!.atMs - first!.atMs).toBe(5.5 * 60_000);
    expect(said.filter((line) => line.includes('features is missing'))).toHaveLength(1);
  });

  it('lesson 3: 401 re-reads the key from its file and never stops trying', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'session-'));
    const path = join(directory, 'key');
    await writeFile(path, 'old-key');
    server.always('register', ({ headers }) => (headers.get('authorization') === 'Bearer new-key' ? json(registered) : problem(401)));
    start({ gatewayKey: Secret.fromFile(path) });
    await advanceUntil(() => server.named('register').length > 20, 60_000);
    const before = server.named('register').length;
    await writeFile(path, 'new-key');
    await advanceUntil(() => beatTimes().length > 0);
    expect(server.named('register').length - before).toBeLessThanOrEqual(3);
    await rm(directory, { recursive: true });
  });

  it('lesson 3: 403 ends the right to sync and to write, and is asked again until it is granted', async () => {
    server.always('register', () => json(registered));
    server.next('heartbeat', problem(403), problem(403));
    const session = start();
    await advance(16_000);
    expect(session.lease).toBeUndefined();
    expect(session.reason).toContain('forbids');
    await advance(12 * 60_000);
    expect(session.lease?.permit()?.valid()).toBe(true);
    expect(session.reason).toBeUndefined();
    expect(server.named('register')).toHaveLength(1);
  });

  it('404: registers again at once, with jitter', async () => {
    server.next('heartbeat', problem(404));
    start();
    await advance(20_000);
    const [, again] = server.named('register');
    expect(again!.atMs - beatTimes()[0]!).toBe(soonMs);
  });

  it('404 for ever: does not register faster and faster', async () => {
    server.always('heartbeat', () => problem(404));
    server.always('register', () => json({ ...registered, heartbeat_interval_s: 5 }));
    start();
    await advance(10 * 60_000);
    expect(server.named('register').length).toBeLessThan(30);
  });

  it('lesson 19: 409 ends the right to write at once; it registers once more, then backs off', async () => {
    let epoch = 0;
    server.always('register', () => json({ ...registered, lease_epoch: ++epoch }));
    server.always('heartbeat', () => problem(409, { code: 'stale_epoch' }));
    const session = start();
    await advance(1);
    const permit = session.lease!.permit()!;
    await advance(15_000);
    expect([permit.valid(), permit.signal.aborted, session.lease]).toEqual([false, true, undefined]);
    await advance(soonMs);
    expect(server.named('register')).toHaveLength(2);
    expect(session.lease?.epoch).toBe(2);
    await advance(15_001);
    await advance(2.5 * 60_000);
    expect(server.named('register')).toHaveLength(2);
    await advance(30_000);
    expect(server.named('register')).toHaveLength(3);
  });

  it('lesson 19: another call that is told stale_epoch ends the right to write, and the session asks at once', async () => {
    server.always('register', () => json(registered));
    const session = start();
    await advance(1);
    const lease = session.lease!;
    const permit = lease.permit()!;
    server.next('heartbeat', problem(409, { code: 'stale_epoch' }));
    session.fenced(lease);
    expect([permit.valid(), session.lease]).toEqual([false, undefined]);
    await advance(soonMs + 1);
    expect(server.named('register')).toHaveLength(2);
    expect(session.lease).not.toBe(lease);
  });

  it('lesson 19: a lease that runs out unrenewed ends the right to write, until a heartbeat is answered', async () => {
    server.always('register', () => json(registered));
    server.always('heartbeat', () => new Error('EHOSTUNREACH'));
    const session = start();
    await advance(1);
    const permit = session.lease!.permit()!;
    await advance(99_000);
    expect(permit.valid()).toBe(true);
    await advance(1000);
    expect([permit.valid(), permit.signal.aborted, session.lease]).toEqual([false, true, undefined]);
    server.always('heartbeat', () => json({ lease_ttl_s: 100 }));
    await advance(60_000);
    expect(session.lease?.permit()?.valid()).toBe(true);
    expect(permit.valid()).toBe(false);
  });

  it('lesson 19: a lease counts from when the request was sent, however late the answer comes', async () => {
    const late = (body: object) => async () => {
      await new Promise((resolve) => setTimeout(resolve, 6000));
      return json(body);
    };
    server.always('register', late({ ...registered, lease_ttl_s: 40 }));
    server.always('heartbeat', () => 'never');
    const session = start();
    await advance(6001);
    const sentAtMs = server.named('register')[0]!.atMs;
    expect(session.lease?.permit()?.valid()).toBe(true);
    await advance(sentAtMs + 39_999 - performance.now());
    expect(session.lease?.permit()?.valid()).toBe(true);
    await advance(2);
    expect(session.lease).toBeUndefined();
    server.always('heartbeat', late({ lease_ttl_s: 40 }));
    await advanceUntil(() => session.lease !== undefined, 10);
    const renewedAtMs = server.named('heartbeat').at(-1)!.atMs;
    expect(performance.now() - renewedAtMs).toBeGreaterThanOrEqual(6000);
    server.always('heartbeat', () => 'never');
    await advance(renewedAtMs + 39_999 - performance.now());
    expect(session.lease?.permit()?.valid()).toBe(true);
    await advance(2);
    expect(session.lease).toBeUndefined();
  });

  it('lesson 19: a process that was suspended sees by the wall clock that its lease ran out', async () => {
    server.always('register', () => json(registered));
    const session = start();
    await advance(1);
    const permit = session.lease!.permit()!;
    vi.setSystemTime(Date.now() + 101_000);
    expect(permit.valid()).toBe(false);
  });

  it('410: stops until it is restarted', async () => {
    server.next('heartbeat', problem(410));
    const session = start();
    await advance(24 * 3_600_000);
    expect(server.calls.map(({ name }) => name)).toEqual(['register', 'heartbeat']);
    expect(session.lease).toBeUndefined();
    expect(session.reason).toContain('decommissioned');
  });

  it.each([413, 415, 422])('%s: sends the heartbeat again without metrics', async (status) => {
    server.next('heartbeat', problem(status));
    start();
    await advance(16_000);
    expect(server.named('heartbeat').map(({ body }) => body.metrics)).toEqual([{ requests_total: 3 }, {}]);
  });

  it('422: registers with what cannot be left out', async () => {
    server.next('register', problem(422));
    start();
    await advance(1000);
    expect(server.named('register')[1]?.body).not.toHaveProperty('labels');
    expect(server.named('register')[1]?.body).toHaveProperty('boot_id');
  });

  it.each([429, 503])('%s: waits as long as Retry-After says, and a little longer', async (status) => {
    server.next('heartbeat', problem(status, {}, { 'retry-after': '100' }));
    start();
    await advance(130_000);
    const [first, second] = beatTimes();
    expect(second! - first!).toBe(110_000);
  });

  it('deregisters with its epoch, and only while it holds the lease', async () => {
    server.always('register', () => json(registered));
    const session = start();
    await advance(1);
    await session.deregister();
    expect(server.named('deregister')[0]?.url.search).toBe('?lease_epoch=1');
    session.close();
    await session.deregister();
    expect(server.named('deregister')).toHaveLength(1);
  });
});
