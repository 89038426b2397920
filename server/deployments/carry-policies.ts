import type { Prisma } from '@stoa/generated/prisma/client.ts';
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
  const rows = await tx.$queryRaw<Row[]>`
    SELECT * FROM (
      SELECT p.id, p.name, p.kind, count(*)::int AS attachments,
        bool_or((m.api_id IS NULL OR m.api_id = ${apiId}::uuid) AND (m.environment IS NULL OR m.environment = ${from})) AS is_here,
        bool_or((m.api_id IS NULL OR m.api_id = ${apiId}::uuid) AND (m.environment IS NULL OR m.environment = ${to})) AS is_there
      FROM policy p JOIN policy_attachment m ON m.policy_id = p.id WHERE p.tenant_id = ${tenantId}::uuid GROUP BY p.id) found
    WHERE is_here OR is_there ORDER BY name`;
  for (const { id, name, attachments } of rows.filter(({ is_there: isThere }) => !isThere)) {
    if (attachments >= maxAttachments) {
      const remedy = `Attach it to the environment ${to}, or make a second one.`;
      throw conflict(
        `The policy ${name} guards the API in ${from}, and is attached to ${attachments} things, which is the most there can be. ${remedy}`,
        'too_many_attachments',
      );
    }
    await tx.policy_attachment.create({ data: { tenant_id: tenantId, policy_id: id, api_id: apiId, environment: to } });
    await tx.policy.update({ where: { id }, data: { updated_at: new Date() } });
    await bumpTenant(tx, tenantId, { kind: 'policy', id });
  }
  return rows.map(({ id, name, kind, is_here: isHere, is_there: isThere }) => ({
    policy_id: id,
    name,
    kind,
    action: isThere ? (isHere ? 'present' : 'only_there') : 'attached',
  }));
}
