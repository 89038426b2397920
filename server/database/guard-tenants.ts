import { createHash } from 'node:crypto';
import type { ClientBase } from 'pg';
import { ofEveryTenantTable, serviceGrants, unscopedGrants } from './unscoped/grants.ts';
import type { Grants } from './unscoped/grants.ts';

/** The names of three different roles, see `DatabaseUrls`. */
export type RoleNames = { readonly owner: string; readonly service: string; readonly unscoped: string };

const tenant = `nullif(current_setting('stoa.tenant_id', true), '')::uuid`;
/** Which rows are a tenant's, of tables where it is not said by `tenant_id`. */
const otherwise: Readonly<Record<string, string>> = {
  // The tenant of the platform sees them all: it makes, limits and suspends them.
  tenant: `id = ${tenant} OR EXISTS (SELECT FROM platform p WHERE p.tenant_id = ${tenant})`,
  app_user: `EXISTS (SELECT FROM membership m WHERE m.user_id = app_user.id AND m.tenant_id = ${tenant})`,
};

type Table = { name: string; is_enabled: boolean; is_forced: boolean; has_tenant: boolean };
type Policy = { table: string; name: string; to: string; using: string };

/**
 * Holds each row to its tenant by row-level security, whatever a statement forgets, and gives the two roles that the server works under what they may do. Without
 * `roles` one role does everything: the rules are there, and do not hold it. Runs after the migrations, as the owner: a table that a migration adds is guarded
 * without its saying so. Changes nothing where all is as it should be.
 */
export async function guardTenants(client: ClientBase, roles: RoleNames | undefined): Promise<void> {
  const { rows: tables } = await client.query<Table>(
    `SELECT c.relname AS name, c.relrowsecurity AS is_enabled, c.relforcerowsecurity AS is_forced,
       EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped) AS has_tenant
     FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p') ORDER BY c.relname`,
  );
  const guarded = tables.filter(({ name, has_tenant }) => has_tenant || name in otherwise);
  await client.query('BEGIN');
  try {
    await putPolicies(client, guarded, roles);
    for (const { name, is_enabled, is_forced } of guarded) {
      // A role that owns the tables and serves them too would see nothing of them for every tenant, nor could it be backed up by pg_dump.
      const wanted = [...(is_enabled ? [] : ['ENABLE']), ...(is_forced === (roles !== undefined) ? [] : [roles ? 'FORCE' : 'NO FORCE'])];
      for (const word of wanted) await client.query(`ALTER TABLE ${client.escapeIdentifier(name)} ${word} ROW LEVEL SECURITY`);
    }
    if (roles) await grantAll(client, tables, roles);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {});
    throw error;
  }
}

/** Each policy keeps the digest of what it was made from as its comment: the database words it in its own way. */
async function putPolicies(client: ClientBase, tables: readonly Table[], roles: RoleNames | undefined): Promise<void> {
  const quoted = (role: string) => client.escapeIdentifier(role);
  const wanted = tables.flatMap(({ name: table }): Policy[] => [
    { table, name: 'stoa_tenant', to: 'PUBLIC', using: otherwise[table] ?? `tenant_id = ${tenant}` },
    ...(roles ? [{ table, name: 'stoa_unscoped', to: quoted(roles.unscoped), using: 'true' }] : []),
    // For migrations: the owner of a table is held by its policies too, and says so where he shall not be.
    ...(roles ? [{ table, name: 'stoa_owner', to: quoted(roles.owner), using: ownerSaysSo }] : []),
  ]);
  const { rows } = await client.query<{ key: string; digest: string | null }>(
    `SELECT c.relname || ' ' || p.polname AS key, obj_description(p.oid, 'pg_policy') AS digest
     FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid WHERE c.relnamespace = current_schema()::regnamespace AND p.polname LIKE 'stoa\\_%'`,
  );
  const present = new Map(rows.map(({ key, digest }) => [key, digest]));
  for (const { table, name, to, using } of wanted) {
    const digest = createHash('sha256').update(`${to} ${using}`).digest('hex');
    const key = `${table} ${name}`;
    const isRight = present.get(key) === digest;
    present.delete(key);
    if (isRight) continue;
    const on = `${quoted(name)} ON ${quoted(table)}`;
    await client.query(`DROP POLICY IF EXISTS ${on}; CREATE POLICY ${on} TO ${to} USING (${using}); COMMENT ON POLICY ${on} IS '${digest}'`);
  }
  for (const key of present.keys()) {
    const [table = '', name = ''] = key.split(' ');
    await client.query(`DROP POLICY ${quoted(name)} ON ${quoted(table)}`);
  }
}

/** For the owner's own sessions, which migrate. */
export const seeAllAsOwner = `SELECT set_config('stoa.owner', 'on', false)`;
const ownerSaysSo = `current_setting('stoa.owner', true) = 'on'`;

async function grantAll(client: ClientBase, tables: readonly Table[], { service, unscoped }: RoleNames): Promise<void> {
  const ofTenants = Object.fromEntries(tables.filter(({ has_tenant }) => has_tenant).map(({ name }) => [name, ofEveryTenantTable]));
  await grant(client, service, { ...ofTenants, ...serviceGrants });
  await grant(client, unscoped, unscopedGrants);
}

async function grant(client: ClientBase, role: string, grants: Grants): Promise<void> {
  const to = client.escapeIdentifier(role);
  const { rows } = await client.query<{ schema: string }>('SELECT quote_ident(current_schema()) AS schema');
  const schema = rows[0]?.schema ?? 'public';
  const statements = Object.entries(grants)
    .filter(([, rights]) => rights.length > 0)
    .map(([table, rights]) => `GRANT ${rights.join(', ')} ON ${table.startsWith('FUNCTION ') ? table : client.escapeIdentifier(table)} TO ${to}`);
  await client.query(
    [`REVOKE ALL ON ALL TABLES IN SCHEMA ${schema} FROM ${to}`, `GRANT USAGE ON SCHEMA ${schema} TO ${to}`, ...statements].join('; '),
  );
}
