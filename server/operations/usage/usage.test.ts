import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { GatewayKeyPrincipal } from '../../access/principal.ts';
import type { AuditRecord, UsageReport } from '@stoa/generated/schemas.ts';
import { asGateway } from '../../testing/gateways.ts';
import { startTestControlPlane } from '../../testing/test-control-plane.ts';
import type { TestControlPlane } from '../../testing/test-control-plane.ts';

let plane: TestControlPlane;
let gateways: ReturnType<typeof asGateway>;
let gatewayId: string;

beforeAll(async () => {
  plane = await startTestControlPlane();
  gateways = asGateway(plane, await plane.mintGatewayKey());
  gatewayId = (await gateways.register('meter', { boot_id: randomUUID() })).body.gateway_id;
});
afterAll(() => plane.close());

const now = () => new Date().toISOString();
const record = (more: Record<string, unknown> = {}) => ({
  window_start: now(),
  api_id: randomUUID(),
  operation_id: 'getOrder',
  door: 'mcp',
  calls: 3,
  errors: 1,
  denied: 1,
  duration_ms: 4.5,
  ...more,
});
const usageOf = async (api_id: unknown, more = '') =>
  (await plane.request<UsageReport>('GET', `/v1/usage?api_id=${String(api_id)}${more}`)).body.items;

