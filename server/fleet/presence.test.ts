import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { inTransaction } from '../database/in-transaction.ts';
import { asGateway, getGateway, sweepNow } from '../testing/gateways.ts';
import { startTestControlPlane } from '../testing/test-control-plane.ts';
import type { TestControlPlane } from '../testing/test-control-plane.ts';
import { mendPresence, trimLog } from './presence.ts';
import { Sweeper, sweepLock } from './sweeper.ts';

let plane: TestControlPlane;
let gateways: ReturnType<typeof asGateway>;
let environment = '';

beforeAll(async () => {
  plane = await startTestControlPlane();
  gateways = asGateway(plane, await plane.mintGatewayKey());
});
afterAll(() => plane.close());
beforeEach(() => {
  environment = `e-${randomUUID().slice(0, 8)}`;
});

const query = async <Row extends Record<string, unknown>>(text: string, values: unknown[] = []) =>
  (await plane.store.pool.query<Row>(text, values)).rows;
const register = async (name: string, more = {}) => (await gateways.register(name, { environment, ...more })).body.gateway_id;
const registerMany = (count: number, from = 0) => Promise.all(Array.from({ length: count }, (_, n) => register(`i-${from + n}`)));
const silence = (ids: string[]) =>
  query(`UPDATE gateway_lease SET lease_until = now() - interval '1 second' WHERE gateway_id = ANY($1::uuid[])`, [ids]);
const kept = async () =>
  Object.fromEntries(
    (
      await query<{ liveness: string; n: number }>('SELECT liveness, count(*)::int AS n FROM gateway_presence WHERE environment = $1 GROUP BY 1', [
        environment,
      ])
    ).map(({ liveness, n }) => [liveness, n]),
  );
const brake = async () => (await query('SELECT held, released_at FROM presence_brake WHERE environment = $1', [environment]))[0];
const later = (seconds: number) =>
  query(
    `WITH b AS (UPDATE presence_brake SET engaged_at = engaged_at - make_interval(secs => $2), released_at = released_at - make_interval(secs => $2) WHERE environment = $1),
       l AS (UPDATE gateway_lease l SET lease_until = lease_until - make_interval(secs => $2) FROM gateway g WHERE g.id = l.gateway_id AND g.environment = $1 AND lease_until < now())
     UPDATE gateway_presence SET since = since - make_interval(secs => $2) WHERE environment = $1`,
    [environment, seconds],
  );

