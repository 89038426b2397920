import type { Prisma } from '@stoa/generated/prisma/client.ts';
import type { AnyUpstreamCredential, ApiKeyAuthConfig } from '@stoa/generated/schemas.ts';
import type { KeyMaterial } from '../access/master-key.ts';
import { ApiError } from '../errors.ts';
import { exchangeEndpoints } from '../issuers/trusted-issuer-rows.ts';
import { isOfKind } from './credential-kinds.ts';
import { openedCredentials } from './upstream-credentials.ts';

/**
 * Refuses what leaves one of these APIs with an upstream that wants a token in exchange for the caller's, and policies by which callers show keys and no tokens. Policies on
 * whole environments are not looked at: runtimes are, and reject the API.
 * @param pointer what of the request is to blame
 * @throws ApiError 422
 */
export async function requireTokensToExchange(
  tx: Prisma.TransactionClient,
  keys: KeyMaterial,
  { tenantId, apiIds }: { tenantId: string; apiIds: readonly string[] },
  pointer: string,
): Promise<void> {
  const where = { tenant_id: tenantId, id: { in: [...apiIds] }, upstream_auth: { not: null } };
  const apis = await tx.api.findMany({ where, select: { id: true, tenant_id: true, name: true, upstream_auth: true } });
  for (const api of apis) {
    const credentials = await openedCredentials(keys, api, api.upstream_auth);
    const exchanges = credentials.some((credential) => isOfKind(credential) && credential.kind === 'token_exchange');
    if (!exchanges || !(await showsKeysAlone(tx, api.id))) continue;
    const message = `The upstream of ${api.name} wants a token in exchange for the caller's, and its policies have callers show a consumer key alone: attach a jwt_auth, or let the api_key_auth take a token too (or_token).`;
    throw new ApiError(422, message, { code: 'nothing_to_exchange', errors: [{ pointer, message }] });
  }
}

/**
 * Refuses to have tokens of callers sent where no trusted issuer of the tenant lets them be sent: whoever defines APIs could name an endpoint of his own. Runtimes judge
 * again at each call, by the issuer of its token.
 * @param at where of the request the credentials stand
 * @throws ApiError 422
 */
export async function requireNamedEndpoints(
  tx: Prisma.TransactionClient,
  tenantId: string,
  credentials: readonly AnyUpstreamCredential[],
  at = '/body/upstream_auth',
): Promise<void> {
  const exchanges = credentials.flatMap((credential, index) =>
    isOfKind(credential) && credential.kind === 'token_exchange' ? [{ index, endpoint: credential.token_endpoint }] : [],
  );
  if (exchanges.length === 0) return;
  const named = await exchangeEndpoints(tx, tenantId);
  const errors = exchanges
    .filter(({ endpoint }) => !named.has(endpoint))
    .map(({ index, endpoint }) => ({
      pointer: `${at}/${index}/token_endpoint`,
      message: `No trusted issuer names ${endpoint} among its exchange_endpoints. Tokens of callers are sent nowhere else: add it, exactly, to the rules of the trusted issuer whose tokens are exchanged there (issuers.write).`,
    }));
  const [first] = errors;
  if (first !== undefined) throw new ApiError(422, first.message, { code: 'exchange_endpoint_not_named', errors });
}

/** In some environment, or everywhere. */
async function showsKeysAlone(tx: Prisma.TransactionClient, apiId: string): Promise<boolean> {
  const policies = await tx.policy.findMany({
    where: { kind: { in: ['api_key_auth', 'jwt_auth'] }, attachments: { some: { api_id: apiId } } },
    select: { kind: true, config: true, attachments: { where: { api_id: apiId }, select: { environment: true } } },
  });
  const places = new Set(policies.flatMap(({ attachments }) => attachments.map(({ environment }) => environment)));
  return [...places].some((place) => {
    const there = policies.filter(({ attachments }) => attachments.some(({ environment }) => environment === null || environment === place));
    const demandsKeys = there.some(({ kind, config }) => kind === 'api_key_auth' && (config as unknown as ApiKeyAuthConfig).or_token !== true);
    return demandsKeys && !there.some(({ kind }) => kind === 'jwt_auth');
  });
}
