import { isUuid } from '@stoa/lib/uuid.ts';
import type { AdapterPayload, JWK } from 'oidc-provider';
import type { Pool } from 'pg';
import { serviceAccountKind } from '../access/service-account-rows.ts';
import type { KeyMaterial } from '../access/master-key.ts';
import { exchangeGrant } from './clients.ts';

export type ServiceAccountClient = {
  id: string;
  tenantId: string;
  name: string;
  exchangeResources: readonly string[];
  /** Whether scopes let it do less than its roles would. */
  isNarrowed: boolean;
  publicKeys: JWK[] | undefined;
};

/** Clients that registered themselves have ids of another kind. */
export const isServiceAccountId = isUuid;

const isGood = `kind = '${serviceAccountKind}' AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())
  AND NOT EXISTS (SELECT FROM tenant s WHERE s.id = operator_token.tenant_id AND s.suspended_at IS NOT NULL)`;

/** The service account with this id, unless it is expired or its tenant suspended. */
export async function findServiceAccount(pool: Pool, id: string): Promise<ServiceAccountClient | undefined> {
  if (!isServiceAccountId(id)) return undefined;
  type Row = { tenant_id: string; name: string; exchange_resources: string[]; scopes: string[]; public_keys: JWK[] | null };
  const { rows } = await pool.query<Row>(
    `SELECT tenant_id, name, exchange_resources, scopes, public_keys FROM operator_token WHERE id = $1 AND ${isGood}`,
    [id],
  );
  const [row] = rows;
  if (!row) return undefined;
  const { tenant_id: tenantId, name, exchange_resources: exchangeResources, scopes, public_keys: publicKeys } = row;
  return { id, tenantId, name, exchangeResources, isNarrowed: !scopes.includes('*'), publicKeys: publicKeys ?? undefined };
}

/** What the issuer knows of it as a client: its keys, or that it has a secret. That is compared elsewhere: it is not kept. */
export const clientMetadataOf = ({ id, name, publicKeys }: ServiceAccountClient): AdapterPayload => ({
  client_id: id,
  client_name: name,
  ...(publicKeys === undefined
    ? { client_secret: 'kept as an HMAC alone', token_endpoint_auth_method: 'client_secret_basic' }
    : { jwks: { keys: publicKeys }, token_endpoint_auth_method: 'private_key_jwt' }),
  grant_types: ['client_credentials', exchangeGrant],
  response_types: [],
  redirect_uris: [],
});

/** Whether it is the account's secret, or the one before while that is good. */
export async function isSecretOf(pool: Pool, keys: KeyMaterial, id: string, secret: string): Promise<boolean> {
  const { rowCount } = await pool.query(
    `SELECT FROM operator_token WHERE id = $1 AND ${isGood} AND (hmac = $2 OR (previous_hmac = $2 AND previous_until > now()))`,
    [id, keys.hmac(secret)],
  );
  return rowCount === 1;
}
