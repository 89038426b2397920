import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { toSubscription, withNames } from '../../access/subscription-rows.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { notFound } from '../../errors.ts';
import { entityTag } from '../entity-tag.ts';
import { inTenant } from '../../tenants/in-tenant.ts';

export const getSubscription: Handler<operations['getSubscription'], RequestContext> = async ({ path }, context) => {
  const { tenantId } = requireOperator(context);
  const row = await inTenant(context, (tx) =>
    tx.subscription.findFirst({ where: { id: path.subscription_id, tenant_id: tenantId }, include: withNames }),
  );
  if (!row) throw notFound('subscription');
  const body = toSubscription(row);
  return { status: 200, body, headers: entityTag(body) };
};
