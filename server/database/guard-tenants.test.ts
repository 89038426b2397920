import { randomUUID } from 'node:crypto';
import type { Prisma } from '@stoa/generated/prisma/client.ts';
import type { Api, Consumer, Policy } from '@stoa/generated/schemas.ts';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { mintCredential } from '../access/credentials.ts';
import { asGateway } from '../testing/gateways.ts';
import { startTestControlPlane } from '../testing/test-control-plane.ts';
import type { TestControlPlane } from '../testing/test-control-plane.ts';

// Two tenants in one database, and what each role is let see of them there, whatever a statement asks for.

type Tenant = { id: string; token: string };

let plane: TestControlPlane;
let service: pg.Client;
let unscoped: pg.Client;
let [a, b]: Tenant[] = [];
const tenants = () => [a as Tenant, b as Tenant];
beforeAll(async () => {
  plane = await startTestControlPlane();
  [a, b] = [await makeTenant('first'), await makeTenant('second')];
  for (const tenant of tenants()) await fill(tenant);
  const { databaseUrl, databaseUnscopedUrl } = plane.context.settings;
  service = new pg.Client({ connectionString: databaseUrl?.reveal() });
  unscoped = new pg.Client({ connectionString: databaseUnscopedUrl?.reveal() });
  await Promise.all([service.connect(), unscoped.connect()]);
});
afterAll(async () => {
  await Promise.all([service.end(), unscoped.end()]);
  await plane.close();
});

async function makeTenant(name: string): Promise<Tenant> {
  const { secret, hint } = mintCredential('operatorToken');
  const { id } = await plane.store.prisma.tenant.create({ data: { name } });
  const hmac = new Uint8Array(plane.context.keys.hmac(secret));
  await plane.store.prisma.operator_token.create({ data: { tenant_id: id, name: `owner of ${name}`, roles: ['owner'], hint, hmac } });
  return { id, token: secret };
}

const ask = <Body = Record<string, string>>({ token }: Tenant, method: string, path: string, body?: object) =>
  plane.request<Body>(method, path, { token, ...(body && { body }) });
const document = { openapi: '3.1.0', info: { title: 'Things', version: '1' }, servers: [{ url: 'https://api.example.com' }], paths: {} };

/** One of each, called alike in both tenants. */
async function fill(tenant: Tenant): Promise<void> {
  const { body: api } = await ask<Api>(tenant, 'POST', '/v1/apis', { name: 'things', document });
  await ask(tenant, 'PATCH', `/v1/apis/${api.api_id}`, { name: 'renamed' });
  const limit = { kind: 'rate_limit', config: { limit: 5, window_s: 60 } };
  await ask<Policy>(tenant, 'POST', '/v1/policies', { name: 'limit', policy: limit, attached_to: [{ api_id: api.api_id }] });
  const { body: consumer } = await ask<Consumer>(tenant, 'POST', '/v1/consumers', { name: 'caller' });
  await ask(tenant, 'POST', `/v1/consumers/${consumer.consumer_id}/keys`, {});
  await ask(tenant, 'POST', '/v1/subscriptions', { api_id: api.api_id, consumer_id: consumer.consumer_id });
  await ask(tenant, 'POST', '/v1/deployments', { api_id: api.api_id, targets: { environments: ['production'] } });
  await ask(tenant, 'POST', '/v1/invitations', { roles: ['viewer'] });
  const { body: key } = await ask<{ secret: string }>(tenant, 'POST', '/v1/gateway-keys', { name: 'fleet' });
  const gateway = asGateway(plane, key.secret);
  const { gateway_id: id } = (await gateway.register('one', { boot_id: randomUUID() })).body;
  await gateway.heartbeat(id);
  await gateway.config(id);
  await gateway.observe(id, {});
  const window_start = new Date(Math.floor(Date.now() / 60_000) * 60_000).toISOString();
  const record = { window_start, api_id: api.api_id, operation_id: 'list', door: 'mcp', calls: 1, errors: 0, denied: 0, duration_ms: 1 };
  await gateway.reportUsage(id, { boot_id: randomUUID(), seq: 1, records: [record] });
}

/** Tables with rows of tenants. */
const tables = async (): Promise<string[]> => {
  const { rows } = await plane.store.pool.query<{ name: string }>(
    `SELECT table_name AS name FROM information_schema.columns WHERE table_schema = 'public' AND column_name = 'tenant_id' ORDER BY 1`,
  );
  return rows.map(({ name }) => name);
};
const count = async (client: Pick<pg.Client, 'query'>, table: string, condition = 'true'): Promise<number> =>
  Number((await client.query<{ n: string }>(`SELECT count(*) AS n FROM "${table}" WHERE ${condition}`)).rows[0]?.n);

