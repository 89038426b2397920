import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GatewayList, GatewayModes } from '@stoa/generated/schemas.ts';
import { asGateway, getGateway, sweepNow } from '../testing/gateways.ts';
import { readFleetCounts } from './fleet-counts.ts';
import { findGateways } from './gateway-rows.ts';
import { liveOf, readFleet, sweep } from './sweeper.ts';
import { startTestControlPlane } from '../testing/test-control-plane.ts';
import type { TestControlPlane } from '../testing/test-control-plane.ts';

let plane: TestControlPlane;
let gateways: ReturnType<typeof asGateway>;

beforeAll(async () => {
  plane = await startTestControlPlane();
  gateways = asGateway(plane, await plane.mintGatewayKey());
});
afterAll(() => plane.close());

// Each in an environment of its own, so that those who are silent are no mass.
const register = async (name: string, more = {}) => (await gateways.register(name, { environment: name, ...more })).body.gateway_id;
/** As if the last word of a gateway had come so long ago, and a sweep since. */
const silentFor = async (gatewayId: string, seconds: number) => {
  await plane.store.pool.query(
    `UPDATE gateway_lease SET lease_until = now() + make_interval(secs => 3 * heartbeat_interval_s + 10 - $2::int) WHERE gateway_id = $1`,
    [gatewayId, seconds],
  );
  await sweepNow(plane);
};
const livenessOf = async (gatewayId: string) => (await getGateway(plane, gatewayId)).liveness;

describe('liveness', () => {
  it.each([
    [0, 'online'],
    [40, 'online'],
    [46, 'late'],
    [99, 'late'],
    [101, 'offline'],
    [100_000, 'offline'],
  ])('after %i s of silence at an interval of 30 s is %s', async (seconds, liveness) => {
    const id = await register(`silent-${seconds}`);
    await silentFor(id, seconds);
    expect(await livenessOf(id)).toBe(liveness);
  });

  it('is left after deregistration and online again after the next registration', async () => {
    const id = await register('leaver');
    await gateways.deregister(id);
    expect(await livenessOf(id)).toBe('left');
    expect(await register('leaver')).toBe(id);
    expect(await livenessOf(id)).toBe('online');
  });

  it('is revoked once decommissioned, whatever else is true', async () => {
    const id = await register('revoked');
    await silentFor(id, 1000);
    await plane.request('DELETE', `/v1/gateways/${id}`);
    expect(await livenessOf(id)).toBe('revoked');
  });

  it('is conflict after more than three takeovers in five minutes, and no longer when they are over', async () => {
    const seen: string[] = [];
    let id = '';
    for (let n = 0; n < 12; n += 1) {
      id = await register('fought-for', { boot_id: randomUUID() });
      seen.push(await livenessOf(id));
    }
    expect(seen).toEqual([...Array<string>(4).fill('online'), ...Array<string>(8).fill('conflict')]);
    const { rows } = await plane.store.pool.query<{ kept: number }>('SELECT cardinality(takeovers) AS kept FROM gateway WHERE id = $1', [id]);
    expect(rows[0]?.kept).toBe(10);
    await plane.store.pool.query(`UPDATE gateway SET takeovers = ARRAY(SELECT t - interval '6 minutes' FROM unnest(takeovers) t) WHERE id = $1`, [
      id,
    ]);
    expect(await livenessOf(id)).toBe('online');
  });

  it('lesson 6: leaves alone what an instance says of itself, and is not overwritten by it', async () => {
    const id = await register('degraded');
    await gateways.heartbeat(id, { status: 'degraded' });
    expect(await getGateway(plane, id)).toMatchObject({ liveness: 'online', status: 'degraded' });
    await silentFor(id, 200);
    expect(await getGateway(plane, id)).toMatchObject({ liveness: 'offline', status: 'degraded', metrics: { requests_total: 1 } });
    await gateways.heartbeat(id, { status: 'unhealthy' });
    expect(await getGateway(plane, id)).toMatchObject({ liveness: 'online', status: 'unhealthy' });
  });

  it('lesson 8: a restart of the control plane shows nobody offline, but those who were offline before', async () => {
    const first = await startTestControlPlane();
    const key = asGateway(first, await first.mintGatewayKey());
    const [awake, asleep] = await Promise.all([key.register('awake'), key.register('asleep')]);
    // The control plane was away for an hour: the one was good until then, the other over for long.
    const { pool } = first.store;
    await pool.query(`UPDATE gateway_lease SET lease_until = now() - interval '1 hour' + interval '50 seconds' WHERE gateway_id = $1`, [
      awake.body.gateway_id,
    ]);
    await pool.query(`UPDATE gateway_lease SET lease_until = now() - interval '2 hours' WHERE gateway_id = $1`, [asleep.body.gateway_id]);
    await pool.query(`UPDATE control_plane_state SET updated_at = now() - interval '1 hour' WHERE key = 'alive'`);
    const second = await first.startAnother();
    expect((await getGateway(second, awake.body.gateway_id)).liveness).toBe('online');
    // That one was over before is said by the first sweep that finds no gap.
    await sweepNow(second);
    expect((await getGateway(second, awake.body.gateway_id)).liveness).toBe('online');
    expect((await getGateway(second, asleep.body.gateway_id)).liveness).toBe('offline');
    await second.close();
    await first.close();
  });

  it('after an outage of the database that outlasts every lease is what it will be once the sweeper has come round, and the interval stays', async () => {
    const other = await startTestControlPlane();
    const key = asGateway(other, await other.mintGatewayKey());
    const [awake, asleep] = await Promise.all([key.register('awake'), key.register('asleep')]);
    const { pool } = other.store;
    const client = await pool.connect();
    try {
      // In one transaction with what the sweeper waits for: it cannot come round before the readings here.
      await client.query('BEGIN');
      await client.query(`UPDATE gateway_lease SET lease_until = now() - interval '2 hours' WHERE gateway_id = $1`, [asleep.body.gateway_id]);
      await sweep(client);
      await client.query(`UPDATE control_plane_state SET updated_at = now() - interval '1 hour' WHERE key = 'alive'`);
      await client.query(`UPDATE gateway_lease SET lease_until = now() - interval '59 minutes' WHERE gateway_id = $1`, [awake.body.gateway_id]);
      const tenantId = (await client.query<{ id: string }>('SELECT id FROM tenant')).rows[0]?.id ?? '';
      const read = async () =>
        (await findGateways(client as never, tenantId, {}, { take: 10 })).map((row) => [row.instance_name, row.liveness]).sort();
      const counted = async () => (await readFleetCounts(client as never, tenantId)).counts.map(({ liveness, count }) => [liveness, count]).sort();
      const before = await read();
      expect(before).toEqual([
        ['asleep', 'offline'],
        ['awake', 'online'],
      ]);
      expect(await counted()).toEqual([
        ['offline', 1],
        ['online', 1],
      ]);
      await sweep(client);
      expect(liveOf(await readFleet(client as never))).toBe(1);
      expect(await read()).toEqual(before);
    } finally {
      await client.query('ROLLBACK');
      client.release();
      await other.close();
    }
  });
});

