import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { findGateways, toGateway } from '../../fleet/gateway-rows.ts';
import { decodeRank, encodeRank } from '../../fleet/rank-cursor.ts';
import { pageOf } from '../page.ts';
import { sqlOf } from '../../database/sql.ts';
import { inTenant } from '../../tenants/in-tenant.ts';

const usualLimit = 100;

export const listGateways: Handler<operations['listGateways'], RequestContext> = async ({ query }, context) => {
  const { tenantId } = requireOperator(context);
  const find = (position: Parameters<typeof findGateways>[3]) => inTenant(context, (tx) => findGateways(sqlOf(tx), tenantId, query, position));
  if (query.sort !== 'worst') return { status: 200, body: await pageOf(query, (take, after) => find({ take, after }), toGateway) };
  const limit = query.limit ?? usualLimit;
  const rows = await find({ take: limit + 1, worstAfter: query.cursor === undefined ? null : decodeRank(query.cursor) });
  const last = rows[limit - 1];
  return { status: 200, body: { items: rows.slice(0, limit).map(toGateway), next_cursor: rows.length > limit && last ? encodeRank(last) : null } };
};