async function inTransactionFor<T>({ id }: Tenant, work: () => Promise<T>): Promise<T> {
  await service.query('BEGIN');
  try {
    await service.query(`SELECT set_config('stoa.tenant_id', $1, true)`, [id]);
    return await work();
  } finally {
    await service.query('ROLLBACK');
  }
}

describe('row-level security', () => {
  it('is in force for every table of rows that belong to tenants, and for its owner too', async () => {
    const { rows } = await plane.store.pool.query<{ name: string; forced: boolean; policies: string[] }>(
      `SELECT c.relname AS name, c.relrowsecurity AND c.relforcerowsecurity AS forced,
         ARRAY(SELECT polname || ' ' || pg_get_expr(polqual, polrelid) FROM pg_policy WHERE polrelid = c.oid AND polroles = '{0}') AS policies
       FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') ORDER BY 1`,
    );
    const named = await tables();
    expect(named.length).toBeGreaterThan(25);
    const setting = `NULLIF(current_setting('stoa.tenant_id'::text, true), ''::text)`;
    for (const table of rows.filter(({ name }) => named.includes(name)))
      expect(table).toEqual({ name: table.name, forced: true, policies: [`stoa_tenant (tenant_id = (${setting})::uuid)`] });
    // What belongs to no tenant has no `tenant_id`; of these, the role that serves tenants sees its own tenant and the members of it.
    const others = rows.filter(({ name }) => !named.includes(name));
    expect(others.filter(({ forced }) => forced).map(({ name }) => name)).toEqual(['app_user', 'tenant']);
    const { rows: open } = await service.query<{ name: string }>(
      `SELECT name FROM unnest($1::text[]) AS name WHERE has_any_column_privilege(name, 'SELECT') ORDER BY 1`,
      [others.map(({ name }) => name)],
    );
    expect(open.map(({ name }) => name)).toEqual(['app_user', 'control_plane_state', 'tenant']);
    await expect(service.query('SELECT value FROM control_plane_state')).rejects.toMatchObject({ code: '42501' });
  });

  it('shows a query without any condition the rows of the one tenant, and none without a tenant, on a connection that is new and on one that is not', async () => {
    const seen = await tables();
    const all = async () => {
      const rows: Record<string, number> = {};
      for (const table of seen) rows[table] = await count(service, table);
      return rows;
    };
    const nothing = Object.fromEntries(seen.map((table) => [table, 0]));
    expect(await all()).toEqual(nothing);
    let full = 0;
    for (const tenant of tenants()) {
      const own: Record<string, number> = {};
      for (const table of seen) own[table] = await count(plane.store.pool, table, `tenant_id = '${tenant.id}'`);
      expect(await inTransactionFor(tenant, all)).toEqual(own);
      full += Object.values(own).filter((rows) => rows > 0).length;
      expect(await inTransactionFor(tenant, async () => (await service.query('SELECT id FROM tenant')).rows)).toEqual([{ id: tenant.id }]);
      expect(await all()).toEqual(nothing);
    }
    // Otherwise little would have been seen.
    expect(full).toBeGreaterThan(2 * 18);
  });

  it('answers operations for their own tenant also when each statement forgets it', async () => {
    const { db } = plane.context;
    const asIs = db.tenantTransaction;
    let forgotten = 0;
    const forget = (value: unknown): unknown => {
      if (typeof value !== 'object' || value === null || value instanceof Date || value instanceof Uint8Array) return value;
      if (Array.isArray(value)) return value.map(forget);
      const { tenant_id: tenant, ...rest } = value as Record<string, unknown>;
      if (tenant !== undefined) forgotten += 1;
      return Object.fromEntries(Object.entries(rest).map(([key, each]) => [key, forget(each)]));
    };
    const forgetful = (tx: Prisma.TransactionClient): Prisma.TransactionClient =>
      new Proxy(tx, {
        get: (target, name: keyof Prisma.TransactionClient) => {
          if (name === '$queryRawUnsafe')
            return (text: string, ...values: unknown[]) => {
              const without = text.replaceAll(/\b(?:\w+\.)?tenant_id = \$\d/g, (found) => `${found.slice(found.indexOf('$'))}::uuid IS NOT NULL`);
              if (without !== text) forgotten += 1;
              return target.$queryRawUnsafe(without, ...values);
            };
          const model = target[name] as unknown;
          if (typeof model !== 'object' || model === null || !('findMany' in model)) return model;
          return new Proxy(model as Record<string, (args: object) => unknown>, {
            get:
              (methods, method: string) =>
              (args: { where?: unknown } = {}) =>
                methods[method]?.('where' in args ? { ...args, where: forget(args.where) } : args),
          });
        },
      });
    vi.spyOn(db, 'tenantTransaction').mockImplementation((tenantId, work) => asIs(tenantId, (tx) => work(forgetful(tx))));
    const lists = ['apis', 'policies', 'consumers', 'subscriptions', 'deployments', 'gateways', 'gateway-keys', 'operator-tokens', 'usage'];
    const told = async (tenant: Tenant) => {
      const answers = await Promise.all(lists.map((list) => ask<{ items: object[] }>(tenant, 'GET', `/v1/${list}`)));
      return answers.map(({ body }) => body.items);
    };
    const [ofFirst, ofSecond] = [await told(a as Tenant), await told(b as Tenant)];
    expect(forgotten).toBeGreaterThanOrEqual(2 * lists.length);
    expect([...ofFirst, ...ofSecond].map((items) => items.length)).toEqual(Array(2 * lists.length).fill(1));
    const apiOf = (lists: object[][]) => (lists[0]?.[0] as Api).api_id;
    expect(apiOf(ofFirst)).not.toBe(apiOf(ofSecond));
    expect((await ask(b as Tenant, 'GET', `/v1/apis/${apiOf(ofFirst)}`)).status).toBe(404);
    expect((await ask(b as Tenant, 'DELETE', `/v1/apis/${apiOf(ofFirst)}`)).status).toBe(404);
    vi.restoreAllMocks();
    expect((await ask(a as Tenant, 'GET', `/v1/apis/${apiOf(ofFirst)}`)).status).toBe(200);
  });

  it('refuses to write rows of another tenant, and references to them', async () => {
    const [mine, theirs] = tenants() as [Tenant, Tenant];
    const { rows } = await plane.store.pool.query<{ api: string; policy: string }>(
      'SELECT a.id AS api, p.id AS policy FROM api a, policy p WHERE a.tenant_id = $1 AND p.tenant_id = $2',
      [theirs.id, mine.id],
    );
    const { api, policy } = rows[0] as { api: string; policy: string };
    const failure = (text: string, values: unknown[]) =>
      inTransactionFor(mine, () => service.query(text, values)).then(
        ({ rowCount }) => rowCount,
        (error: { code: string }) => error.code,
      );
    expect(await failure('INSERT INTO consumer (tenant_id, name) VALUES ($1, $2)', [theirs.id, 'smuggled'])).toBe('42501');
    expect(await failure('UPDATE consumer SET tenant_id = $1', [theirs.id])).toBe('42501');
    expect(await failure('UPDATE api SET title = $2 WHERE id = $1', [api, 'mine'])).toBe(0);
    expect(await failure('DELETE FROM api WHERE id = $1', [api])).toBe(0);
    expect(await failure('INSERT INTO policy_attachment (tenant_id, policy_id, api_id) VALUES ($1, $2, $3)', [mine.id, policy, api])).toBe('23503');
    expect(await failure('UPDATE tenant SET revision = 9 WHERE id = $1', [theirs.id])).toBe(0);
  });
});

describe('the role for what belongs to no one tenant', () => {
  it('sees the rows of every tenant, of the columns that it needs', async () => {
    expect(await count(unscoped, 'gateway')).toBe(2);
    for (const statement of [
      'SELECT document FROM api',
      'SELECT labels FROM policy',
      'UPDATE gateway_key SET revoked_at = now()',
      'UPDATE api SET title = title',
      'DELETE FROM consumer',
      'INSERT INTO deployment (tenant_id) VALUES (NULL)',
    ])
      await expect(unscoped.query(statement), statement).rejects.toMatchObject({ code: '42501' });
  });

  it('owns nothing, no more than the role that serves tenants', async () => {
    for (const client of [service, unscoped]) {
      await expect(client.query('ALTER TABLE api DISABLE ROW LEVEL SECURITY')).rejects.toMatchObject({ code: '42501' });
      await expect(client.query('CREATE TABLE mine (id int)')).rejects.toMatchObject({ code: '42501' });
      expect((await client.query('SELECT rolsuper OR rolbypassrls AS free FROM pg_roles WHERE rolname = current_user')).rows).toEqual([
        { free: false },
      ]);
    }
  });
});