describe('GET /v1/gateways', () => {
  it('lesson 10: filters by mode, environment, liveness and name, alone and together', async () => {
    const other = await startTestControlPlane();
    const key = asGateway(other, await other.mintGatewayKey());
    for (const [name, gateway_mode, environment] of [
      ['a', 'edge_mcp', 'production'],
      ['b', 'sidecar', 'production'],
      ['c', 'connect', 'staging'],
      ['d', 'connect', 'production'],
      ['a', 'edge_mcp', 'staging'],
    ]) {
      await key.register(name ?? '', { gateway_mode, environment });
    }
    await other.store.pool.query(
      `UPDATE gateway_lease l SET lease_until = now() - interval '1 s' FROM gateway g WHERE g.id = l.gateway_id AND g.instance_name = 'd'`,
    );
    await sweepNow(other);
    const names = async (query: string) =>
      (await other.request<GatewayList>('GET', `/v1/gateways?${query}`)).body.items.map(
        ({ instance_name, environment }) => `${instance_name} ${environment}`,
      );
    expect(await names('')).toEqual(['a production', 'b production', 'c staging', 'd production', 'a staging']);
    expect(await names('gateway_mode=connect')).toEqual(['c staging', 'd production']);
    expect(await names('environment=staging')).toEqual(['c staging', 'a staging']);
    expect(await names('instance_name=a')).toEqual(['a production', 'a staging']);
    expect(await names('liveness=offline')).toEqual(['d production']);
    expect(await names('liveness=online&gateway_mode=connect')).toEqual(['c staging']);
    expect(await names('liveness=left')).toEqual([]);
    const { body } = await other.request<GatewayModes>('GET', '/v1/gateways/modes');
    expect(
      body.modes.map(({ gateway_mode, product, total, counts, instances, more }) => [
        gateway_mode,
        product,
        total,
        counts.online,
        counts.offline,
        instances.length,
        more,
      ]),
    ).toEqual([
      ['edge_mcp', 'STOA Gateway', 2, 2, 0, 2, 0],
      ['sidecar', 'STOA Link', 1, 1, 0, 1, 0],
      ['connect', 'STOA Connect', 2, 1, 1, 2, 0],
    ]);
    await other.close();
  });

  it('pages a large fleet without skipping or repeating a row, while rows are added in between', async () => {
    const other = await startTestControlPlane();
    // Many share a millisecond, so that the cursor must tell them apart by their ids.
    await other.store.pool.query(`WITH t AS (SELECT id FROM tenant), g AS (
      INSERT INTO gateway (tenant_id, environment, instance_name, gateway_mode, version, features, unknown_fields, takeovers, registered_at)
      SELECT t.id, 'production', 'bulk-' || n, 'edge_mcp', '1', '{}', '{}', '{}', now() + make_interval(secs => (n / 100) * 0.001) FROM t, generate_series(1, 1234) n RETURNING id)
      INSERT INTO gateway_lease (gateway_id, heartbeat_interval_s, lease_until) SELECT id, 30, now() + interval '1 hour' FROM g`);
    const key = asGateway(other, await other.mintGatewayKey());
    const seen: string[] = [];
    let cursor: string | null = '';
    for (let page = 0; cursor !== null && page < 50; page += 1) {
      const { body }: { body: GatewayList } = await other.request('GET', `/v1/gateways?limit=97${cursor === '' ? '' : `&cursor=${cursor}`}`);
      seen.push(...body.items.map(({ instance_name }) => instance_name));
      cursor = body.next_cursor;
      if (page < 3) await key.register(`late-${page}`);
    }
    const bulk = seen.filter((name) => name.startsWith('bulk-'));
    expect(bulk).toHaveLength(1234);
    expect(new Set(seen).size).toBe(seen.length);
    await other.close();
  });

  it.each([
    'nonsense',
    Buffer.from('+275760-09-13T00:00:00.000Z x').toString('base64url'),
    Buffer.from(`2026-01-01T00:00:00.000Z ${'-'.repeat(36)}`).toString('base64url'),
  ])('answers 400 to the cursor %s', async (cursor) => {
    expect(await plane.request('GET', `/v1/gateways?cursor=${cursor}`)).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: '/query/cursor' }] },
    });
  });
});
