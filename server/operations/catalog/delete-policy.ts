import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { endCallsOf } from '../../approvals/calls.ts';
import { record } from '../../audit/record.ts';
import { toPolicy } from '../../catalog/policy-rows.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { changeCatalog } from '../../deployments/change-catalog.ts';
import { notFound } from '../../errors.ts';
import { requireInNoPlan } from '../../plans/plan-parts.ts';
import { requireMatch } from '../entity-tag.ts';

export const deletePolicy: Handler<operations['deletePolicy'], RequestContext> = async ({ path, headers }, context) => {
  const { tenantId } = requireOperator(context);
  await changeCatalog(context, tenantId, { kind: 'policy', id: path.policy_id }, async (tx) => {
    const current = await tx.policy.findFirst({ where: { id: path.policy_id, tenant_id: tenantId }, include: { attachments: true } });
    if (!current) throw notFound('policy');
    requireMatch(headers, toPolicy(current));
    await requireInNoPlan(tx, current.id);
    await tx.policy.delete({ where: { id: current.id } });
    if (current.kind === 'approval') await endCallsOf(tx, tenantId, current.name);
    await record(tx, context, { object: { kind: 'policy', id: current.id, name: current.name }, before: toPolicy(current) });
  });
  return { status: 204 };
};
