import { randomUUID } from 'node:crypto';
import type { Gateway, GatewayMode, GatewayModes, GatewayModeSummary, Liveness } from '@stoa/generated/schemas.ts';
import { validateGatewayModes } from '@stoa/generated/validators.js';

const asOf = '2026-11-22T18:24:00.000Z';
const products = { edge_mcp: 'STOA Gateway', sidecar: 'STOA Link', connect: 'STOA Connect' } as const satisfies Record<GatewayMode, string>;

/** An instant so many seconds before the one that every sample is of. */
export function secondsAgo(seconds: number): string {
  return new Date(Date.parse(asOf) - seconds * 1000).toISOString();
}

/** A healthy instance; `overrides` changes what a test is about. */
export function sampleGateway(overrides: Partial<Gateway> & Pick<Gateway, 'instance_name' | 'gateway_mode'>): Gateway {
  return {
    gateway_id: randomUUID(),
    environment: 'production',
    version: '0.1.0',
    features: overrides.gateway_mode === 'connect' ? ['policies', 'discovery'] : ['mcp', 'policies', 'metering'],
    labels: {},
    endpoints: {},
    liveness: 'online',
    status: 'healthy',
    uptime_s: 4000,
    metrics: { requests_total: 1234 },
    lease_epoch: 1,
    heartbeat_interval_s: 30,
    registered_at: secondsAgo(4000),
    last_heartbeat_at: secondsAgo(12),
    config: { state: 'in_sync', desired_generation: 4, acked_generation: 4 },
    unknown_fields: [],
    ...overrides,
  };
}

/** The server's answer for these instances. `more` tells how many others each mode has. Checked against the contract. */
export function sampleFleet(gateways: readonly Gateway[], more: Partial<Record<GatewayMode, number>> = {}): GatewayModes {
  const modes = (Object.keys(products) as GatewayMode[]).map((mode) =>
    summarize(
      mode,
      gateways.filter(({ gateway_mode }) => gateway_mode === mode),
      more[mode] ?? 0,
    ),
  );
  const fleet = { as_of: asOf, event_id: '7', brakes: [], modes };
  if (!validateGatewayModes(fleet)) throw new Error(`The sample breaks the contract: ${JSON.stringify(validateGatewayModes.errors)}`);
  return fleet;
}

function summarize(mode: GatewayMode, instances: Gateway[], more: number): GatewayModeSummary {
  const counts: Record<Liveness, number> = { online: more, late: 0, offline: 0, left: 0, revoked: 0, conflict: 0 };
  for (const { liveness } of instances) counts[liveness] += 1;
  const names = [...new Set(instances.map(({ environment }) => environment))];
  const environments = names.map((environment) => {
    const there: Record<Liveness, number> = { online: 0, late: 0, offline: 0, left: 0, revoked: 0, conflict: 0 };
    for (const { liveness } of instances.filter((gateway) => gateway.environment === environment)) there[liveness] += 1;
    return { environment, counts: there };
  });
  return { gateway_mode: mode, product: products[mode], total: instances.length + more, counts, instances, more, environments };
}

/** One instance online in each mode, as after `make up`. */
export function threeOnline(): Gateway[] {
  const kong = { type: 'kong', version: '3.9.3', url: 'http://127.0.0.1:8001' };
  return [
    sampleGateway({ instance_name: 'gateway-1', gateway_mode: 'edge_mcp' }),
    sampleGateway({ instance_name: 'link-1', gateway_mode: 'sidecar', target_gateway: { type: 'nginx', version: '1.27.3' } }),
    sampleGateway({ instance_name: 'kong-prod-01', gateway_mode: 'connect', target_gateway: kong }),
  ];
}

/** Every state of liveness, own status and configuration, and everything an instance can be noticed for. */
export function everyState(): Gateway[] {
  const kong = { type: 'kong', version: '3.9.3', url: 'http://kong-admin.payments.internal.example:8001' };
  return [
    ...threeOnline(),
    sampleGateway({
      instance_name: 'gateway-2',
      gateway_mode: 'edge_mcp',
      liveness: 'late',
      status: 'degraded',
      last_heartbeat_at: secondsAgo(48),
      config: { state: 'pending', desired_generation: 4, acked_generation: 3 },
    }),
    sampleGateway({
      instance_name: 'gateway-staging-eu-west-1-blue',
      gateway_mode: 'edge_mcp',
      environment: 'staging',
      liveness: 'offline',
      last_heartbeat_at: secondsAgo(7400),
      config: { state: 'rejected', desired_generation: 5, acked_generation: 5 },
    }),
    sampleGateway({
      instance_name: 'link-2',
      gateway_mode: 'sidecar',
      liveness: 'conflict',
      lease_epoch: 9,
      unknown_fields: ['hostname', 'capabilities'],
    }),
    sampleGateway({
      instance_name: 'link-3',
      gateway_mode: 'sidecar',
      environment: 'staging',
      liveness: 'left',
      last_heartbeat_at: secondsAgo(90_000),
    }),
    sampleGateway({
      instance_name: 'kong-prod-02',
      gateway_mode: 'connect',
      liveness: 'revoked',
      last_heartbeat_at: secondsAgo(200_000),
      target_gateway: kong,
    }),
    sampleGateway({
      instance_name: 'kong-staging',
      gateway_mode: 'connect',
      environment: 'staging',
      status: 'unhealthy',
      target_health: {
        state: 'not_ready',
        reason: 'Kong cannot reach its database.',
        certificates: 'ending',
        certificate_ends_at: '2026-12-01T12:00:00.000Z',
        error_ratio: 0.0523,
      },
      target_gateway: kong,
      heartbeat_interval_s: 600,
      config: { state: 'in_sync_with_warnings', desired_generation: 2, acked_generation: 2 },
      observed: { apis: [], drift: [{ object: 'route orders-get-order', kind: 'changed', detail: 'methods: GET → GET, POST' }] },
    }),
    newcomer(),
  ];
}

/** Registered, and never heard of since. */
function newcomer(): Gateway {
  const {
    status: _status,
    uptime_s: _uptime,
    last_heartbeat_at: _heartbeat,
    ...rest
  } = sampleGateway({
    instance_name: 'kong-new',
    gateway_mode: 'connect',
    environment: 'staging',
    registered_at: secondsAgo(5),
    config: { state: 'none', desired_generation: 0, acked_generation: 0 },
  });
  return rest;
}
