import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DriftList, GatewayList, GatewayModes } from '@stoa/generated/schemas.ts';
import { asGateway, getGateway } from '../../testing/gateways.ts';
import { expectGuarded, giveAway } from '../../testing/refusals.ts';
import { startTestControlPlane } from '../../testing/test-control-plane.ts';
import type { TestControlPlane } from '../../testing/test-control-plane.ts';

let plane: TestControlPlane;
let gateways: ReturnType<typeof asGateway>;
const nobodysId = '5b1a0e0a-7f1e-4a39-9d4e-3f8d6f5b0c11';

beforeAll(async () => {
  plane = await startTestControlPlane();
  gateways = asGateway(plane, await plane.mintGatewayKey());
});
afterAll(() => plane.close());

const register = async (name: string, more = {}) => (await gateways.register(name, more)).body;
const rowsOf = async () =>
  (
    await plane.store.pool.query<Record<string, unknown>>(
      'SELECT g.*, l.* FROM gateway g JOIN gateway_lease l ON l.gateway_id = g.id ORDER BY g.instance_name',
    )
  ).rows;

it('answers 401 and 403 to whoever may not', async () => {
  await expectGuarded(plane, [{ method: 'DELETE', path: `/v1/gateways/${nobodysId}` }]);
  for (const path of ['/v1/gateways', '/v1/gateways/modes', `/v1/gateways/${nobodysId}`]) {
    expect((await plane.request('GET', path, { token: undefined })).status).toBe(401);
    expect((await plane.request('GET', path, { token: gateways.token })).status).toBe(403);
  }
});

describe('registerGateway', () => {
  it('gives one identity to many that register one name at once', async () => {
    const answers = await Promise.all(Array.from({ length: 50 }, () => gateways.register('crowded')));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(new Set(answers.map(({ body }) => body.gateway_id)).size).toBe(1);
    expect((await rowsOf()).filter(({ instance_name }) => instance_name === 'crowded')).toHaveLength(1);
  });

  it("lesson 1: touches no sibling's row, however many register at once", async () => {
    await register('sibling');
    const before = (await rowsOf()).find(({ instance_name }) => instance_name === 'sibling');
    await Promise.all(Array.from({ length: 30 }, (_, n) => register(`sibling-${n}`, { boot_id: randomUUID() })));
    expect((await rowsOf()).find(({ instance_name }) => instance_name === 'sibling')).toEqual(before);
  });

  it('keeps environments and names apart, and one gateway_id for each for good', async () => {
    const [one, other] = [await register('same'), await register('same', { environment: 'staging' })];
    expect(one.gateway_id).not.toBe(other.gateway_id);
    expect((await register('same', { version: '2.0.0', gateway_mode: 'sidecar' })).gateway_id).toBe(one.gateway_id);
    expect(await getGateway(plane, one.gateway_id)).toMatchObject({ version: '2.0.0', gateway_mode: 'sidecar' });
  });

  it('bumps the epoch for a new process only, and never for a client that names none', async () => {
    const [first, second] = [randomUUID(), randomUUID()];
    const epochs: unknown[] = [];
    for (const boot_id of [undefined, first, first, second, second, undefined])
      epochs.push((await register('epochs', boot_id ? { boot_id } : {})).lease_epoch);
    expect(epochs).toEqual([1, 1, 1, 2, 2, 2]);
  });

  it('shows nothing of what an earlier process said in its heartbeats, and keeps what the same process said', async () => {
    const boot_id = randomUUID();
    const { gateway_id } = await register('restarted', { boot_id });
    await gateways.heartbeat(gateway_id, { status: 'degraded', uptime_s: 3600.4 });
    await register('restarted', { boot_id });
    expect(await getGateway(plane, gateway_id)).toMatchObject({ status: 'degraded', uptime_s: 3600 });
    await register('restarted', { boot_id: randomUUID() });
    const restarted = await getGateway(plane, gateway_id);
    expect([restarted.liveness, restarted.status, restarted.uptime_s, restarted.last_heartbeat_at]).toEqual([
      'online',
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('gives the older of many processes that race one lease no epoch that the newest has', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => gateways.register('raced', { boot_id: randomUUID() })));
    expect(answers.map(({ body }) => body.lease_epoch ?? 0).toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, n) => n + 1));
  });

  it('lesson 5: answers 400 that names the three modes to any other', async () => {
    for (const gateway_mode of ['edge-mcp', 'EDGE_MCP', 'proxy', '', null]) {
      const { status, body } = await plane.request('POST', '/v1/internal/gateways/register', {
        token: gateways.token,
        body: { instance_name: 'x', gateway_mode, version: '1', features: [], environment: 'production' },
      });
      expect([status, JSON.stringify(body)]).toEqual([400, expect.stringContaining('edge_mcp, sidecar, connect')]);
    }
  });

  it("answers 401 to an unknown key, 403 outside the key's scope or to a key for another mode of the instance, 410 once decommissioned", async () => {
    expect((await asGateway(plane, 'stoa_gk_unknown').register('x')).status).toBe(401);
    expect((await asGateway(plane, plane.adminToken).register('x')).status).toBe(403);
    const { gateway_id } = await register('edge');
    const connects = asGateway(plane, await plane.mintGatewayKey({ modes: ['connect'] }));
    expect(await connects.register('edge', { gateway_mode: 'connect' })).toMatchObject({
      status: 403,
      body: { detail: expect.stringContaining('registered as edge_mcp') as string },
    });
    await plane.request('DELETE', `/v1/gateways/${gateway_id}`);
    expect(await gateways.register('edge')).toMatchObject({ status: 410, body: { code: 'decommissioned' } });
  });
});

