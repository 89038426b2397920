import type { AnyUpstreamCredential } from '@stoa/generated/schemas.ts';
import type { UpstreamGuard } from '@stoa/lib/upstream-guard.ts';
import { ApiError } from '../errors.ts';
import { isGrant, isOfKind } from './credential-kinds.ts';
import type { Publication } from './publish.ts';

/** The servers of its own that one document may name. */
const maxHosts = 32;

/**
 * Refuses an API of which no gateway may connect to an upstream, by what its URLs say and by what their names resolve to from here. Gateways
 * judge again at each connection, with rules of their own: names may lead elsewhere by then.
 * @param member where the URL came from
 * @throws ApiError 422
 */
export async function requireAllowedUpstream(
  guard: UpstreamGuard,
  { serverUrls, credentials = [] }: Publication,
  member: 'upstream_url' | 'document',
): Promise<void> {
  const hosts = new Set(serverUrls.map((url) => new URL(url).hostname));
  const refuse = (message: string): never => {
    throw new ApiError(422, message, { code: 'upstream_refused', errors: [{ pointer: `/body/${member}`, message }] });
  };
  if (hosts.size > maxHosts)
    refuse(`The operations of the document are served by more than ${maxHosts} hosts. Give one upstream_url for all of them.`);
  for (const host of hosts) {
    const reason = await guard.resolvedRefusal(host);
    if (reason !== undefined) refuse(`${host} ${reason}. Give an upstream_url that is allowed, or ask who runs this Control Plane.`);
  }
  await requireAllowedEndpoints(guard, credentials);
}

/**
 * Refuses credentials whose tokens no gateway may ask for.
 * @param at where of the request they stand
 * @throws ApiError 422
 */
export async function requireAllowedEndpoints(
  guard: UpstreamGuard,
  credentials: readonly AnyUpstreamCredential[],
  at = '/body/upstream_auth',
): Promise<void> {
  for (const [index, credential] of credentials.entries()) {
    if (!isOfKind(credential) || !isGrant(credential)) continue;
    const { hostname } = new URL(credential.token_endpoint);
    const reason = await guard.resolvedRefusal(hostname);
    if (reason === undefined) continue;
    const message = `${hostname} ${reason}. Gateways may not ask it for tokens.`;
    throw new ApiError(422, message, { code: 'upstream_refused', errors: [{ pointer: `${at}/${index}/token_endpoint`, message }] });
  }
}