describe('reportUsage', () => {
  it('lesson 30: counts a batch once, whatever is retried and however many at once', async () => {
    const api_id = randomUUID();
    const batch = { boot_id: randomUUID(), seq: 1, records: [record({ api_id }), record({ api_id, calls: 4 })] };
    const answers = await Promise.all(Array.from({ length: 10 }, () => gateways.reportUsage(gatewayId, batch)));
    expect(answers.map(({ body }) => body.duplicate).toSorted()).toEqual([false, ...Array<boolean>(9).fill(true)]);
    expect(await usageOf(api_id)).toEqual([
      { api_id, operation_id: 'getOrder', door: 'mcp', calls: 7, errors: 2, denied: 2, duration_ms: 9, request_bytes: 0, response_bytes: 0 },
    ]);
  });

  it('sums durations before it rounds them, to a tenth of a millisecond', async () => {
    const api_id = randomUUID();
    // The sums of the parts in the machine's numbers are 0.30000000000000004 and 0.08999999999999998.
    for (const durations of [
      [0.1, 0.2],
      [0.03, 0.029, 0.031],
    ])
      await gateways.reportUsage(gatewayId, {
        boot_id: randomUUID(),
        seq: 1,
        records: durations.map((duration_ms) => record({ api_id, duration_ms, operation_id: `op${durations.length}` })),
      });
    expect((await usageOf(api_id)).map(({ operation_id, duration_ms }) => [operation_id, duration_ms]).toSorted()).toEqual([
      ['op2', 0.3],
      ['op3', 0.1],
    ]);
  });

  it('adds batches of one process and of another, and many at once in opposite orders', async () => {
    const [one, other] = [randomUUID(), randomUUID()];
    const window_start = now();
    const records = [record({ api_id: one, window_start }), record({ api_id: other, window_start })];
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, seq) =>
        gateways.reportUsage(gatewayId, { boot_id: randomUUID(), seq, records: seq % 2 ? records : records.toReversed() }),
      ),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(await usageOf(one)).toMatchObject([{ calls: 60 }]);
    expect(await usageOf(other)).toMatchObject([{ calls: 60 }]);
  });

  it('has calls that were refused recorded in the audit: the first at once, and their number, by caller, operation and reason', async () => {
    const { body: consumer } = await plane.request<{ consumer_id: string }>('POST', '/v1/consumers', { body: { name: 'often-refused' } });
    const api_id = randomUUID();
    const [mine, batch] = [
      { api_id, consumer_id: consumer.consumer_id },
      { boot_id: randomUUID(), seq: 1 },
    ];
    const refusals = [
      { reason: 'rate_limited', calls: 40, address: '192.0.2.7' },
      { reason: 'forbidden', calls: 1 },
    ];
    const nothing = { api_id: '00000000-0000-0000-0000-000000000000', operation_id: '', calls: 0, errors: 0, denied: 0, duration_ms: 0 };
    const unknown = record({ ...nothing, refusals: [{ reason: 'unauthenticated', calls: 7, address: '192.0.2.9' }] });
    const records = [record({ ...mine, calls: 41, denied: 41, refusals }), unknown];
    for (const duplicate of [false, true]) expect((await gateways.reportUsage(gatewayId, { ...batch, records })).body).toEqual({ duplicate });
    // Those after the first are counted, and written later.
    await gateways.reportUsage(gatewayId, { ...batch, seq: 2, records: [record({ ...mine, refusals: [{ reason: 'rate_limited', calls: 2 }] })] });
    const told = async (more: string) => (await plane.request<{ items: AuditRecord[] }>('GET', `/v1/audit?action=call${more}`)).body.items;
    await vi.waitFor(async () => expect(await told('')).toHaveLength(3));
    const detail = { door: 'mcp', operation_id: 'getOrder', reason: 'rate_limited', count: 40 };
    const actor = { kind: 'consumer', id: consumer.consumer_id, name: 'often-refused' };
    expect(await told('&actor=often-refused')).toMatchObject([
      { actor, detail: { reason: 'forbidden' } },
      { kind: 'refusal', outcome: 'refused', actor: { ...actor, address: '192.0.2.7' }, object: { kind: 'api', id: api_id }, detail },
    ]);
    const [first] = (await told('')).filter(({ actor: { kind } }) => kind === 'nobody');
    expect(first).toMatchObject({ actor: { kind: 'nobody', address: '192.0.2.9' }, detail: { door: 'mcp', reason: 'unauthenticated', count: 7 } });
    expect(await usageOf(nothing.api_id)).toEqual([]);
    await plane.context.audit.refusedCalls.stop();
    expect((await told('&actor=often-refused'))[0]).toMatchObject({ detail: { ...detail, count: 2 } });
  });

  it('has the first use of a consumer key recorded, once, whoever tells of it and however often, and of no other tenant', async () => {
    const { body: consumer } = await plane.request<{ consumer_id: string }>('POST', '/v1/consumers', { body: { name: 'first-user' } });
    const makeKey = async (): Promise<string> =>
      (await plane.request<{ key: { key_id: string } }>('POST', `/v1/consumers/${consumer.consumer_id}/keys`, { body: {} })).body.key.key_id;
    const [first, second] = [await makeKey(), await makeKey()];
    const tell = (seq: number, ...new_key_ids: string[]) =>
      gateways.reportUsage(gatewayId, { boot_id: randomUUID(), seq, records: [record({ new_key_ids }), record({ new_key_ids })] });
    const answers = await Promise.all([tell(1, first), tell(2, first), tell(3, first, randomUUID())]);
    await tell(4, second, first);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    const { items } = (await plane.request<{ items: AuditRecord[] }>('GET', '/v1/audit?object=consumer_key&kind=key-use')).body;
    expect(items.map(({ object }) => object)).toEqual([second, first].map((id) => ({ kind: 'consumer_key', id, name: 'first-user' })));
    expect(items[0]).toMatchObject({
      action: 'firstUse',
      actor: { kind: 'gateway_key' },
      detail: { operation: 'reportUsage', gateway_id: gatewayId },
    });
    const { rows } = await plane.store.pool.query(
      `WITH t AS (INSERT INTO tenant (name) VALUES ('not told of') RETURNING id), c AS (INSERT INTO consumer (tenant_id, name) SELECT id, 'c' FROM t RETURNING id)
       INSERT INTO consumer_key (consumer_id, sha256, sealed, hint) SELECT id, sha256('x'), '', '' FROM c RETURNING id`,
    );
    await tell(5, rows[0].id);
    const kept = await plane.store.pool.query('SELECT first_used_at FROM consumer_key WHERE id = $1', [rows[0].id]);
    expect(kept.rows).toEqual([{ first_used_at: null }]);
    const [{ tenant_id: itsTenant }] = (await plane.store.pool.query('SELECT tenant_id FROM consumer_key WHERE id = $1', [rows[0].id])).rows;
    const itsGateway = { kind: 'gateway_key', tenantId: itsTenant, keyId: randomUUID() } as unknown as GatewayKeyPrincipal;
    const asked = { operationId: 'reportUsage' as const, address: '127.0.0.1', client: undefined };
    await plane.context.audit.firstUses.ofConsumerKeys(itsGateway, asked, { id: gatewayId }, [rows[0].id]);
    const told = await plane.store.pool.query('SELECT first_used_at IS NOT NULL AS is_told FROM consumer_key WHERE id = $1', [rows[0].id]);
    expect(told.rows).toEqual([{ is_told: true }]);
  });

  it('answers 400, 401, 403, 404, 409, 410, 413 and 415', async () => {
    const batch = { boot_id: randomUUID(), seq: 1 };
    const status = async (on: typeof gateways, id: string, body: Record<string, unknown>) => (await on.reportUsage(id, body)).status;
    expect(await status(gateways, gatewayId, { ...batch, records: [{ door: 'window' }] })).toBe(400);
    expect(await status(gateways, gatewayId, { ...batch, records: [record({ calls: 1e30 })] })).toBe(400);
    expect(await status(asGateway(plane, 'stoa_gk_unknown'), gatewayId, batch)).toBe(401);
    expect(await status(asGateway(plane, await plane.mintGatewayKey({ modes: ['connect'] })), gatewayId, batch)).toBe(403);
    expect(await status(gateways, randomUUID(), batch)).toBe(404);
    expect(await status(gateways, gatewayId, { ...batch, lease_epoch: 2 })).toBe(409);
    expect(await status(gateways, gatewayId, { ...batch, padding: 'x'.repeat(5_000_000) })).toBe(413);
    const text = await fetch(`${plane.url}/v1/internal/gateways/${gatewayId}/usage`, {
      method: 'POST',
      body: 'x',
      headers: { authorization: `Bearer ${gateways.token}`, 'content-type': 'text/plain' },
    });
    expect(text.status).toBe(415);
    const gone = (await gateways.register('gone')).body.gateway_id;
    await plane.request('DELETE', `/v1/gateways/${gone}`);
    expect(await status(gateways, gone, batch)).toBe(410);
  });
});