describe('the gateway beside a Connect', () => {
  const inDays = (days: number) => Math.floor(Date.now() / 1000 + days * 86_400);
  const told = async (gateway_id: string, metrics: Record<string, number>) => {
    await gateways.heartbeat(gateway_id, { metrics });
    return (await getGateway(plane, gateway_id)).target_health;
  };

  it('is shown with its version and how it is, on its page and in lists', async () => {
    const { gateway_id } = await register('beside-kong', { gateway_mode: 'connect', target_gateway: { type: 'kong', url: 'http://kong:8001' } });
    expect((await getGateway(plane, gateway_id)).target_health).toEqual({ state: 'unknown' });
    const ends_at = new Date(inDays(12) * 1000).toISOString();
    const health = { state: 'not_ready', reason: 'Kong cannot reach its database.', certificates: [{ name: 'certificate shop.example', ends_at }] };
    await gateways.observe(gateway_id, { target_gateway: { type: 'kong', version: '3.9.3' }, health });
    const metrics = { target_up: 1, target_ready: 0, target_certificate_ends_at_seconds: inDays(12), target_error_ratio: 0.25 };
    const shown = { state: 'not_ready', reason: health.reason, certificates: 'ending', certificate_ends_at: ends_at, error_ratio: 0.25 };
    expect(await told(gateway_id, metrics)).toEqual(shown);
    const { body } = await plane.request<GatewayList>('GET', '/v1/gateways?instance_name=beside-kong');
    expect(body.items).toMatchObject([{ target_health: shown, target_gateway: { type: 'kong', version: '3.9.3', url: 'http://kong:8001' } }]);
    expect((await getGateway(plane, gateway_id)).observed).toMatchObject({ health });
  });

  it('has certificates that are valid, about to end or ended, and states that are numbers', async () => {
    const { gateway_id } = await register('beside-caddy', { gateway_mode: 'connect' });
    for (const [days, certificates] of [
      [31, 'valid'],
      [29, 'ending'],
      [-1, 'ended'],
    ] as const)
      expect(await told(gateway_id, { target_up: 1, target_certificate_ends_at_seconds: inDays(days) })).toMatchObject({
        state: 'unknown',
        certificates,
      });
    expect(await told(gateway_id, { target_up: 1, target_ready: 1 })).toEqual({ state: 'ready' });
    expect(await told(gateway_id, { target_up: 0, target_ready: 1 })).toEqual({ state: 'unreachable' });
    expect(await told(gateway_id, { target_certificate_ends_at_seconds: 1e300 })).toEqual({ state: 'unknown' });
    expect((await getGateway(plane, (await register('no-connect')).gateway_id)).target_health).toBe(undefined);
  });
});

