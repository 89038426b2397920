import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import type { GatewayMode, GatewayModeSummary } from '@stoa/generated/schemas.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { byEnvironment, readFleetCounts, sumCounts } from '../../fleet/fleet-counts.ts';
import { findGateways, toGateway } from '../../fleet/gateway-rows.ts';
import { toTimestamp } from '../wire.ts';

const maxInstances = 500;
const products: [GatewayMode, GatewayModeSummary['product']][] = [
  ['edge_mcp', 'STOA Gateway'],
  ['sidecar', 'STOA Link'],
  ['connect', 'STOA Connect'],
];

export const getGatewayModes: Handler<operations['getGatewayModes'], RequestContext> = async ({ query }, context) => {
  const { tenantId } = requireOperator(context);
  const { as_of, event_id, brakes, counts: all } = await readFleetCounts(context.db.pool, tenantId);
  const modes = await Promise.all(
    products.map(async ([gateway_mode, product]): Promise<GatewayModeSummary> => {
      const kept = all.filter((row) => row.gateway_mode === gateway_mode);
      const isListed = query.instances !== false && kept.length > 0;
      const rows = isListed ? await findGateways(context.db.pool, tenantId, { gateway_mode }, { take: maxInstances + 1 }) : [];
      const instances = rows.slice(0, maxInstances).map(toGateway);
      // Of a fleet that is here whole, the instances and the counts must not contradict one another.
      const isWhole = isListed && rows.length <= maxInstances;
      const counts = sumCounts(isWhole ? instances.map(({ liveness }) => ({ liveness, count: 1 })) : kept);
      const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
      return { gateway_mode, product, total, counts, instances, more: Math.max(0, total - instances.length), environments: byEnvironment(kept) };
    }),
  );
  return { status: 200, body: { as_of: toTimestamp(as_of), event_id, brakes, modes } };
};
