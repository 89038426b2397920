import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import type { GatewayMode, GatewayModeSummary, LivenessCounts } from '@stoa/generated/schemas.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { countGateways, findGateways, toGateway } from '../../fleet/gateway-rows.ts';

const maxInstances = 500;
const products: [GatewayMode, GatewayModeSummary['product']][] = [
  ['edge_mcp', 'STOA Gateway'],
  ['sidecar', 'STOA Link'],
  ['connect', 'STOA Connect'],
];
const none: LivenessCounts = { online: 0, late: 0, offline: 0, left: 0, revoked: 0, conflict: 0 };

export const getGatewayModes: Handler<operations['getGatewayModes'], RequestContext> = async (_input, context) => {
  const { tenantId } = requireOperator(context, 'read');
  const counted = await countGateways(context.db.pool, tenantId);
  const modes = await Promise.all(
    products.map(async ([gateway_mode, product]): Promise<GatewayModeSummary> => {
      const counts = { ...none };
      for (const row of counted) if (row.gateway_mode === gateway_mode) counts[row.liveness] = row.count;
      const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
      const rows = total === 0 ? [] : await findGateways(context.db.pool, tenantId, { gateway_mode }, maxInstances, undefined);
      return { gateway_mode, product, total, counts, instances: rows.map(toGateway), more: Math.max(0, total - rows.length) };
    }),
  );
  return { status: 200, body: { as_of: (counted[0]?.as_of ?? new Date()).toISOString(), modes } };
};
