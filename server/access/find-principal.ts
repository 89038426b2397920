import type { Pool } from 'pg';
import { apiScope } from '../identity/paths.ts';
import { openPayload, payloadName } from '../identity/payload-adapter.ts';
import { isGood } from './key-rows.ts';
import type { KeyMaterial } from './master-key.ts';
import { rightsOf } from '@stoa/generated/permissions.ts';
import { holderOf } from './principal.ts';
import { teamRightsOf } from './team-rights.ts';
import type { TeamRights } from './team-rights.ts';
import type { GatewayKeyPrincipal, OperatorPrincipal, Principal } from './principal.ts';

/** A principal, and for how many milliseconds from now its credential is good by the database's clock. `isOverdue` when the issuer has to be asked again first. */
export type FoundPrincipal<P extends Principal = Principal> = { principal: P; validForMs: number; isOverdue?: boolean };
/** Which external issuer is in force, and how long a session goes on without asking it again. */
export type IssuerInForce = { issuer: string; askAgainS: number };

/** For how many milliseconds from now, as SQL. */
const forMs = (until: string) => `EXTRACT(EPOCH FROM ${until} - now())::float8 * 1000`;
const validForMs = (until: string) => `${forMs(until)} AS valid_for_ms`;

/** The gateway key with this HMAC, unless it is expired or revoked. */
export async function findGatewayKey(pool: Pool, hmac: Buffer): Promise<FoundPrincipal<GatewayKeyPrincipal> | undefined> {
  const { rows } = await pool.query<{
    id: string;
    tenant_id: string;
    environments: string[];
    modes: string[];
    instance_name: string | null;
    team: string | null;
    team_only: boolean;
    is_unused: boolean;
    valid_for_ms: number | null;
  }>({
    name: 'find-gateway-key',
    text: `SELECT id, tenant_id, environments, modes, instance_name, team, team_only, first_used_at IS NULL AS is_unused, ${validForMs('expires_at')} FROM gateway_key WHERE hmac = $1 AND ${isGood}`,
    values: [hmac],
  });
  const [row] = rows;
  if (!row) return undefined;
  const { id: keyId, tenant_id: tenantId, environments, modes } = row;
  return {
    principal: {
      kind: 'gateway_key',
      tenantId,
      keyId,
      environments,
      modes,
      instanceName: row.instance_name ?? undefined,
      team: row.team ?? undefined,
      teamOnly: row.team_only,
      isUnused: row.is_unused,
    },
    validForMs: row.valid_for_ms ?? Infinity,
  };
}

/** What a person is in the teams of a tenant, as far as the scopes of his credential let it. */
export async function findTeams(
  pool: Pool,
  { tenantId, userId, scopes }: Pick<OperatorPrincipal, 'tenantId' | 'userId' | 'scopes'>,
): Promise<TeamRights[]> {
  if (userId === undefined) return [];
  const { rows } = await pool.query<{ team: string; roles: string[] }>({
    name: 'find-teams',
    text: 'SELECT team, roles FROM team_member WHERE tenant_id = $1 AND user_id = $2 ORDER BY team',
    values: [tenantId, userId],
  });
  return rows.map((row) => teamRightsOf(row, scopes));
}

/** A browser session of a person ends when nothing came by it for as long. */
const idle = "interval '2 hours'";
const idleForMs = forMs(`t.last_used_at + ${idle}`);

/** The operator token or browser session with this HMAC, unless it is expired, idle or revoked, or of a person whom another issuer vouched for. A person's session has the roles that he has now. */
export async function findOperator(
  pool: Pool,
  hmac: Buffer,
  external: IssuerInForce | undefined,
): Promise<FoundPrincipal<OperatorPrincipal> | undefined> {
  const { rows } = await pool.query<{
    id: string;
    tenant_id: string;
    name: string;
    roles: string[];
    scopes: string[];
    kind: string;
    issued_by: string | null;
    user_id: string | null;
    minted_by: string | null;
    minted_by_user: string | null;
    expires_at: Date | null;
    is_unused: boolean;
    valid_for_ms: number | null;
    is_overdue: boolean;
  }>({
    name: 'find-operator',
    text: `SELECT t.id, t.tenant_id, COALESCE(u.name, t.name) AS name, COALESCE(m.roles, t.roles) AS roles, t.scopes, t.kind, t.issued_by, t.user_id, t.expires_at, t.kind = 'token' AND t.first_used_at IS NULL AS is_unused,
        COALESCE(t.minted_by, i.minted_by) AS minted_by, COALESCE(t.minted_by_user, i.minted_by_user) AS minted_by_user,
        LEAST(${forMs('t.expires_at')}, CASE t.kind WHEN 'session' THEN ${idleForMs} END) AS valid_for_ms,
        COALESCE(t.issuer_asked_at <= now() - make_interval(secs => $3), false) AS is_overdue
      FROM operator_token t LEFT JOIN operator_token i ON i.id = t.issued_by LEFT JOIN app_user u ON u.id = t.user_id AND u.disabled_at IS NULL LEFT JOIN membership m ON m.user_id = u.id AND m.tenant_id = t.tenant_id AND m.disabled_at IS NULL
      WHERE t.hmac = $1 AND t.kind IN ('token', 'session') AND t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > now())
        AND (t.user_id IS NULL OR (m.user_id IS NOT NULL AND u.issuer IS NOT DISTINCT FROM $2)) AND (t.kind = 'token' OR t.last_used_at IS NULL OR t.last_used_at > now() - ${idle})`,
    values: [hmac, external?.issuer ?? null, external?.askAgainS ?? 0],
  });
  const [row] = rows;
  if (!row) return undefined;
  const { id: tokenId, tenant_id: tenantId, name, roles, scopes } = row;
  const via = row.kind === 'session' ? 'session' : 'bearer';
  return {
    principal: {
      kind: 'operator',
      tenantId,
      tokenId,
      issuerId: row.issued_by ?? tokenId,
      userId: row.user_id ?? undefined,
      mintedBy: { user: row.minted_by_user ?? undefined, token: row.minted_by ?? undefined },
      name,
      roles,
      scopes,
      rights: rightsOf(roles, scopes),
      via,
      expiresAt: row.expires_at ?? undefined,
      isPersonalToken: row.kind === 'token' && row.user_id !== null,
      isUnused: row.is_unused,
    },
    validForMs: row.valid_for_ms ?? Infinity,
    isOverdue: row.is_overdue,
  };
}

