import type { Pool, PoolClient } from 'pg';
import { appendFor } from '../../audit/append.ts';
import type { IssuerPerson } from './external-issuer.ts';
import type { RolesByTenant } from './role-table.ts';

type Db = Pick<Pool | PoolClient, 'query'>;
export type KnownPerson = { id: string; name: string; isDisabled: boolean };

/** The row of a person whom the issuer vouches for: who is known by issuer and subject alone, never by an address, which issuers let people change. */
export async function knowPerson(
  db: Db,
  issuer: string,
  { subject, name, login }: Pick<IssuerPerson, 'subject' | 'name' | 'login'>,
): Promise<KnownPerson> {
  const known = await db.query<{ id: string; name: string; login: string; is_disabled: boolean }>(
    'SELECT id, name, login, disabled_at IS NOT NULL AS is_disabled FROM app_user WHERE issuer = $1 AND subject = $2',
    [issuer, subject],
  );
  const [row] = known.rows;
  if (row && row.name === name && row.login === login) return { id: row.id, name, isDisabled: row.is_disabled };
  const { rows } = await db.query<{ id: string; is_disabled: boolean }>(
    `INSERT INTO app_user (issuer, subject, name, login) VALUES ($1, $2, $3, $4)
     ON CONFLICT (issuer, subject) DO UPDATE SET name = EXCLUDED.name, login = EXCLUDED.login RETURNING id, disabled_at IS NOT NULL AS is_disabled`,
    [issuer, subject, name, login],
  );
  return { id: rows[0]?.id ?? '', name, isDisabled: rows[0]?.is_disabled ?? true };
}

/** Makes the memberships of a person what the groups say now, and tells the audit what that changed. Tenants that are not there give nothing. */
export async function setMemberships(
  client: PoolClient,
  { id: userId, name }: Pick<KnownPerson, 'id' | 'name'>,
  roles: RolesByTenant,
): Promise<void> {
  const tenants = [...roles.keys()];
  const before = await rolesHeld(client, userId);
  await client.query(
    // Who was disabled here stays so, whatever the groups say meanwhile.
    `DELETE FROM membership m WHERE m.user_id = $1 AND m.disabled_at IS NULL AND NOT EXISTS (SELECT FROM tenant t WHERE t.id = m.tenant_id AND t.name = ANY ($2::text[]))`,
    [userId, tenants],
  );
  for (const [tenant, held] of roles)
    await client.query(
      `INSERT INTO membership (user_id, tenant_id, roles) SELECT $1, id, $3 FROM tenant WHERE name = $2
       ON CONFLICT (user_id, tenant_id) DO UPDATE SET roles = EXCLUDED.roles WHERE membership.roles <> EXCLUDED.roles`,
      [userId, tenant, held],
    );
  const after = await rolesHeld(client, userId);
  // In the order of their ids, in which everybody locks the heads of several tenants.
  for (const tenantId of [...new Set([...before.keys(), ...after.keys()])].sort()) {
    const [had, has] = [before.get(tenantId), after.get(tenantId)];
    if (had?.join() === has?.join()) continue;
    const states = { ...(had && { before: { roles: had } }), ...(has && { after: { roles: has } }) };
    const object = { kind: 'user', id: userId, name } as const;
    await appendFor(client, tenantId, [
      { kind: 'change', action: 'followGroups', outcome: 'done', actor: { kind: 'user', id: userId, name }, object, ...states },
    ]);
  }
}

async function rolesHeld(client: PoolClient, userId: string): Promise<Map<string, readonly string[]>> {
  const { rows } = await client.query<{ tenant_id: string; roles: string[] }>('SELECT tenant_id, roles FROM membership WHERE user_id = $1', [userId]);
  return new Map(rows.map(({ tenant_id, roles }) => [tenant_id, roles]));
}

/** The first tenant of the table in which a person has a role, and was not disabled; a suspended one when there is no other. */
export async function firstTenant(db: Db, userId: string, roles: RolesByTenant): Promise<{ tenantId: string; roles: readonly string[] } | undefined> {
  const { rows } = await db.query<{ id: string; name: string; is_suspended: boolean }>(
    `SELECT id, name, suspended_at IS NOT NULL AS is_suspended FROM tenant t WHERE name = ANY ($2::text[])
       AND NOT EXISTS (SELECT FROM membership m WHERE m.user_id = $1 AND m.tenant_id = t.id AND m.disabled_at IS NOT NULL)`,
    [userId, [...roles.keys()]],
  );
  const known = [...roles].flatMap(([name, held]) => rows.filter((row) => row.name === name).map((row) => ({ ...row, held })));
  const first = known.find(({ is_suspended }) => !is_suspended) ?? known[0];
  return first && { tenantId: first.id, roles: first.held };
}
