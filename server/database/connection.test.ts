import { once } from 'node:events';
import { createConnection, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { createLogger } from '@stoa/lib/log.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase } from '../testing/test-database.ts';
import { closePool, connect, openPool } from './connection.ts';
import type { ChannelEvent, Database } from './connection.ts';
import { randomUUID } from 'node:crypto';
import { asTenant } from '../tenants/in-tenant.ts';
import { oneRole } from '../testing/test-roles.ts';

const log = createLogger({ program: 'test', level: 'silent' });
let url: string;
let database: Database;
beforeAll(async () => {
  url = await createTestDatabase();
  database = connect(oneRole(url), { max: 4, log });
});
afterAll(() => database.close());

/** What a listener hears, as a queue that can be awaited. */
function queue() {
  const events: ChannelEvent[] = [];
  let wake: () => void = () => {};
  return {
    push: (event: ChannelEvent) => {
      events.push(event);
      wake();
    },
    async next(): Promise<ChannelEvent> {
      for (;;) {
        const event = events.shift();
        if (event !== undefined) return event;
        await new Promise<void>((resolve) => (wake = resolve));
      }
    },
  };
}

describe('the connection to the store', () => {
  it('gives the pool and Prisma the same database', async () => {
    const { rows } = await database.pool.query<{ name: string }>('SELECT current_database() AS name');
    const inPrisma = await asTenant(database, randomUUID(), (tx) => tx.$queryRaw`SELECT current_database()::text AS name`);
    expect(inPrisma).toEqual(rows);
  });

  it('gives every test a database of its own', async () => {
    const other = await createTestDatabase();
    expect(other).not.toBe(url);
  });

  it('is asked for once more when it does not come in time, for a thread that is held up hears of it late', async () => {
    const { hostname, port } = new URL(url);
    let connections = 0;
    const held = createServer((socket) => {
      socket.on('error', () => {});
      connections += 1;
      // The first is taken and never answered.
      if (connections === 1) return;
      const upstream = createConnection({ host: hostname, port: Number(port) });
      upstream.on('error', () => {});
      socket.pipe(upstream).pipe(socket);
    }).listen(0, '127.0.0.1');
    await once(held, 'listening');
    const through = new URL(url);
    through.port = String((held.address() as AddressInfo).port);
    through.hostname = '127.0.0.1';
    const pool = openPool(through.href, { max: 1, log, patienceMs: 2_000 });
    try {
      expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
      expect(connections).toBe(2);
    } finally {
      await closePool(pool);
      held.close();
    }
  });

  it('hears notifications, and says so when it listens again after its connection broke', async () => {
    const heard = queue();
    const listener = database.listenFor('Config-Changed', heard.push);
    expect(await heard.next()).toEqual({ kind: 'connected' });
    await database.pool.query("SELECT pg_notify('Config-Changed', 'g1')");
    expect(await heard.next()).toEqual({ kind: 'notification', payload: 'g1' });
    await database.pool.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'stoa-listener' AND datname = current_database()",
    );
    expect(await heard.next()).toEqual({ kind: 'connected' });
    await database.pool.query("SELECT pg_notify('Config-Changed', 'g2')");
    expect(await heard.next()).toEqual({ kind: 'notification', payload: 'g2' });
    await listener.close();
  });

  it('can be closed while a listener cannot connect', async () => {
    const away = connect(oneRole('postgresql://u:p@127.0.0.1:1/x'), { max: 1, log });
    away.listenFor('c', () => {});
    await away.close();
  });
});