describe('heartbeat', () => {
  it('renews the lease and tells interval, epoch and generation', async () => {
    const { gateway_id } = await register('beats');
    expect(await gateways.heartbeat(gateway_id)).toMatchObject({
      status: 200,
      body: { heartbeat_interval_s: 30, lease_epoch: 1, lease_ttl_s: 100, config_generation: 0 },
    });
    expect(await getGateway(plane, gateway_id)).toMatchObject({ status: 'healthy', uptime_s: 1, metrics: { requests_total: 1 } });
  });

  it('lesson 19: is 409 for an older process, and never for one that names no epoch', async () => {
    const { gateway_id } = await register('fenced', { boot_id: randomUUID() });
    await register('fenced', { boot_id: randomUUID() });
    expect(await gateways.heartbeat(gateway_id, { lease_epoch: 1 })).toMatchObject({ status: 409, body: { code: 'stale_epoch' } });
    expect((await gateways.heartbeat(gateway_id, { lease_epoch: 2 })).status).toBe(200);
    expect((await gateways.heartbeat(gateway_id)).status).toBe(200);
  });

  it("lessons 9 and 24: is 404 for another tenant's gateway, with any key", async () => {
    const { gateway_id } = await register('ours');
    await gateways.config(gateway_id);
    // Its state is of our tenant, which the database would hold against the change.
    await giveAway(plane, gateway_id);
    expect((await gateways.heartbeat(gateway_id)).status).toBe(404);
    expect((await gateways.config(gateway_id)).status).toBe(404);
    expect((await gateways.deregister(gateway_id)).status).toBe(404);
    for (const method of ['GET', 'DELETE']) expect((await plane.request(method, `/v1/gateways/${gateway_id}`)).status).toBe(404);
    expect((await plane.request<GatewayList>('GET', '/v1/gateways')).body.items.map((item) => item.gateway_id)).not.toContain(gateway_id);
    expect(JSON.stringify((await plane.request<GatewayModes>('GET', '/v1/gateways/modes')).body)).not.toContain(gateway_id);
  });
});

describe('deregisterGateway', () => {
  it('makes the instance leave: everything it asks is 404 until it registers again', async () => {
    const { gateway_id } = await register('leaves');
    expect((await gateways.deregister(gateway_id)).status).toBe(204);
    const asks = [
      gateways.heartbeat(gateway_id),
      gateways.config(gateway_id),
      gateways.ack(gateway_id, { generation: 0, hash: '' }),
      gateways.observe(gateway_id, {}),
      gateways.reportUsage(gateway_id, { boot_id: randomUUID(), seq: 0 }),
      gateways.deregister(gateway_id),
    ];
    expect((await Promise.all(asks)).map(({ status }) => status)).toEqual(Array(6).fill(404));
    expect((await register('leaves')).gateway_id).toBe(gateway_id);
    expect((await gateways.heartbeat(gateway_id)).status).toBe(200);
  });

  it('is 409 for an older process, 403 outside the scope, 404 for nobody, 400 for nonsense', async () => {
    const { gateway_id } = await register('stays', { boot_id: randomUUID() });
    await register('stays', { boot_id: randomUUID() });
    expect((await gateways.deregister(gateway_id, '?lease_epoch=1')).status).toBe(409);
    expect((await asGateway(plane, await plane.mintGatewayKey({ instance_name: 'other' })).deregister(gateway_id)).status).toBe(403);
    expect((await gateways.deregister(nobodysId)).status).toBe(404);
    expect((await gateways.deregister(gateway_id, '?lease_epoch=0')).status).toBe(400);
    expect((await getGateway(plane, gateway_id)).liveness).toBe('online');
  });
});

describe('decommissionGateway', () => {
  it('makes everything that the instance asks 410, and keeps it so', async () => {
    const { gateway_id } = await register('ends');
    expect((await plane.request('DELETE', `/v1/gateways/${gateway_id}?forget=false`)).status).toBe(204);
    expect((await plane.request('DELETE', `/v1/gateways/${gateway_id}`)).status).toBe(204);
    const asks = [
      gateways.register('ends'),
      gateways.heartbeat(gateway_id),
      gateways.config(gateway_id),
      gateways.ack(gateway_id, { generation: 0, hash: '' }),
      gateways.observe(gateway_id, {}),
      gateways.reportUsage(gateway_id, { boot_id: randomUUID(), seq: 0 }),
      gateways.deregister(gateway_id),
    ];
    expect((await Promise.all(asks)).map(({ status }) => status)).toEqual(Array(7).fill(410));
  });

  it('with forget lets the name register anew, as another gateway', async () => {
    const { gateway_id } = await register('forgotten');
    expect((await plane.request('DELETE', `/v1/gateways/${gateway_id}?forget=true`)).status).toBe(204);
    expect((await gateways.heartbeat(gateway_id)).status).toBe(404);
    const again = await register('forgotten');
    expect(again.gateway_id).not.toBe(gateway_id);
    expect((await gateways.heartbeat(again.gateway_id)).status).toBe(200);
  });

  it('is 404 for nobody and 400 for nonsense, as is reading one', async () => {
    for (const method of ['GET', 'DELETE']) {
      expect((await plane.request(method, `/v1/gateways/${nobodysId}`)).status).toBe(404);
      expect((await plane.request(method, '/v1/gateways/nonsense')).status).toBe(400);
    }
    expect((await plane.request('DELETE', `/v1/gateways/${nobodysId}?forget=perhaps`)).status).toBe(400);
  });
});

