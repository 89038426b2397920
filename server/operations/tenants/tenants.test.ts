import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { AuditRecordList, Invitation, MadeTenant, Session, Tenant, TenantList } from '@stoa/generated/schemas.ts';
import { mintCredential } from '../../access/credentials.ts';
import { asGateway } from '../../testing/gateways.ts';
import { askForToken, codeFor, commandLine } from '../../testing/oauth-client.ts';
import { joinBy, signIn } from '../../testing/person.ts';
import { expectGuarded } from '../../testing/refusals.ts';
import { ScriptedBrowser } from '../../testing/scripted-browser.ts';
import { startTestControlPlane } from '../../testing/test-control-plane.ts';
import type { TestControlPlane } from '../../testing/test-control-plane.ts';

let plane: TestControlPlane;
beforeAll(async () => {
  plane = await startTestControlPlane({ STOA_LOG_LEVEL: 'silent' });
});
afterAll(() => plane.close());

const slow = { name: 'slow', policy: { kind: 'rate_limit', config: { limit: 5, window_s: 60 } }, attached_to: [] };
type Problem = { code?: string; detail?: string };
const create = async (name: string, limits: object = {}) => (await plane.request<MadeTenant>('POST', '/v1/tenants', { body: { name, limits } })).body;
const edit = (id: string, body: object, headers: Record<string, string> = {}) =>
  plane.request<Tenant & Problem>('PATCH', `/v1/tenants/${id}`, { body, headers });
const remove = (id: string, headers: Record<string, string> = {}) => plane.request<Problem>('DELETE', `/v1/tenants/${id}`, { headers });
const list = async (query = '') => (await plane.request<TenantList>('GET', `/v1/tenants${query}`)).body;
/** A token of an owner of the tenant, as if he had minted it. */
async function ownerToken(tenant_id: string): Promise<string> {
  const { secret, hint } = mintCredential('operatorToken');
  const hmac = new Uint8Array(plane.context.keys.hmac(secret));
  await plane.store.prisma.operator_token.create({ data: { tenant_id, name: 'owner', roles: ['owner'], hint, hmac } });
  return secret;
}
const as = (token: string) => ({
  get: <Body>(path: string) => plane.request<Body & Problem>('GET', path, { token }),
  post: <Body>(path: string, body: object) => plane.request<Body & Problem>('POST', path, { token, body }),
  put: <Body>(path: string, body: object) => plane.request<Body & Problem>('PUT', path, { token, body }),
});
const auditOf = async (token: string, action: string) => (await as(token).get<AuditRecordList>(`/v1/audit?kind=change&action=${action}`)).body.items;

it('answers 401 and 403 to whoever may not, and 404 of what there is not', async () => {
  const nobodys = '/v1/tenants/5b1a0e0a-7f1e-4a39-9d4e-3f8d6f5b0c11';
  await expectGuarded(plane, [
    { method: 'GET', path: '/v1/tenants' },
    { method: 'POST', path: '/v1/tenants', body: { name: 'x' } },
    { method: 'PATCH', path: nobodys, body: { suspended: true } },
    { method: 'DELETE', path: nobodys },
    { method: 'POST', path: `${nobodys}/owner-links` },
  ]);
  for (const method of ['GET', 'DELETE']) expect((await plane.request(method, nobodys)).status).toBe(404);
});

describe('the tenant of the platform', () => {
  it('is that of the first owner, lists all, page by page and by name, and is neither suspended nor deleted', async () => {
    const { tenant } = await create('listed');
    const first = await list('?limit=1');
    expect(first.items.map(({ name, platform, suspended, limits }) => [name, platform, suspended, limits])).toEqual([['default', true, false, {}]]);
    expect((await list(`?limit=1&cursor=${first.next_cursor}`)).items).toEqual([tenant]);
    expect((await list('?search=ISTE')).items).toEqual([tenant]);
    const [{ tenant_id } = { tenant_id: '' }] = first.items;
    expect((await edit(tenant_id, { suspended: true })).body).toMatchObject({ status: 409, code: 'platform_tenant' });
    expect((await remove(tenant_id)).body).toMatchObject({ status: 409, code: 'platform_tenant' });
  });

  it('gives its permissions to nobody of another tenant, whatever his role there', async () => {
    const { tenant } = await create('unprivileged');
    const owner = as(await ownerToken(tenant.tenant_id));
    for (const path of ['/v1/tenants', `/v1/tenants/${tenant.tenant_id}`]) {
      const { status, body } = await owner.get(path);
      expect([status, body.detail]).toEqual([403, expect.stringContaining('members of the tenant of the platform')]);
    }
    const { permissions } = (await owner.get<Session>('/v1/session')).body;
    expect(permissions.filter((permission) => permission.startsWith('tenants.'))).toEqual([]);
  });

  it('names a tenant as no other is named, and edits only what it last saw', async () => {
    const { tenant } = await create('named');
    const taken = { status: 409, code: 'name_taken' };
    expect(await create('named')).toMatchObject(taken);
    expect((await edit(tenant.tenant_id, { name: 'default' })).body).toMatchObject(taken);
    const { headers } = await plane.request('GET', `/v1/tenants/${tenant.tenant_id}`);
    const seen = { 'if-match': headers.get('etag') ?? '' };
    expect((await edit(tenant.tenant_id, { name: 'renamed' }, seen)).body.name).toBe('renamed');
    expect((await edit(tenant.tenant_id, { name: 'again' }, seen)).status).toBe(412);
    expect((await remove(tenant.tenant_id, seen)).status).toBe(412);
    const both = await Promise.all(['twin', 'twin'].map((name) => plane.request('POST', '/v1/tenants', { body: { name } })));
    expect(both.map(({ status }) => status).sort()).toEqual([201, 409]);
  });
});

