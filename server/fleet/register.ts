import type { Pool } from 'pg';
import type { RegisterRequest } from '@stoa/generated/schemas.ts';
import type { GatewayKeyPrincipal } from '../access/principal.ts';
import { leaseTtlS } from './interval-policy.ts';
import { notePresent } from './presence.ts';

export type Registered = { id: string; lease_epoch: number };

/**
 * Makes an instance known or finds it again, in one statement that touches no other instance's row. The same `boot_id` changes nothing;
 * a new one takes the lease over. A key that is not good for what stands there already gets no row back, nor does a decommissioned instance.
 */
export async function register(
  pool: Pool,
  principal: GatewayKeyPrincipal,
  request: RegisterRequest,
  unknownFields: string[],
  intervalS: number,
): Promise<Registered | undefined> {
  const { rows } = await pool.query<Registered>({
    name: 'register-gateway',
    text: registerGateway,
    values: [
      principal.tenantId,
      request.environment,
      request.instance_name,
      request.gateway_mode,
      request.version,
      request.features,
      JSON.stringify(request.labels ?? {}),
      JSON.stringify(request.endpoints ?? {}),
      request.target_gateway ? JSON.stringify(request.target_gateway) : null,
      request.boot_id ?? null,
      unknownFields,
      principal.modes,
      intervalS,
      leaseTtlS(intervalS),
    ],
  });
  return rows[0];
}

// A takeover is a new process on a lease that nobody gave up. The list is kept short: whether there were more than three in the last five
// minutes is all that is ever asked of it.
// What another process said of itself in its heartbeats says nothing of this one.
const isAnotherProcess = '(SELECT was.boot_id IS DISTINCT FROM $10::uuid FROM gateway was WHERE was.id = l.gateway_id AND $10::uuid IS NOT NULL)';
const forgetBeats = ['last_heartbeat_at', 'status', 'uptime_s', 'metrics', 'seq', 'config_generation', 'config_hash', 'config_state']
  .map((column) => `${column} = CASE WHEN ${isAnotherProcess} THEN NULL ELSE l.${column} END`)
  .join(', ');
const registerGateway = `
  WITH registered AS (
    INSERT INTO gateway AS g (tenant_id, environment, instance_name, gateway_mode, version, features, labels, endpoints, target_gateway, boot_id, unknown_fields)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
    ON CONFLICT (tenant_id, environment, instance_name) DO UPDATE SET
      gateway_mode = $4, version = $5, features = $6, labels = $7, endpoints = $8, target_gateway = $9, unknown_fields = $11, left_at = NULL,
      boot_id = COALESCE($10, g.boot_id),
      lease_epoch = g.lease_epoch + CASE WHEN $10::uuid IS NOT NULL AND $10::uuid IS DISTINCT FROM g.boot_id AND g.boot_id IS NOT NULL THEN 1 ELSE 0 END,
      takeovers = CASE WHEN $10::uuid IS NOT NULL AND $10::uuid IS DISTINCT FROM g.boot_id AND g.boot_id IS NOT NULL AND g.left_at IS NULL
        THEN ARRAY(SELECT t FROM unnest(g.takeovers) t WHERE t > now() - interval '5 minutes' ORDER BY t DESC LIMIT 9) || now() ELSE g.takeovers END
    WHERE g.revoked_at IS NULL AND (cardinality($12::text[]) = 0 OR g.gateway_mode = ANY ($12::text[]))
    RETURNING g.id, g.tenant_id, g.environment, g.instance_name, g.gateway_mode, g.takeovers, g.lease_epoch),
  leased AS (
    INSERT INTO gateway_lease AS l (gateway_id, heartbeat_interval_s, lease_until)
    SELECT id, $13::int, now() + make_interval(secs => $14::int) FROM registered
    ON CONFLICT (gateway_id) DO UPDATE SET heartbeat_interval_s = $13::int, lease_until = now() + make_interval(secs => $14::int),
      ${forgetBeats}
    RETURNING l.gateway_id),
  present AS (${notePresent})
  SELECT registered.id, registered.lease_epoch FROM registered JOIN leased ON leased.gateway_id = registered.id`;