describe('getGatewayDrift', () => {
  const event = (more = {}) => ({
    event_id: randomUUID(),
    object: 'route orders',
    kind: 'changed',
    detail: 'methods: GET → POST',
    wins: 'stoa',
    state: 'found',
    ...more,
  });
  const driftOf = async (gatewayId: string) => (await plane.request<DriftList>('GET', `/v1/gateways/${gatewayId}/drift`)).body.items;

  it('tells what differed, who wins and when it was repaired, each event once however often it is reported', async () => {
    const { gateway_id } = await register('drifting', { gateway_mode: 'connect' });
    expect(await driftOf(gateway_id)).toEqual([]);
    const [mended, left] = [event({ item_id: 'api:x' }), event({ object: 'key k', kind: 'extra', wins: 'gateway', state: 'left' })];
    await gateways.observe(gateway_id, { drift_history: [mended, left] });
    const found = await driftOf(gateway_id);
    expect(found).toEqual(
      expect.arrayContaining([
        { ...mended, found_at: expect.any(String) },
        { ...left, found_at: expect.any(String) },
      ]),
    );
    for (const _again of [1, 2]) await gateways.observe(gateway_id, { drift_history: [{ ...mended, state: 'repaired' }, left] });
    const repaired = (await driftOf(gateway_id)).find(({ event_id: id }) => id === mended.event_id);
    const first = found.find(({ event_id: id }) => id === mended.event_id);
    expect(repaired).toEqual({ ...first, state: 'repaired', repaired_at: expect.any(String) });
    await gateways.observe(gateway_id, { drift_history: [{ ...left, state: 'gone' }] });
    expect((await driftOf(gateway_id)).find(({ event_id: id }) => id === left.event_id)).toMatchObject({
      state: 'gone',
      gone_at: expect.any(String),
    });
    expect((await getGateway(plane, gateway_id)).observed).toEqual({ apis: [], drift: [] });
  });

  it('keeps the last hundred of a gateway, and forgets them with it', async () => {
    const { gateway_id } = await register('drifts-much', { gateway_mode: 'connect' });
    const old = event({ object: 'the oldest' });
    await gateways.observe(gateway_id, { drift_history: [old] });
    await gateways.observe(gateway_id, { drift_history: Array.from({ length: 100 }, () => event()) });
    const kept = await driftOf(gateway_id);
    expect([kept.length, kept.some(({ event_id: id }) => id === old.event_id)]).toEqual([100, false]);
    expect((await gateways.observe(gateway_id, { drift_history: Array.from({ length: 101 }, () => event()) })).status).toBe(400);
    await plane.request('DELETE', `/v1/gateways/${gateway_id}?forget=true`);
    expect((await plane.store.pool.query('SELECT FROM gateway_drift WHERE gateway_id = $1', [gateway_id])).rowCount).toBe(0);
  });

  it("is 404 for nobody's gateway and for another tenant's, and 401 or 403 for whoever may not", async () => {
    const { gateway_id } = await register('not-theirs');
    await gateways.observe(gateway_id, { drift_history: [event()] });
    const path = `/v1/gateways/${gateway_id}/drift`;
    expect((await plane.request('GET', path, { token: undefined })).status).toBe(401);
    expect((await plane.request('GET', path, { token: gateways.token })).status).toBe(403);
    await giveAway(plane, gateway_id);
    for (const id of [gateway_id, nobodysId]) expect((await plane.request('GET', `/v1/gateways/${id}/drift`)).status).toBe(404);
  });
});
