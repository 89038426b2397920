import type { Pool } from 'pg';
import { rightsOf } from '@stoa/generated/permissions.ts';
import type { GatewayKeyPrincipal, OperatorPrincipal, Principal } from './principal.ts';

/** A principal, and for how many milliseconds from now its credential is good by the database's clock. */
export type FoundPrincipal<P extends Principal = Principal> = { principal: P; validForMs: number };

const isGood = 'revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())';
const validForMs = 'EXTRACT(EPOCH FROM expires_at - now())::float8 * 1000 AS valid_for_ms';

/** The gateway key with this HMAC, unless it is expired or revoked. */
export async function findGatewayKey(pool: Pool, hmac: Buffer): Promise<FoundPrincipal<GatewayKeyPrincipal> | undefined> {
  const { rows } = await pool.query<{
    id: string;
    tenant_id: string;
    environments: string[];
    modes: string[];
    instance_name: string | null;
    valid_for_ms: number | null;
  }>({
    name: 'find-gateway-key',
    text: `SELECT id, tenant_id, environments, modes, instance_name, ${validForMs} FROM gateway_key WHERE hmac = $1 AND ${isGood}`,
    values: [hmac],
  });
  const [row] = rows;
  if (!row) return undefined;
  const { id: keyId, tenant_id: tenantId, environments, modes } = row;
  return {
    principal: { kind: 'gateway_key', tenantId, keyId, environments, modes, instanceName: row.instance_name ?? undefined },
    validForMs: row.valid_for_ms ?? Infinity,
  };
}

/** The operator token or browser session with this HMAC, unless it is expired or revoked. */
export async function findOperator(pool: Pool, hmac: Buffer): Promise<FoundPrincipal<OperatorPrincipal> | undefined> {
  const { rows } = await pool.query<{
    id: string;
    tenant_id: string;
    name: string;
    role: string;
    kind: string;
    issued_by: string | null;
    expires_at: Date | null;
    valid_for_ms: number | null;
  }>({
    name: 'find-operator',
    text: `SELECT id, tenant_id, name, role, kind, issued_by, expires_at, ${validForMs} FROM operator_token WHERE hmac = $1 AND kind IN ('token', 'session') AND ${isGood}`,
    values: [hmac],
  });
  const [row] = rows;
  if (!row) return undefined;
  const { id: tokenId, tenant_id: tenantId, name } = row;
  const roles = [row.role];
  const via = row.kind === 'session' ? 'session' : 'bearer';
  return {
    principal: {
      kind: 'operator',
      tenantId,
      tokenId,
      issuerId: row.issued_by ?? tokenId,
      name,
      roles,
      rights: rightsOf(roles),
      via,
      expiresAt: row.expires_at ?? undefined,
    },
    validForMs: row.valid_for_ms ?? Infinity,
  };
}
