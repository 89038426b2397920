import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { toPolicy } from '../../catalog/policy-rows.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { findPolicyStates } from '../../deployments/policy-states.ts';
import { notFound } from '../../errors.ts';
import { entityTag } from '../entity-tag.ts';

export const getPolicy: Handler<operations['getPolicy'], RequestContext> = async ({ path }, context) => {
  const { tenantId } = requireOperator(context);
  const row = await context.db.prisma.policy.findFirst({ where: { id: path.policy_id, tenant_id: tenantId }, include: { attachments: true } });
  if (!row) throw notFound('policy');
  const states = await findPolicyStates(context.db.pool, [row]);
  return { status: 200, body: toPolicy({ ...row, state: states.get(row.id) }), headers: entityTag(toPolicy(row)) };
};