describe('a new tenant', () => {
  it('is joined by its first owner, whose token is of it alone, and whom the platform lets nobody in after', async () => {
    const { tenant, owner_link } = await create('joined');
    const again = await plane.request<Invitation>('POST', `/v1/tenants/${tenant.tenant_id}/owner-links`);
    const bob = await joinBy(plane, owner_link?.url ?? '', 'bob@example.com');
    const issuer = `${plane.url}/oidc`;
    const { access_token } = (await askForToken(issuer, await codeFor(issuer, commandLine, new ScriptedBrowser(plane.url), bob))).body;
    expect((await as(access_token).get<Session>('/v1/session')).body).toMatchObject({ roles: ['owner'], tenant: { name: 'joined' } });
    // Every other link for the first owner ends with it.
    expect((await new ScriptedBrowser(plane.url).open(again.body.url)).status).toBe(404);
    expect((await plane.request('POST', `/v1/tenants/${tenant.tenant_id}/owner-links`)).body).toMatchObject({ status: 409, code: 'has_owner' });
    expect((await auditOf(access_token, 'createTenant')).map(({ object }) => object?.kind)).toEqual(['invitation']);
    expect((await auditOf(plane.adminToken, 'createTenant')).some(({ object }) => object?.name === 'joined')).toBe(true);
  });
});

