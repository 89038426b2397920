import { Prisma } from '@stoa/generated/prisma/client.ts';
import type { PolicyPromotion } from '@stoa/generated/schemas.ts';
import { conflict } from '../errors.ts';
import { bumpTenant } from './bump-tenant.ts';

/** The contract's bound on what a policy is attached to. */
const maxAttachments = 100;

type Row = { id: string; name: string; kind: string; is_there: boolean; is_here: boolean; attachments: number };

/**
 * Attaches to an API in an environment the policies that guard it in another one and do not guard it there. Answers these, those that guard it in both, and
 * those that do so there alone.
 */
export async function carryPolicies(
  tx: Prisma.TransactionClient,
  tenantId: string,
  apiId: string,
  from: string,
  to: string,
): Promise<PolicyPromotion[]> {
  const guardsIn = (environment: string) =>
    Prisma.sql`bool_or(m.mcp_server_id IS NULL AND coalesce(m.api_id, ${apiId}::uuid) = ${apiId}::uuid AND coalesce(m.environment, ${environment}) = ${environment})`;
  const rows = await tx.$queryRaw<Row[]>`
    SELECT * FROM (
      SELECT p.id, p.name, p.kind, count(*)::int AS attachments, ${guardsIn(from)} AS is_here, ${guardsIn(to)} AS is_there
      FROM policy p JOIN policy_attachment m ON m.policy_id = p.id WHERE p.tenant_id = ${tenantId}::uuid GROUP BY p.id) found
    WHERE is_here OR is_there ORDER BY name`;
  const carried = rows.filter(({ is_there: isThere }) => !isThere);
  requireRoom(carried, from, to);
  const ids = carried.map(({ id }) => id);
  if (ids.length > 0) {
    await tx.policy_attachment.createMany({ data: ids.map((id) => ({ tenant_id: tenantId, policy_id: id, api_id: apiId, environment: to })) });
    await tx.policy.updateMany({ where: { tenant_id: tenantId, id: { in: ids } }, data: { updated_at: new Date() } });
    await bumpTenant(tx, tenantId, { kind: 'policy', id: ids });
  }
  return rows.map(({ id, name, kind, is_here: isHere, is_there: isThere }) => ({
    policy_id: id,
    name,
    kind,
    action: isThere ? (isHere ? 'present' : 'only_there') : 'attached',
  }));
}

/** @throws ApiError 409 for a policy that is attached to as much as one can be */
function requireRoom(carried: readonly Row[], from: string, to: string): void {
  const full = carried.find(({ attachments }) => attachments >= maxAttachments);
  if (full === undefined) return;
  const { name, attachments } = full;
  const remedy = `Attach it to the environment ${to}, or make a second one.`;
  throw conflict(
    `The policy ${name} guards the API in ${from}, and is attached to ${attachments} things, which is the most there can be. ${remedy}`,
    'too_many_attachments',
  );
}
