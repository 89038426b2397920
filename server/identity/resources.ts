import { errors } from 'oidc-provider';
import type Provider from 'oidc-provider';
import type { Client, ResourceServer } from 'oidc-provider';
import type { Pool } from 'pg';
import { isOwnClient } from './clients.ts';
import { findServiceAccount, isServiceAccountId } from './service-accounts.ts';
import { apiResourceOf, apiScope } from './paths.ts';

/** The scope by which a client calls tools for a person. */
export const toolScope = 'mcp:tools';
/** What each scope lets a client do, as the person reads it who is asked for it. */
export const rights: Readonly<Record<string, string>> = {
  [apiScope]: 'do in the Control Plane what you may do',
  [toolScope]: 'call the tools that you may call',
  openid: 'know who you are',
  offline_access: 'go on when you are away',
};

/** Where a client of ours, or a service account, acts when it does not say: at the API of the Control Plane. */
export const apiOf = ({ clientId }: Client, publicUrl: string): string | undefined =>
  isOwnClient(clientId) || isServiceAccountId(clientId) ? apiResourceOf(publicUrl) : undefined;

/**
 * What tokens for a resource are like. The API of the Control Plane is for clients of ours and for service accounts, and its tokens are looked up at each use, so that one that was revoked is dead at once; MCP addresses
 * of gateways are for everyone, for service accounts those of their tenant, and their tokens are JWTs, which a gateway judges by itself.
 * @throws errors.InvalidTarget for anything else
 */
export async function resourceServer(
  { pool, publicUrl }: { pool: Pool; publicUrl: string },
  resource: string,
  client: Client,
): Promise<ResourceServer> {
  if (resource === apiOf(client, publicUrl)) return ofApi(resource);
  const account = isServiceAccountId(client.clientId) ? await findServiceAccount(pool, client.clientId) : undefined;
  // As of a personal access token: no scope of a gateway says what of it such an account keeps there.
  if (account?.isNarrowed === true) throw new errors.InvalidTarget('the service account is narrowed by scopes, and calls no tools');
  if (!(await isMcpAddress(pool, resource, account?.tenantId)))
    throw new errors.InvalidTarget('no gateway serves MCP at this resource, or the client may not use it');
  return ofGateway(resource);
}

const ofApi = (resource: string): ResourceServer => ({ scope: apiScope, audience: resource, accessTokenFormat: 'opaque' });
const ofGateway = (resource: string): ResourceServer => ({
  scope: toolScope,
  audience: resource,
  accessTokenFormat: 'jwt',
  jwt: { sign: { alg: 'ES256' } },
});

/** What a token is made for by a grant of ours, which the library does not ask for its resource. */
export const apiTokens = (provider: Provider, resource: string) => new provider.ResourceServer(resource, ofApi(resource));
export const gatewayTokens = (provider: Provider, resource: string) => new provider.ResourceServer(resource, ofGateway(resource));

/** Whether a gateway, of this tenant or of any, says that it serves MCP there; with a slash or a query at the end or without, as people type it. */
export async function isMcpAddress(pool: Pool, resource: string, tenantId?: string): Promise<boolean> {
  const { rowCount } = await pool.query(
    `SELECT FROM gateway WHERE endpoints ? 'mcp' AND rtrim(endpoints->>'mcp', '/') = rtrim(split_part($1, '?', 1), '/') AND revoked_at IS NULL AND ($2::uuid IS NULL OR tenant_id = $2) LIMIT 1`,
    [resource, tenantId ?? null],
  );
  return rowCount === 1;
}