describe('a suspended tenant', () => {
  it('has its tokens, sessions, people and gateway keys refused with a sentence, and loses none of them', async () => {
    const { tenant, owner_link } = await create('suspended');
    const eve = await joinBy(plane, owner_link?.url ?? '', 'eve@example.com');
    const browser = new ScriptedBrowser(plane.url);
    await signIn(browser, await browser.open('/sign-in/start?to=/account'), eve);
    const cookie = { cookie: `stoa_session=${browser.cookie('stoa_session')}` };
    const token = await ownerToken(tenant.tenant_id);
    const { secret } = (await as(token).post<{ secret: string }>('/v1/gateway-keys', { name: 'edge' })).body;
    const gateway = asGateway(plane, secret);
    const { gateway_id } = (await gateway.register('edge-1')).body;
    const answers = async () => [
      await as(token).get('/v1/session'),
      await plane.request<Problem>('GET', '/v1/session', { token: undefined, headers: cookie }),
      await gateway.heartbeat(gateway_id),
      await gateway.register('edge-1'),
      await gateway.config(gateway_id),
    ];
    expect((await answers()).map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    expect((await edit(tenant.tenant_id, { suspended: true })).body.suspended).toBe(true);
    const detail = 'The tenant of this credential is suspended. Whoever runs the platform can resume it.';
    for (const { status, body } of await answers())
      expect([status, body]).toEqual([403, expect.objectContaining({ code: 'tenant_suspended', detail })]);
    expect((await browser.open('/account')).text).toContain(detail);
    expect((await edit(tenant.tenant_id, { suspended: false })).body.suspended).toBe(false);
    expect((await answers()).map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    const told = await auditOf(token, 'editTenant');
    expect(told.map(({ before, after }) => [before?.['suspended'], after?.['suspended']])).toEqual([
      [true, false],
      [false, true],
    ]);
  });

  it('is refused by every replica as soon as it hears of it, though it remembers the credential', async () => {
    const another = await plane.startAnother();
    try {
      const { tenant } = await create('everywhere');
      const token = await ownerToken(tenant.tenant_id);
      const there = async () => (await another.request('GET', '/v1/session', { token })).status;
      expect(await there()).toBe(200);
      // Not told, it would remember the credential for three seconds.
      const forget = vi.spyOn(another.context.authenticator, 'forget');
      await edit(tenant.tenant_id, { suspended: true });
      await vi.waitFor(() => expect(forget).toHaveBeenCalled(), { timeout: 10_000 });
      expect(await there()).toBe(403);
    } finally {
      await another.close();
    }
  });
});

describe('a deleted tenant', () => {
  it('is suspended before, and leaves nothing but its audit, which its end is the last record of', async () => {
    const { tenant, owner_link } = await create('doomed');
    const { tenant_id } = tenant;
    await joinBy(plane, owner_link?.url ?? '', 'dora@example.com');
    const token = await ownerToken(tenant_id);
    const { secret } = (await as(token).post<{ secret: string }>('/v1/gateway-keys', { name: 'edge' })).body;
    await asGateway(plane, secret).register('edge-1');
    const { policy_id } = (await as(token).post<{ policy_id: string }>('/v1/policies', slow)).body;
    await as(token).post('/v1/plans', { name: 'gold', policy_ids: [policy_id] });
    const { consumer_id } = (await as(token).post<{ consumer_id: string }>('/v1/consumers', { name: 'app' })).body;
    expect((await as(token).post(`/v1/consumers/${consumer_id}/keys`, {})).status).toBe(201);
    expect((await remove(tenant_id)).body).toMatchObject({ status: 409, code: 'not_suspended' });
    await edit(tenant_id, { suspended: true });
    expect((await remove(tenant_id)).status).toBe(204);

    expect((await plane.request('GET', `/v1/tenants/${tenant_id}`)).status).toBe(404);
    expect((await as(token).get('/v1/session')).status).toBe(401);
    expect(await tablesWith(tenant_id)).toEqual(['audit_head', 'audit_personal', 'audit_record']);
    expect((await plane.store.pool.query(`SELECT FROM app_user WHERE email = 'dora@example.com'`)).rowCount).toBe(0);
    const { rows } = await plane.store.pool.query('SELECT action FROM audit_record WHERE tenant_id = $1 ORDER BY seq DESC LIMIT 1', [tenant_id]);
    expect(rows).toEqual([{ action: 'deleteTenant' }]);
    expect((await auditOf(plane.adminToken, 'deleteTenant')).map(({ object, before }) => [object?.name, before?.['suspended']])).toEqual([
      ['doomed', true],
    ]);
    expect((await create('doomed')).tenant.tenant_id).not.toBe(tenant_id);
  });
});

/** Every table that holds a row of the tenant. */
async function tablesWith(tenantId: string): Promise<string[]> {
  const { rows } = await plane.store.pool.query<{ name: string }>(
    `SELECT table_name AS name FROM information_schema.columns WHERE column_name = 'tenant_id' AND table_schema = current_schema() ORDER BY table_name`,
  );
  const counts = await Promise.all(rows.map(({ name }) => plane.store.pool.query(`SELECT FROM ${name} WHERE tenant_id = $1 LIMIT 1`, [tenantId])));
  return rows.map(({ name }) => name).filter((_, index) => counts[index]?.rowCount === 1);
}

describe('a limit of a tenant', () => {
  it('is named with its value and who raises it, for objects of each kind; what is there stays', async () => {
    const none = { policies: 0, consumers: 1, plans: 0, gateway_keys: 1, tokens: 1, service_accounts: 0, people: 2, environments: 0 };
    const { tenant } = await create('limited', none);
    const owner = as(await ownerToken(tenant.tenant_id));
    expect((await owner.post('/v1/consumers', { name: 'first' })).status).toBe(201);
    const refused = async (path: string, body: object) => (await owner.post(path, body)).body;
    expect(await refused('/v1/consumers', { name: 'second' })).toMatchObject({
      status: 403,
      code: 'limit_reached',
      detail: 'This tenant may have 1 consumers: its limit `consumers` is reached. Remove some, or ask whoever runs the platform to raise it.',
    });
    expect((await refused('/v1/policies', slow)).detail).toContain('`policies`');
    expect((await refused('/v1/plans', { name: 'gold' })).detail).toContain('`plans`');
    expect((await refused('/v1/operator-tokens', { name: 't', role: 'viewer' })).detail).toContain('`tokens`');
    expect((await refused('/v1/service-accounts', { name: 'm', roles: ['viewer'] })).detail).toContain('`service_accounts`');
    // The link for its first owner is the first of two.
    expect((await owner.post('/v1/invitations', { roles: ['viewer'] })).status).toBe(201);
    expect((await refused('/v1/invitations', { roles: ['viewer'] })).detail).toContain('2 people and open invitations: its limit `people`');
    expect((await owner.put('/v1/environments/production', { four_eyes: [] })).body.detail).toContain('`environments`');
    expect((await owner.post('/v1/gateway-keys', { name: 'a' })).status).toBe(201);
    expect((await refused('/v1/gateway-keys', { name: 'b' })).detail).toContain('`gateway_keys`');
    await edit(tenant.tenant_id, { limits: { consumers: 2 } });
    const both = await Promise.all(['third', 'fourth'].map((name) => owner.post('/v1/consumers', { name })));
    expect(both.map(({ status }) => status).sort()).toEqual([201, 403]);
  });

  it('holds when keys are rotated: one that goes on for an overlap counts, and one that ends at once does not', async () => {
    const { tenant } = await create('rotating', { gateway_keys: 2, consumer_keys: 2 });
    const owner = as(await ownerToken(tenant.tenant_id));
    const { consumer_id } = (await owner.post<{ consumer_id: string }>('/v1/consumers', { name: 'app' })).body;
    for (const [path, limit] of [
      ['/v1/gateway-keys', 'gateway_keys'],
      [`/v1/consumers/${consumer_id}/keys`, 'consumer_keys'],
    ] as const) {
      type Minted = { key: { key_id: string } };
      const first = (await owner.post<Minted>(path, path === '/v1/gateway-keys' ? { name: 'edge' } : {})).body.key.key_id;
      const rotate = (id: string, body: object = {}) => owner.post<Minted>(`${path}/${id}/rotate`, body);
      const second = await rotate(first);
      expect(second.status).toBe(201);
      const full = { status: 403, code: 'limit_reached', detail: expect.stringContaining(`\`${limit}\``) as string };
      for (const id of [first, second.body.key.key_id]) expect((await rotate(id)).body).toMatchObject(full);
      const third = await rotate(second.body.key.key_id, { overlap_s: 0 });
      expect([third.status, (await rotate(third.body.key.key_id)).status]).toEqual([201, 403]);
      expect((await owner.post(path, path === '/v1/gateway-keys' ? { name: 'edge' } : {})).status).toBe(403);
    }
  });

  it('holds the registrations of a minute and the gateways, and lets those that are there come again', async () => {
    const { tenant } = await create('crowded', { gateways: 1 });
    const { secret } = (await as(await ownerToken(tenant.tenant_id)).post<{ secret: string }>('/v1/gateway-keys', { name: 'edge' })).body;
    const gateway = asGateway(plane, secret);
    expect((await gateway.register('edge-1')).status).toBe(200);
    expect((await gateway.register('edge-2')).body).toMatchObject({ status: 403, detail: expect.stringContaining('may have 1 gateways') });
    expect((await gateway.register('edge-1')).status).toBe(200);
    await edit(tenant.tenant_id, { limits: { registrations_per_minute: 0 } });
    const { body, headers } = await gateway.register('edge-1');
    expect(body).toMatchObject({
      status: 429,
      code: 'limit_reached',
      detail: expect.stringContaining('its limit `registrations_per_minute` is reached'),
    });
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
  });
});

describe('what is told in the audit of a tenant and in that of the platform', () => {
  const [before, after] = ['00000000-0000-4000-8000-000000000001', 'ffffffff-ffff-4fff-bfff-fffffffffffe'];
  it.each([
    ['makes a link for its owner', (id: string) => plane.request('POST', `/v1/tenants/${id}/owner-links`)],
    ['suspends it', (id: string) => edit(id, { suspended: true })],
    ['deletes it', (id: string) => remove(id)],
  ] as const)('locks both in the order of their ids when somebody %s', async (_what, act) => {
    const { pool } = plane.store;
    const { rows } = await pool.query<{ tenant_id: string }>('SELECT tenant_id FROM platform');
    const platform = rows[0]?.tenant_id ?? '';
    for (const id of [before, after]) {
      const { rowCount } = await pool.query(`INSERT INTO tenant (id, name) VALUES ($1, $2) ON CONFLICT DO NOTHING`, [id, id]);
      if (rowCount === 1) await edit(id, { limits: {} });
      const holder = await pool.connect();
      const lock = async (tenantId: string, how = '') =>
        (await holder.query(`SELECT FROM audit_head WHERE tenant_id = $1 FOR UPDATE ${how}`, [tenantId])).rowCount;
      const [first = '', second = ''] = [id, platform].sort();
      try {
        await holder.query('BEGIN');
        const pid = (await holder.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')).rows[0]?.pid;
        expect(await lock(first)).toBe(1);
        const done = act(id);
        const waits = async () => (await pool.query('SELECT FROM pg_stat_activity WHERE $1 = ANY (pg_blocking_pids(pid))', [pid])).rowCount;
        await expect.poll(waits).toBe(1);
        expect(await lock(second, 'NOWAIT')).toBe(1);
        await holder.query('COMMIT');
        expect((await done).status).toBeLessThan(300);
      } finally {
        holder.release(true);
      }
    }
  });
});
