import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { describe, expect, it, vi } from 'vitest';
import { trustAuthorities } from '@stoa/lib/trust.ts';
import { redisPlaceOf } from './redis-url.ts';
import { fleetOfTests, passedByAll, perHour } from './testing/fleet.ts';
import { endRedisAfterAll, freePort, missingRedis, RedisProcess } from './testing/redis-process.ts';

describe('STOA_REDIS_URL', () => {
  it.each([
    ['redis://localhost', { kind: 'one', nodes: [{ host: 'localhost', port: 6379 }], isTls: false, database: 0 }],
    ['rediss://me:p%40ss@[::1]:7000/3', { nodes: [{ host: '::1', port: 7000 }], isTls: true, username: 'me', password: 'p@ss', database: 3 }],
    [
      'redis+cluster://:secret@a,b:7001',
      {
        kind: 'cluster',
        nodes: [
          { host: 'a', port: 6379 },
          { host: 'b', port: 7001 },
        ],
        password: 'secret',
      },
    ],
    [
      'rediss+sentinel://a,b:1/primary/2',
      {
        kind: 'sentinel',
        nodes: [
          { host: 'a', port: 26_379 },
          { host: 'b', port: 1 },
        ],
        master: 'primary',
        database: 2,
      },
    ],
  ])('%s', (url, place) => {
    expect(redisPlaceOf(url)).toMatchObject(place);
  });

  it.each([
    ['valkey://:hunter2@localhost', 'begins with redis://'],
    ['localhost:6379', 'must be a URL such as'],
    ['redis://a,b', 'for several say'],
    ['redis://:hunter2@localhost/one', 'by its number'],
    ['redis+cluster://a/1', 'without a database'],
    ['redis+sentinel://a', 'name that the sentinels have'],
    ['redis://:%zz@localhost', 'percent-encoding'],
    ['redis://localhost:99999', 'host or host:port'],
    ['redis://:hun/ter2@localhost', 'host or host:port'],
  ])('%s is refused with the remedy, and without what may be a password', (url, fault) => {
    expect(redisPlaceOf(url)).toEqual({ fault: expect.stringContaining(fault) as string });
    expect(JSON.stringify(redisPlaceOf(url))).not.toMatch(/hun|ter2/);
  });
});

describe.skipIf(missingRedis !== undefined)('replicas count together', () => {
  endRedisAfterAll();
  const fleet = fleetOfTests();

  it('over TLS, by an authority of STOA_CA_FILE', async () => {
    const tls = join(import.meta.dirname, '../../../../lib/testing/tls');
    const port = await freePort();
    const files = ['--tls-cert-file', join(tls, 'server.pem'), '--tls-key-file', join(tls, 'server.key'), '--tls-auth-clients', 'no'];
    await RedisProcess.start(['--tls-port', String(port), ...files]);
    const before = getCACertificates('default');
    const distrusted = await fleet.one(`rediss://localhost:${port}`);
    expect(distrusted.replicas.isShared).toBe(false);
    trustAuthorities(join(tls, 'ca.pem'));
    const both = await fleet.two(`rediss://localhost:${port}`);
    expect(await passedByAll(both, perHour(100), 200)).toBe(100);
    setDefaultCACertificates(before);
  });

  it('in a cluster, whichever node has a window', async () => {
    const nodes: RedisProcess[] = [];
    const buses: number[] = [];
    for (const slots of ['0 8191', '8192 16383']) {
      buses.push(await freePort());
      const node = await RedisProcess.start(['--cluster-enabled', 'yes', '--cluster-port', String(buses.at(-1))]);
      nodes.push(node);
      node.ask(`CLUSTER ADDSLOTSRANGE ${slots}`);
    }
    const [first, second] = nodes as [RedisProcess, RedisProcess];
    second.ask(`CLUSTER MEET 127.0.0.1 ${first.port} ${buses[0]}`);
    const knowAll = (): boolean => nodes.every((node) => /cluster_state:ok/.test(node.ask('CLUSTER INFO')));
    await vi.waitUntil(knowAll, { timeout: 20_000, interval: 100 });
    const both = await fleet.two(`redis+cluster://${nodes.map(({ port }) => `127.0.0.1:${port}`).join()}`);
    for (let windows = 0; windows < 6; windows += 1) expect(await passedByAll(both, perHour(100), 200)).toBe(100);
  });

  it('at the primary that sentinels name, and at its successor go on where it was', async () => {
    const primary = await RedisProcess.start();
    const second = await RedisProcess.start(['--replicaof', '127.0.0.1', String(primary.port)]);
    const sentinel = await RedisProcess.sentinel(primary.port);
    const both = await fleet.two(`redis+sentinel://127.0.0.1:${sentinel.port}/primary`, { timeoutMs: 2_000 });
    const policy = perHour(200);
    expect(await passedByAll(both, policy, 300)).toBe(200);
    const offset = (of: RedisProcess): string => /(?:slave|master)_repl_offset:(\d+)/.exec(of.ask('INFO replication'))?.[1] ?? '';
    await vi.waitUntil(() => second.ask('INFO replication').includes('master_link_status:up') && offset(second) === offset(primary), {
      timeout: 20_000,
      interval: 100,
    });
    await primary.kill();
    await vi.waitUntil(() => sentinel.ask('SENTINEL GET-MASTER-ADDR-BY-NAME primary').includes(String(second.port)), {
      timeout: 20_000,
      interval: 100,
    });
    await vi.waitUntil(() => second.ask('ROLE').startsWith('master'), { timeout: 20_000, interval: 100 });
    // That a connection is lost is seen at its next use at the latest: until then each counts its share alone, and the shares are as much together.
    const areTogether = (): boolean => both.every(({ replicas }) => replicas.isShared);
    await vi.waitUntil(async () => (await passedByAll(both, perHour(100), 200)) === 100 && areTogether(), { timeout: 20_000, interval: 100 });
    expect(await passedByAll(both, policy, 300)).toBe(0);
  });
});
