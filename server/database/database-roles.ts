import { randomBytes } from 'node:crypto';
import { ExpectedError } from '@stoa/lib/errors.ts';
import pg from 'pg';
import type { RoleNames } from './guard-tenants.ts';
import { connectOrExplain } from './migrate.ts';

/**
 * By whom the database is used. `owner` has made the tables, and migrates them at the start; `service` serves tenants, each of its transactions one of them, and
 * row-level security holds it; `unscoped` runs what belongs to no one tenant. Where one role is all three, nothing holds it.
 */
export type DatabaseUrls = { readonly owner: string; readonly service: string; readonly unscoped: string };

const remedy =
  'Make the three roles as docs/guides/operate.md shows and give DATABASE_URL, STOA_DATABASE_UNSCOPED_URL and STOA_DATABASE_OWNER_URL, or set STOA_SINGLE_ROLE=true to go on with one role, as releases before this one did.';

type Found = { name: string; is_super: boolean; bypasses: boolean; owns: boolean };

/** Who is behind the addresses. Undefined where one role is to be all three. @throws ExpectedError for a role that row-level security would not hold */
export async function requireHeldRoles(urls: DatabaseUrls, isSingle: boolean): Promise<RoleNames | undefined> {
  if (isSingle) return undefined;
  const [owner, service, unscoped] = await Promise.all([look(urls.owner), look(urls.service), look(urls.unscoped)]);
  for (const [setting, { name, is_super, bypasses, owns }] of [
    ['DATABASE_URL', service],
    ['STOA_DATABASE_UNSCOPED_URL', unscoped],
  ] as const) {
    const fault = is_super ? 'is a superuser' : bypasses ? 'has BYPASSRLS' : owns || name === owner.name ? 'owns tables of the database' : undefined;
    if (fault) throw new ExpectedError(`The role ${name} of ${setting} ${fault}, so that row-level security does not hold it. ${remedy}`);
  }
  if (service.name === unscoped.name)
    throw new ExpectedError(
      `DATABASE_URL and STOA_DATABASE_UNSCOPED_URL are of one role, ${service.name}: it would see the rows of every tenant. ${remedy}`,
    );
  return { owner: owner.name, service: service.name, unscoped: unscoped.name };
}

async function look(url: string): Promise<Found> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000, query_timeout: 10_000, application_name: 'stoa-migrate' });
  client.on('error', () => {});
  await connectOrExplain(client);
  try {
    // A member of the owner's role could become it.
    const { rows } = await client.query<Found>(
      `SELECT rolname AS name, rolsuper AS is_super, rolbypassrls AS bypasses,
         EXISTS (SELECT FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p') AND pg_has_role(c.relowner, 'MEMBER')) AS owns
       FROM pg_roles WHERE rolname = current_user`,
    );
    return rows[0] as Found;
  } finally {
    await client.end();
  }
}

/** Makes the two roles that own nothing in a database server of ours, with a new password at each start. */
export async function makeRoles(ownerUrl: string): Promise<DatabaseUrls> {
  const client = new pg.Client({ connectionString: ownerUrl, connectionTimeoutMillis: 10_000 });
  client.on('error', () => {});
  await connectOrExplain(client);
  try {
    const [service, unscoped] = [await makeRole(client, 'stoa_service'), await makeRole(client, 'stoa_unscoped')];
    return { owner: ownerUrl, service: as(ownerUrl, service), unscoped: as(ownerUrl, unscoped) };
  } finally {
    await client.end();
  }
}

type Login = { name: string; password: string };

async function makeRole(client: pg.Client, name: string): Promise<Login> {
  const password = randomBytes(24).toString('base64url');
  const { rowCount } = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [name]);
  await client.query(
    `${rowCount === 0 ? 'CREATE' : 'ALTER'} ROLE ${name} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE PASSWORD ${client.escapeLiteral(password)}`,
  );
  return { name, password };
}

function as(ownerUrl: string, { name, password }: Login): string {
  const url = new URL(ownerUrl);
  url.username = name;
  url.password = password;
  return url.href;
}
