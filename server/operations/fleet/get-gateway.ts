import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { notFound } from '../../errors.ts';
import { findGateway, toGateway } from '../../fleet/gateway-rows.ts';
import { entityTag } from '../entity-tag.ts';
import { sqlOf } from '../../database/sql.ts';
import { inTenant } from '../../tenants/in-tenant.ts';

export const getGateway: Handler<operations['getGateway'], RequestContext> = async ({ path }, context) => {
  const { tenantId } = requireOperator(context);
  const row = await inTenant(context, (tx) => findGateway(sqlOf(tx), tenantId, path.gateway_id));
  if (!row) throw notFound('gateway');
  const body = toGateway(row);
  return { status: 200, body, headers: entityTag(body) };
};