describe('what is kept of the fleet', () => {
  it('is written at transitions only: a heartbeat, a sweep without news and a registration again write nothing', async () => {
    const id = await register('quiet', { boot_id: randomUUID() });
    const rows = () =>
      query(
        'SELECT xmin::text, * FROM gateway_presence UNION ALL SELECT NULL, NULL, tenant_id, NULL, NULL, NULL, NULL, NULL, NULL FROM presence_clock',
      );
    const clock = () => query('SELECT xmin::text, seq FROM presence_clock');
    const before = [await rows(), await clock()];
    await gateways.heartbeat(id, { status: 'degraded' });
    await sweepNow(plane);
    await register('quiet');
    expect([await rows(), await clock()]).toEqual(before);
  });

  it('follows registration, leave, return, decommission and being forgotten, each told once and in order', async () => {
    const id = await register('followed');
    await gateways.deregister(id);
    await register('followed', { gateway_mode: 'sidecar' });
    await silence([id]);
    await sweepNow(plane);
    await gateways.heartbeat(id);
    await sweepNow(plane);
    await plane.request('DELETE', `/v1/gateways/${id}`);
    await plane.request('DELETE', `/v1/gateways/${id}?forget=true`);
    const told = await query<{ seq: string }>(
      'SELECT seq, was, liveness, was_mode, gateway_mode FROM gateway_transition WHERE gateway_id = $1 ORDER BY seq',
      [id],
    );
    expect(told.map(({ seq: _, ...transition }) => Object.values(transition))).toEqual([
      [null, 'online', null, 'edge_mcp'],
      ['online', 'left', 'edge_mcp', 'edge_mcp'],
      ['left', 'online', 'edge_mcp', 'sidecar'],
      ['online', 'offline', 'sidecar', 'sidecar'],
      ['offline', 'online', 'sidecar', 'sidecar'],
      ['online', 'revoked', 'sidecar', 'sidecar'],
      ['revoked', null, 'sidecar', 'sidecar'],
    ]);
  });

  it('numbers the log without a gap, however many change at once', async () => {
    await Promise.all(Array.from({ length: 30 }, async (_, n) => (n % 3 ? register(`gap-${n}`) : gateways.deregister(await register(`gap-${n}`)))));
    const [found] = await query(
      'SELECT count(*)::int AS rows, (max(seq) - min(seq) + 1)::int AS span, (max(seq) = (SELECT seq FROM presence_clock)) AS newest FROM gateway_transition',
    );
    expect(found).toEqual({ rows: found?.['span'], span: found?.['rows'], newest: true });
  });

  it('is counted right after whatever history', async () => {
    // In one statement, so that nothing comes between the two counts.
    const wrong = `WITH recount AS (SELECT environment, gateway_mode, liveness, count(*)::int AS count FROM gateway_presence GROUP BY 1, 2, 3)
      SELECT * FROM recount r FULL JOIN (SELECT * FROM presence_count WHERE count <> 0) k USING (environment, gateway_mode, liveness) WHERE r.count IS DISTINCT FROM k.count`;
    const known = new Map<string, string>();
    const any = <T>(of: readonly T[]): T => of[Math.floor(Math.random() * of.length)] as T;
    const step = async () => {
      const name = `random-${Math.floor(Math.random() * 12)}`;
      const id = known.get(name);
      const act = any(['register', 'register', 'leave', 'decommission', 'forget', 'silence', 'beat', 'sweep']);
      if (act === 'register' || id === undefined) {
        const mode = any(['edge_mcp', 'sidecar', 'connect']);
        const { status, body } = await gateways.register(name, { environment, gateway_mode: mode, boot_id: randomUUID() });
        if (status === 200) known.set(name, body.gateway_id);
      } else if (act === 'leave') await gateways.deregister(id);
      else if (act === 'beat') await gateways.heartbeat(id);
      else if (act === 'silence') await silence([id]);
      else if (act === 'sweep') await sweepNow(plane);
      else await plane.request('DELETE', `/v1/gateways/${id}?forget=${act === 'forget'}`);
    };
    for (let round = 0; round < 10; round += 1) {
      await Promise.all(Array.from({ length: 8 }, step));
      expect(await query(wrong)).toEqual([]);
    }
  });

  it('is mended where it is wrong, and where an older release wrote a gateway without it', async () => {
    const [missing, moved] = [await register('missing'), await register('moved')];
    await query('DELETE FROM gateway_presence WHERE gateway_id = $1', [missing]);
    await query('UPDATE gateway SET left_at = now() WHERE id = $1', [moved]);
    await query('UPDATE presence_count SET count = count + 7 WHERE environment = $1', [environment]);
    await query(`INSERT INTO presence_count SELECT tenant_id, 'nowhere', 'connect', 'late', 3 FROM presence_clock`);
    const mend = () => inTransaction(plane.context.db.pool, mendPresence);
    const { gateways: mended, counters } = await mend();
    // Of others the lease may have run out just now.
    expect(mended).toBeGreaterThanOrEqual(2);
    expect(counters).toBeGreaterThanOrEqual(2);
    expect(await kept()).toEqual({ online: 1, left: 1 });
    expect(await mend()).toEqual({ gateways: 0, counters: 0 });
    expect(await query(`SELECT FROM presence_count WHERE environment = 'nowhere'`)).toEqual([]);
  });

  it('keeps the log for an hour', async () => {
    await register('logged');
    await query(`UPDATE gateway_transition SET at = now() - interval '61 minutes' WHERE seq < (SELECT max(seq) FROM gateway_transition)`);
    await trimLog(plane.context.db.pool);
    expect(await query('SELECT instance_name FROM gateway_transition')).toEqual([{ instance_name: 'logged' }]);
  });

  it('is swept by one replica at a time, by none that comes right after another, and by any when that one is gone', async () => {
    const { db, intervals, log } = plane.context;
    const mark = (ago: string) => query(`UPDATE control_plane_state SET updated_at = now() - $1::interval WHERE key = 'alive'`, [ago]);
    const isMarkedAnew = async () => {
      const sweeper = new Sweeper(db, intervals, log);
      await sweeper.start();
      sweeper.stop();
      return (
        await query<{ fresh: boolean }>(
          `SELECT abs(extract(epoch FROM now() - updated_at)) < 1000 AS fresh FROM control_plane_state WHERE key = 'alive'`,
        )
      )[0]?.fresh;
    };
    await inTransaction(db.pool, async (another) => {
      await another.query('SELECT pg_advisory_xact_lock($1)', [sweepLock]);
      await mark('1 hour');
      expect(await isMarkedAnew()).toBe(false);
    });
    await mark('-1 hour');
    expect(await isMarkedAnew()).toBe(false);
    await mark('1 hour');
    expect(await isMarkedAnew()).toBe(true);
  });
});