/** The person or the service account for whom the issuer made this access token. `resource` is what the token must be for. */
export const findTokenHolder = async (
  pool: Pool,
  keys: KeyMaterial,
  token: string,
  resource: string,
): Promise<FoundPrincipal<OperatorPrincipal> | undefined> =>
  (await findPersonOfToken(pool, keys, token, resource)) ?? findMachineOfToken(pool, keys, token, resource);

/** A token that is bound to a key of its client is none for whoever merely sends it (RFC 9449 §7.1). */
const isForBearer = (payload: Readonly<Record<string, unknown>>, resource: string): boolean =>
  payload['aud'] === resource && payload['jkt'] === undefined && payload['x5t#S256'] === undefined;

/** The service account for which the issuer made this access token, with what it may do now, unless either is expired. */
async function findMachineOfToken(
  pool: Pool,
  keys: KeyMaterial,
  token: string,
  resource: string,
): Promise<FoundPrincipal<OperatorPrincipal> | undefined> {
  const id = payloadName(keys, token);
  const { rows } = await pool.query<MachineRow>({
    name: 'find-machine-of-token',
    text: `SELECT a.payload, t.id, t.tenant_id, t.name, t.roles, t.scopes, t.minted_by, t.minted_by_user, LEAST(a.expires_at, t.expires_at) AS expires_at,
        t.first_used_at IS NULL AS is_unused, ${validForMs('LEAST(a.expires_at, t.expires_at)')}
      FROM oidc_payload a JOIN operator_token t ON t.id = a.token_id
      WHERE a.model = 'ClientCredentials' AND a.id = $1 AND a.expires_at > now() AND t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > now())`,
    values: [id],
  });
  const [row] = rows;
  if (!row || !isForBearer(await openPayload(keys, 'ClientCredentials', id, row.payload), resource)) return undefined;
  const { id: tokenId, tenant_id: tenantId, name, roles, scopes } = row;
  return {
    principal: {
      kind: 'operator',
      tenantId,
      tokenId,
      issuerId: tokenId,
      userId: undefined,
      mintedBy: { user: row.minted_by_user ?? undefined, token: row.minted_by ?? undefined },
      isMachine: true,
      name,
      roles,
      scopes,
      rights: rightsOf(roles, scopes),
      via: 'bearer',
      expiresAt: row.expires_at,
      isUnused: row.is_unused,
    },
    validForMs: row.valid_for_ms,
  };
}

type MachineRow = {
  payload: Uint8Array;
  id: string;
  tenant_id: string;
  name: string;
  roles: string[];
  scopes: string[];
  minted_by: string | null;
  minted_by_user: string | null;
  expires_at: Date;
  is_unused: boolean;
  valid_for_ms: number;
};

/** The person for whom the issuer made this access token, unless it is expired or its grant was revoked. */
async function findPersonOfToken(
  pool: Pool,
  keys: KeyMaterial,
  token: string,
  resource: string,
): Promise<FoundPrincipal<OperatorPrincipal> | undefined> {
  const id = payloadName(keys, token);
  const { rows } = await pool.query<{
    payload: Uint8Array;
    tenant_id: string;
    user_id: string;
    name: string;
    roles: string[];
    expires_at: Date;
    valid_for_ms: number;
  }>({
    name: 'find-token-holder',
    text: `SELECT a.payload, a.tenant_id, a.user_id, u.name, m.roles, a.expires_at, ${validForMs('a.expires_at')}
      FROM oidc_payload a JOIN app_user u ON u.id = a.user_id AND u.disabled_at IS NULL JOIN membership m ON m.user_id = u.id AND m.tenant_id = a.tenant_id AND m.disabled_at IS NULL
      WHERE a.model = 'AccessToken' AND a.id = $1 AND a.expires_at > now()
        AND EXISTS (SELECT FROM oidc_payload g WHERE g.model = 'Grant' AND g.id = a.grant_id AND g.expires_at > now())`,
    values: [id],
  });
  const [row] = rows;
  if (!row) return undefined;
  const payload = await openPayload(keys, 'AccessToken', id, row.payload);
  if (!isForBearer(payload, resource) || !String(payload.scope).split(' ').includes(apiScope)) return undefined;
  const { tenant_id: tenantId, user_id: userId, name, roles } = row;
  return {
    principal: holderOf(id, { tenantId, userId, name, roles, expiresAt: row.expires_at }),
    validForMs: row.valid_for_ms,
  };
}
