import { randomUUID } from 'node:crypto';
import { mkdtemp, mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { settings } from '../config.ts';
import { migrationsDir } from '../testing/earlier-database.ts';
import { createTestDatabase } from '../testing/test-database.ts';
import { oneRole, urlsOfTestDatabase } from '../testing/test-roles.ts';
import { requireHeldRoles } from './database-roles.ts';
import type { DatabaseUrls } from './database-roles.ts';
import { guardTenants } from './guard-tenants.ts';
import { migrate } from './migrate.ts';

// The roles by which a database is used, as an operator makes them for a server of his own: the owner is no superuser.

const name = `stoa_roles_${randomUUID().slice(0, 8)}`;
let admin: pg.Client;
let urls: DatabaseUrls;
const as = (role: string) => Object.assign(new URL(urls.owner), { username: role, password: 'secret' }).href;
beforeAll(async () => {
  const url = await createTestDatabase();
  admin = new pg.Client({ connectionString: url });
  await admin.connect();
  await admin.query(`CREATE ROLE ${name} LOGIN PASSWORD 'secret'; CREATE ROLE ${name}_free LOGIN BYPASSRLS PASSWORD 'secret'`);
  await admin.query(
    `DROP SCHEMA public CASCADE; CREATE SCHEMA public AUTHORIZATION ${name}; GRANT CREATE ON DATABASE ${new URL(url).pathname.slice(1)} TO ${name}`,
  );
  const { service, unscoped } = urlsOfTestDatabase(url);
  urls = { owner: url, service, unscoped };
  urls = { ...urls, owner: as(name) };
});
afterAll(async () => {
  await admin.query('DROP SCHEMA public CASCADE');
  await admin.query(`DROP OWNED BY ${name}; DROP ROLE ${name}; DROP ROLE ${name}_free`);
  await admin.end();
});

async function asOwner<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: urls.owner });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
const tenants = (client: pg.Client) => client.query<{ n: number }>('SELECT count(*)::int AS n FROM tenant').then(({ rows }) => rows[0]?.n);

describe('the three roles', () => {
  it('are held, the owner too, whose migrations see every row', async () => {
    const roles = await requireHeldRoles(urls, false);
    expect(roles).toEqual({ owner: name, service: 'stoa_test_service', unscoped: 'stoa_test_unscoped' });
    await migrate({ databaseUrl: urls.owner, migrationsDir, roles });
    expect(await asOwner(tenants)).toBe(0);
    const more = await mkdtemp(join(tmpdir(), 'stoa-migrations-'));
    await mkdir(join(more, '20991231000000_more'));
    await writeFile(join(more, '20991231000000_more/migration.sql'), `CREATE TABLE thing AS SELECT id, id AS tenant_id FROM tenant`);
    await migrate({ databaseUrl: urls.owner, migrationsDir: more, roles });
    const { rows } = await admin.query(
      'SELECT (SELECT count(*)::int FROM thing) AS rows, relforcerowsecurity AS forced FROM pg_class WHERE oid = $1::regclass',
      ['thing'],
    );
    expect(rows).toEqual([{ rows: 1, forced: true }]);
  });

  it('are put in place once: the next start changes no policy', async () => {
    const policies = () => admin.query('SELECT oid, polname FROM pg_policy ORDER BY oid').then(({ rows }) => rows as object[]);
    const before = await policies();
    expect(before.length).toBeGreaterThan(60);
    await asOwner(async (client) => guardTenants(client, await requireHeldRoles(urls, false)));
    expect(await policies()).toEqual(before);
  });

  it('are refused where row-level security would not hold them, with the remedy', async () => {
    for (const [given, fault] of [
      [{ service: urls.owner }, `The role ${name} of DATABASE_URL owns tables of the database`],
      [{ unscoped: as(`${name}_free`) }, `The role ${name}_free of STOA_DATABASE_UNSCOPED_URL has BYPASSRLS`],
      [
        { service: Object.assign(new URL(await createTestDatabase()), { pathname: new URL(urls.owner).pathname }).href },
        'of DATABASE_URL is a superuser',
      ],
      [{ unscoped: urls.service }, 'are of one role, stoa_test_service'],
    ] as const) {
      const refused = requireHeldRoles({ ...urls, ...given }, false);
      await expect(refused).rejects.toThrow(fault);
      await expect(refused).rejects.toThrow('STOA_SINGLE_ROLE=true');
    }
  });

  it('are one role where that is asked for, which sees what it owns', async () => {
    expect(await requireHeldRoles(oneRole(urls.owner), true)).toBeUndefined();
    await migrate({ databaseUrl: urls.owner, migrationsDir });
    expect(await asOwner(tenants)).toBe(1);
  });
});

describe('the settings', () => {
  const refusal = (env: Record<string, string>) => () =>
    settings.load({ argv: [], env: { STOA_MASTER_KEY: Buffer.alloc(32, 1).toString('base64'), ...env } });
  it('ask for all three roles, or that one is wanted', () => {
    const [DATABASE_URL, url] = ['postgres://a@127.0.0.1/x', 'postgres://b@127.0.0.1/x'];
    expect(refusal({ DATABASE_URL })).toThrow(/STOA_DATABASE_UNSCOPED_URL and STOA_DATABASE_OWNER_URL are required[\s\S]*STOA_SINGLE_ROLE=true/);
    expect(refusal({ DATABASE_URL, STOA_DATABASE_OWNER_URL: url })).toThrow('are required');
    expect(refusal({ STOA_DATABASE_OWNER_URL: url })).toThrow('go with DATABASE_URL');
    expect(refusal({ DATABASE_URL, STOA_DATABASE_OWNER_URL: url, STOA_SINGLE_ROLE: 'true' })).toThrow('goes with DATABASE_URL alone');
    expect(refusal({ DATABASE_URL, STOA_SINGLE_ROLE: 'true' })).not.toThrow();
  });
});
