import type { RegisterRequest } from '@stoa/generated/schemas.ts';
import type { Pool } from 'pg';
import type { GatewayKeyPrincipal } from '../access/principal.ts';
import { leaseTtlS } from './interval-policy.ts';
import { notePresent } from './presence.ts';

export type Registration = {
  principal: GatewayKeyPrincipal;
  request: RegisterRequest /** The newest that the answer tells. */;
  signingKey: string;
  unknownFields: string[];
};
export type Registered = { id: string; lease_epoch: number };

/**
 * Makes instances known or finds them again, in one statement that touches no other instance's row. The same `boot_id` changes nothing;
 * a new one takes the lease over. A key that is not good for what stands there already gets nothing back, nor does a decommissioned instance, nor, by a key
 * that is good in a team alone, one whose team was deleted meanwhile.
 * Each name occurs once, and the keys are good for the same modes.
 */
export async function registerMany(pool: Pool, registrations: readonly Registration[], intervalS: number): Promise<(Registered | undefined)[]> {
  const asked = registrations.map(({ principal, request, signingKey, unknownFields }, n) => {
    const {
      environment,
      instance_name,
      gateway_mode,
      version,
      features,
      labels = {},
      endpoints = {},
      target_gateway,
      cannot_enforce = [],
      boot_id,
    } = request;
    return {
      n,
      tenant_id: principal.tenantId,
      environment,
      instance_name,
      gateway_mode,
      version,
      features,
      labels,
      endpoints,
      target_gateway,
      cannot_enforce,
      boot_id,
      unknown_fields: unknownFields,
      signing_key: signingKey,
      team: principal.team,
      team_only: principal.teamOnly,
    };
  });
  const { rows } = await pool.query<Registered & { n: number }>({
    name: 'register-gateways',
    text: registerGateways,
    values: [JSON.stringify(asked), registrations[0]?.principal.modes ?? [], intervalS, leaseTtlS(intervalS)],
  });
  const byNumber = new Map(rows.map(({ n, id, lease_epoch }) => [n, { id, lease_epoch }]));
  return registrations.map((_, n) => byNumber.get(n));
}

// A takeover is a new process on a lease that nobody gave up. The list is kept short: whether there were more than three in the last five
// minutes is all that is ever asked of it.
const isTakeover = 'excluded.boot_id IS NOT NULL AND excluded.boot_id IS DISTINCT FROM g.boot_id AND g.boot_id IS NOT NULL';
// What another process said of itself in its heartbeats says nothing of this one.
const forgetBeats = ['last_heartbeat_at', 'status', 'uptime_s', 'metrics', 'seq', 'config_generation', 'config_hash', 'config_state']
  .map((column) => `${column} = CASE WHEN r.is_another_process THEN NULL ELSE l.${column} END`)
  .join(', ');
// Sorted, so that two replicas lock the same rows in the same order. `known` are the rows as they were before.
const registerGateways = `
  WITH asked AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset($1::jsonb) AS a (n int, tenant_id uuid, environment text, instance_name text, gateway_mode text, version text, features text[],
      labels jsonb, endpoints jsonb, target_gateway jsonb, cannot_enforce jsonb, boot_id uuid, unknown_fields text[], signing_key text, team text, team_only boolean)),
  -- Before the first row is written: whoever deletes a team locks it first and its gateways afterwards. The join below the sort has them all locked.
  teams AS MATERIALIZED (
    SELECT t.tenant_id, t.name FROM team t WHERE (t.tenant_id, t.name) IN (SELECT a.tenant_id, a.team FROM asked a WHERE a.team IS NOT NULL)
    ORDER BY t.tenant_id, t.name FOR KEY SHARE),
  known AS MATERIALIZED (
    SELECT g.id, a.boot_id IS NOT NULL AND g.boot_id IS DISTINCT FROM a.boot_id AS is_another_process
    FROM asked a CROSS JOIN LATERAL (
      SELECT g.id, g.boot_id FROM gateway g WHERE (g.tenant_id, g.environment, g.instance_name) = (a.tenant_id, a.environment, a.instance_name) OFFSET 0) g),
  registered AS (
    INSERT INTO gateway AS g (tenant_id, environment, instance_name, gateway_mode, version, features, labels, endpoints, target_gateway, cannot_enforce, boot_id, unknown_fields, signing_key, team)
    SELECT a.tenant_id, a.environment, a.instance_name, a.gateway_mode, a.version, a.features, a.labels, a.endpoints, a.target_gateway, a.cannot_enforce, a.boot_id, a.unknown_fields, a.signing_key, t.name
    FROM asked a LEFT JOIN teams t ON (t.tenant_id, t.name) = (a.tenant_id, a.team) WHERE a.team_only IS NOT TRUE OR t.name IS NOT NULL
    ORDER BY a.tenant_id, a.environment, a.instance_name
    ON CONFLICT (tenant_id, environment, instance_name) DO UPDATE SET
      gateway_mode = excluded.gateway_mode, version = excluded.version, features = excluded.features, labels = excluded.labels, endpoints = excluded.endpoints,
      target_gateway = excluded.target_gateway, cannot_enforce = excluded.cannot_enforce, unknown_fields = excluded.unknown_fields, signing_key = excluded.signing_key, team = excluded.team, left_at = NULL,
      boot_id = COALESCE(excluded.boot_id, g.boot_id),
      lease_epoch = g.lease_epoch + CASE WHEN ${isTakeover} THEN 1 ELSE 0 END,
      takeovers = CASE WHEN ${isTakeover} AND g.left_at IS NULL
        THEN ARRAY(SELECT t FROM unnest(g.takeovers) t WHERE t > now() - interval '5 minutes' ORDER BY t DESC LIMIT 9) || now() ELSE g.takeovers END
    WHERE g.revoked_at IS NULL AND (cardinality($2::text[]) = 0 OR g.gateway_mode = ANY ($2::text[]))
      AND NOT EXISTS (SELECT FROM asked a WHERE a.team_only AND (a.tenant_id, a.environment, a.instance_name) = (g.tenant_id, g.environment, g.instance_name) AND a.team IS DISTINCT FROM g.team)
    RETURNING g.id, g.tenant_id, g.environment, g.instance_name, g.gateway_mode, g.takeovers, g.lease_epoch),
  renewed AS (
    UPDATE gateway_lease l SET heartbeat_interval_s = $3::int, lease_until = now() + make_interval(secs => $4::int), ${forgetBeats}
    FROM (SELECT r.id, k.is_another_process FROM registered r JOIN known k ON k.id = r.id) r WHERE l.gateway_id = r.id),
  leased AS (
    INSERT INTO gateway_lease AS l (gateway_id, tenant_id, heartbeat_interval_s, lease_until)
    SELECT r.id, r.tenant_id, $3::int, now() + make_interval(secs => $4::int) FROM registered r WHERE NOT EXISTS (SELECT FROM known k WHERE k.id = r.id)
    ON CONFLICT (gateway_id) DO UPDATE SET heartbeat_interval_s = excluded.heartbeat_interval_s, lease_until = excluded.lease_until),
  present AS (${notePresent})
  SELECT a.n, r.id, r.lease_epoch FROM registered r JOIN asked a USING (tenant_id, environment, instance_name)`;
