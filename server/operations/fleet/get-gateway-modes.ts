import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import type { GatewayMode, GatewayModeSummary } from '@stoa/generated/schemas.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { byEnvironment, readFleetCounts, sumCounts } from '../../fleet/fleet-counts.ts';
import { findGateways, toGateway } from '../../fleet/gateway-rows.ts';
import { toTimestamp } from '../wire.ts';
import { sqlOf } from '../../database/sql.ts';
import { inTenant } from '../../tenants/in-tenant.ts';

const maxInstances = 500;
const products: [GatewayMode, GatewayModeSummary['product']][] = [
  ['edge_mcp', 'STOA Gateway'],
  ['sidecar', 'STOA Link'],
  ['connect', 'STOA Connect'],
];

export const getGatewayModes: Handler<operations['getGatewayModes'], RequestContext> = async ({ query }, context) => {
  const { tenantId } = requireOperator(context);
  const { fleet, listed } = await inTenant(context, async (tx) => {
    const sql = sqlOf(tx);
    const counted = await readFleetCounts(sql, tenantId);
    const rows = new Map<GatewayMode, Awaited<ReturnType<typeof findGateways>>>();
    for (const [gateway_mode] of products) {
      const isListed = query.instances !== false && counted.counts.some((row) => row.gateway_mode === gateway_mode);
      if (isListed) rows.set(gateway_mode, await findGateways(sql, tenantId, { gateway_mode }, { take: maxInstances + 1 }));
    }
    return { fleet: counted, listed: rows };
  });
  const { as_of, event_id, brakes, counts: all } = fleet;
  const modes = products.map(([gateway_mode, product]): GatewayModeSummary => {
    const kept = all.filter((row) => row.gateway_mode === gateway_mode);
    const rows = listed.get(gateway_mode);
    const instances = (rows ?? []).slice(0, maxInstances).map(toGateway);
    // Of a fleet that is here whole, the instances and the counts must not contradict one another.
    const isWhole = rows !== undefined && rows.length <= maxInstances;
    const counts = sumCounts(isWhole ? instances.map(({ liveness }) => ({ liveness, count: 1 })) : kept);
    const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
    return { gateway_mode, product, total, counts, instances, more: Math.max(0, total - instances.length), environments: byEnvironment(kept) };
  });
  return { status: 200, body: { as_of: toTimestamp(as_of), event_id, brakes, modes } };
};