describe('getUsage', () => {
  it('sums by API, operation, consumer and door, and filters by each bound that it takes', async () => {
    const [api_id, consumer_id] = [randomUUID(), randomUUID()];
    const early = '2026-01-01T00:00:00.000Z';
    await gateways.reportUsage(gatewayId, {
      boot_id: randomUUID(),
      seq: 1,
      records: [
        record({ api_id }),
        record({ api_id, consumer_id }),
        record({ api_id, door: 'authz' }),
        record({ api_id, operation_id: 'listOrders', window_start: early }),
      ],
    });
    expect(await usageOf(api_id)).toHaveLength(3);
    expect(await usageOf(api_id, `&consumer_id=${consumer_id}`)).toMatchObject([{ consumer_id, calls: 3 }]);
    const between = (from: string, to: string) => usageOf(api_id, `&from=${encodeURIComponent(from)}&to=${encodeURIComponent(to)}`);
    expect(await between(early, '2026-01-01T00:00:01.000Z')).toMatchObject([{ operation_id: 'listOrders' }]);
    expect(await between('2025-01-01T00:00:00.000Z', early)).toEqual([]);
  });

  it('tells apart what was asked for alone, by name where there is one, and hours or days', async () => {
    const { body: consumer } = await plane.request<{ consumer_id: string }>('POST', '/v1/consumers', { body: { name: 'summed' } });
    const [api_id, consumer_id] = [randomUUID(), consumer.consumer_id];
    const at = (time: string, more = {}) => record({ api_id, window_start: `2026-02-0${time}:00.000Z`, ...more });
    await gateways.reportUsage(gatewayId, {
      boot_id: randomUUID(),
      seq: 1,
      records: [at('1T10:59', { consumer_id }), at('1T11:00', { consumer_id, operation_id: '=other' }), at('2T00:00')],
    });
    const between = 'from=2026-02-01T00:00:00.000Z&to=2026-02-03T00:00:00.000Z';
    const by = async (more: string) => (await plane.request<UsageReport>('GET', `/v1/usage?api_id=${api_id}&${between}&${more}`)).body.items;
    expect(await by('group_by=consumer')).toEqual([
      { consumer_id, consumer: 'summed', calls: 6, errors: 2, denied: 2, duration_ms: 9, request_bytes: 0, response_bytes: 0 },
      { calls: 3, errors: 1, denied: 1, duration_ms: 4.5, request_bytes: 0, response_bytes: 0 },
    ]);
    expect(await by('group_by=gateway')).toMatchObject([{ gateway_id: gatewayId, gateway: 'meter', calls: 9 }]);
    expect((await by('group_by=api&interval=day')).map(({ start, calls }) => [start, calls])).toEqual([
      ['2026-02-01T00:00:00.000Z', 6],
      ['2026-02-02T00:00:00.000Z', 3],
    ]);
    expect((await by('group_by=door&interval=hour')).map(({ start, door, calls }) => [start, door, calls])).toEqual([
      ['2026-02-01T10:00:00.000Z', 'mcp', 3],
      ['2026-02-01T11:00:00.000Z', 'mcp', 3],
      ['2026-02-02T00:00:00.000Z', 'mcp', 3],
    ]);
    const table = await fetch(`${plane.url}/v1/usage?api_id=${api_id}&${between}&group_by=operation`, {
      headers: { authorization: `Bearer ${plane.adminToken}`, accept: 'text/csv' },
    });
    expect(table.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    for (const accept of ['text/csv;q=0.5, application/json', 'text/csv;q=0', '*/*'])
      expect(
        (await fetch(`${plane.url}/v1/usage`, { headers: { authorization: `Bearer ${plane.adminToken}`, accept } })).headers.get('content-type'),
      ).toContain('json');
    // A spreadsheet would compute a name that begins as a formula does.
    expect(await table.text()).toBe(
      [
        'api_id,operation_id,calls,errors,denied,duration_ms,request_bytes,response_bytes,p50_ms,p95_ms,p99_ms',
        `${api_id},getOrder,6,2,2,9,0,0,,,`,
        `${api_id},'=other,3,1,1,4.5,0,0,,,`,
        '',
      ].join('\n'),
    );
  });

  it('names an MCP server as it names an API', async () => {
    const body = { name: 'tickets', http: { url: 'http://127.0.0.1:9/mcp' }, targets: { environments: ['production'] } };
    const { body: server } = await plane.request<{ mcp_server_id: string }>('POST', '/v1/mcp-servers', { body });
    const records = [record({ api_id: server.mcp_server_id })];
    await gateways.reportUsage(gatewayId, { boot_id: randomUUID(), seq: 1, records });
    const { body: report } = await plane.request<UsageReport>('GET', `/v1/usage?api_id=${server.mcp_server_id}&group_by=api`);
    expect(report.items).toMatchObject([{ api_id: server.mcp_server_id, api: 'tickets', calls: 3 }]);
  });

  it('estimates how long calls took, across batches and instances', async () => {
    const api_id = randomUUID();
    const latency = (...counts: [bucket: number, count: number][]) =>
      Array.from({ length: 16 }, (_, at) => counts.find(([bucket]) => bucket === at)?.[1] ?? 0);
    const send = (seq: number, ...records: unknown[]) => gateways.reportUsage(gatewayId, { boot_id: randomUUID(), seq, records });
    const window_start = now();
    await send(1, record({ api_id, window_start, latency: latency([4, 50]) }), record({ api_id, window_start, latency: latency([4, 40]) }));
    await send(2, record({ api_id, window_start, latency: latency([15, 10]) }));
    expect(await usageOf(api_id)).toMatchObject([{ calls: 9, latency: { p50_ms: 7.778, p95_ms: 30_000, p99_ms: 30_000 } }]);
    await send(3, record({ api_id, window_start: new Date(Date.parse(window_start) - 60_000).toISOString() }));
    expect((await usageOf(api_id))[0]).not.toHaveProperty('latency');
  });

  it('answers 400 to a start that is not before its end and to what is no time; sees no other tenant', async () => {
    const at = (from: string, to: string) => plane.request('GET', `/v1/usage?from=${encodeURIComponent(from)}&to=${encodeURIComponent(to)}`);
    expect(await at('2026-01-02T00:00:00.000Z', '2026-01-01T00:00:00.000Z')).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: '/query/from' }] },
    });
    expect(await at('2026-13-45T00:00:00.000Z', 'tomorrow')).toMatchObject({ status: 400 });
    const api_id = randomUUID();
    await gateways.reportUsage(gatewayId, { boot_id: randomUUID(), seq: 1, records: [record({ api_id })] });
    await plane.store.pool.query('UPDATE usage_sum SET tenant_id = gen_random_uuid() WHERE api_id = $1', [api_id]);
    expect(await usageOf(api_id)).toEqual([]);
  });
});
