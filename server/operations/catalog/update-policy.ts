import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import type { Prisma } from '@stoa/generated/prisma/client.ts';
import { endCallsOf } from '../../approvals/calls.ts';
import { makerOf } from '../../audit/actor.ts';
import { record } from '../../audit/record.ts';
import { apiIdsOf, requireFitting, requireSoundPolicy, saysTheSame, toAttachmentRows, toPolicy, toPolicyColumns } from '../../catalog/policy-rows.ts';
import { requireTokensToExchange } from '../../catalog/require-tokens.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { sqlOf } from '../../database/sql.ts';
import { changeCatalog } from '../../deployments/change-catalog.ts';
import { notFound } from '../../errors.ts';
import { requireFitsPlans } from '../../plans/plan-parts.ts';
import { rejectionWarnings } from '../../deployments/rejecting-gateways.ts';
import { entityTag, requireMatch } from '../entity-tag.ts';

export const updatePolicy: Handler<operations['updatePolicy'], RequestContext> = async ({ path, query, headers, body }, context) => {
  const { tenantId } = requireOperator(context);
  const id = path.policy_id;
  const update = async (tx: Prisma.TransactionClient) => {
    const current = await tx.policy.findFirst({ where: { id, tenant_id: tenantId }, include: { attachments: true } });
    if (!current) throw notFound('policy');
    requireMatch(headers, toPolicy(current));
    requireSoundPolicy(body);
    await requireFitting(tx, tenantId, id, body);
    await requireFitsPlans(tx, id, body.policy.kind);
    const updated = saysTheSame(current, body)
      ? current
      : await tx.policy.update({
          where: { id },
          data: {
            ...toPolicyColumns(body),
            updated_at: new Date(),
            updated_by: makerOf(context.principal),
            attachments: { deleteMany: {}, createMany: { data: toAttachmentRows(body.attached_to) } },
          },
          include: { attachments: true },
        });
    await requireTokensToExchange(tx, context.keys, { tenantId, apiIds: apiIdsOf(body) }, '/body/attached_to');
    const isDemandedStill = updated.kind === 'approval' && updated.name === current.name && updated.attachments.length > 0;
    if (current.kind === 'approval' && !isDemandedStill) await endCallsOf(tx, tenantId, current.name);
    await record(tx, context, { object: { kind: 'policy', id, name: updated.name }, before: toPolicy(current), after: toPolicy(updated) });
    return { row: updated, warnings: await rejectionWarnings(sqlOf(tx), { policyId: id }) };
  };
  const { row, warnings } = await changeCatalog(context, tenantId, { kind: 'policy', id }, update, query.dry_run === true);
  const policy = toPolicy(row);
  return { status: 200, body: { ...policy, ...(warnings.length > 0 && { warnings }) }, headers: entityTag(policy) };
};
