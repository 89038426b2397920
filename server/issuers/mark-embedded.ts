import type { Database } from '../database/connection.ts';
import { bumpTenant } from '../deployments/bump-tenant.ts';
import { asTenant } from '../tenants/in-tenant.ts';

/**
 * Of trusted issuers those are marked that turn out to be the embedded one, because the Control Plane has had another public URL, or an external issuer, when they were
 * written. Gateways are then told at once to demand the tenant of their tokens. No mark is taken back: tokens of the address before are of every tenant, too.
 */
export async function markEmbedded(db: Pick<Database, 'pool' | 'tenantTransaction'>, embedded: string | undefined): Promise<void> {
  if (embedded === undefined) return;
  type Row = { id: string; tenant_id: string };
  const { rows } = await db.pool.query<Row>(`SELECT id, tenant_id FROM trusted_issuer WHERE NOT is_embedded AND config->'rules'->>'issuer' = $1`, [
    embedded,
  ]);
  for (const { id, tenant_id: tenantId } of rows)
    await asTenant(db, tenantId, async (tx) => {
      await bumpTenant(tx, tenantId, { kind: 'trusted_issuer', id });
      await tx.trusted_issuer.updateMany({ where: { id, tenant_id: tenantId, issuer: embedded }, data: { is_embedded: true } });
    });
}