describe('the mass-offline brake', () => {
  it('calls a fleet that falls silent at once late, not offline, and says so loudly; when it comes back nothing has happened', async () => {
    const ids = await registerMany(10);
    await silence(ids);
    await sweepNow(plane);
    expect([await kept(), await brake()]).toEqual([{ late: 10 }, { held: 10, released_at: null }]);
    expect((await getGateway(plane, ids[0] ?? '')).liveness).toBe('late');
    await sweepNow(plane);
    expect(await kept()).toEqual({ late: 10 });
    for (const id of ids) await gateways.heartbeat(id);
    await sweepNow(plane);
    expect([await kept(), await brake()]).toEqual([{ online: 10 }, undefined]);
  });

  it('lesson 8: lets go after a quarter of an hour, for good: a fleet that was scaled down without a word is offline then, and stays so', async () => {
    const ids = await registerMany(10);
    await silence(ids.slice(0, 8));
    await sweepNow(plane);
    await later(16 * 60);
    await sweepNow(plane);
    await sweepNow(plane);
    expect(await kept()).toEqual({ online: 2, offline: 8 });
    await sweepNow(plane);
    expect(await kept()).toEqual({ online: 2, offline: 8 });
  });

  it('engages anew for those who fall silent after a release, and not for those it let go', async () => {
    const ids = await registerMany(10);
    await silence(ids);
    await sweepNow(plane);
    await query('UPDATE presence_brake SET released_at = now() WHERE environment = $1', [environment]);
    await sweepNow(plane);
    expect(await kept()).toEqual({ offline: 10 });
    const more = await registerMany(10, 100);
    await sweepNow(plane);
    await later(10);
    await silence(more);
    await sweepNow(plane);
    expect([await kept(), await brake()]).toEqual([
      { offline: 10, late: 10 },
      { held: 10, released_at: null },
    ]);
  });

  it('does not count those who left or were decommissioned, neither as silent nor as there', async () => {
    const ids = await registerMany(14);
    await Promise.all(ids.slice(0, 10).map((id) => gateways.deregister(id)));
    await silence(ids.slice(0, 13));
    await sweepNow(plane);
    expect([await kept(), await brake()]).toEqual([{ left: 10, online: 1, offline: 3 }, undefined]);
  });

  it('sees a loss that is spread over the sweeps of one interval, and none that is spread over many', async () => {
    const ids = await registerMany(20);
    await silence(ids.slice(0, 3));
    await sweepNow(plane);
    expect(await kept()).toEqual({ online: 17, offline: 3 });
    await silence(ids.slice(3, 5));
    await sweepNow(plane);
    expect(await kept()).toEqual({ online: 15, offline: 3, late: 2 });
    environment = `${environment}-slow`;
    const slow = await registerMany(20);
    for (const n of [0, 1, 2, 3]) {
      await silence(slow.slice(2 * n, 2 * n + 2));
      await sweepNow(plane);
      await later(60);
    }
    expect([await kept(), await brake()]).toEqual([{ online: 12, offline: 8 }, undefined]);
  });

  it('holds one environment and not the others', async () => {
    const held = await registerMany(6);
    const braked = environment;
    environment = `${environment}-other`;
    const one = await register('alone');
    await silence([...held, one]);
    await sweepNow(plane);
    expect(await kept()).toEqual({ offline: 1 });
    environment = braked;
    expect(await kept()).toEqual({ late: 6 });
  });
});
