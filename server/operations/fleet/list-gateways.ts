import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { findGateways, toGateway } from '../../fleet/gateway-rows.ts';
import { pageOf } from '../page.ts';

export const listGateways: Handler<operations['listGateways'], RequestContext> = async ({ query }, context) => {
  const { tenantId } = requireOperator(context, 'read');
  const page = await pageOf(query, (take, position) => findGateways(context.db.pool, tenantId, query, take, position), toGateway);
  return { status: 200, body: page };
};
