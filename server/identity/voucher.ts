import { rightsOf } from '@stoa/generated/permissions.ts';
import type { Maker } from '@stoa/generated/schemas.ts';
import type { Sql } from '../database/sql.ts';

/** What a link gives, and who made it. */
export type SentLink = { tenant_id: string; roles: string[]; first_owner: boolean; created_by: Maker | null };

// Links for the first owner of a tenant are made by members of the tenant of the platform.
const tenantOfMaker = 'CASE WHEN $3::boolean THEN (SELECT tenant_id FROM platform) ELSE $2::uuid END';
/** What a maker may still do. A token that merely ran out was not taken from anybody: what was made by it stands. */
const standings: Readonly<Record<Maker['kind'], string | undefined>> = {
  user: `SELECT m.roles, '{*}'::text[] AS scopes FROM membership m JOIN app_user u ON u.id = m.user_id
    WHERE m.user_id = $1::uuid AND m.tenant_id = ${tenantOfMaker} AND m.disabled_at IS NULL AND u.disabled_at IS NULL`,
  token: `SELECT roles, scopes FROM operator_token WHERE id = $1::uuid AND tenant_id = ${tenantOfMaker} AND revoked_at IS NULL`,
  server: undefined,
};

/**
 * Whether who made a link might make it now. It lets somebody in on his word, which is worth nothing once he is disabled or removed, has lost the roles for it, or his
 * token was revoked. Of links that the server makes for the first owner nobody is asked.
 */
export async function isVouchedFor(db: Sql, { tenant_id: tenantId, roles, first_owner: isForOwner, created_by: maker }: SentLink): Promise<boolean> {
  const text = maker === null ? undefined : standings[maker.kind];
  if (maker === null || text === undefined) return true;
  const { rows } = await db.query<{ roles: string[]; scopes: string[] }>(text, [maker.id, tenantId, isForOwner]);
  const [standing] = rows;
  if (!standing) return false;
  const rights: ReadonlySet<string> = rightsOf(standing.roles, standing.scopes);
  const needed = isForOwner ? ['tenants.write'] : ['members.write', ...rightsOf(roles)];
  return needed.every((right) => rights.has(right));
}
