import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { notFound } from '../../errors.ts';
import { findGateway, toGateway } from '../../fleet/gateway-rows.ts';

export const getGateway: Handler<operations['getGateway'], RequestContext> = async ({ path }, context) => {
  const { tenantId } = requireOperator(context, 'read');
  const row = await findGateway(context.db.pool, tenantId, path.gateway_id);
  if (!row) throw notFound('gateway');
  return { status: 200, body: toGateway(row) };
};
