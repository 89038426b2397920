import type { UpstreamGuard } from '@stoa/lib/upstream-guard.ts';
import { ApiError } from '../errors.ts';
import type { Publication } from './publish.ts';

/**
 * Refuses an API whose upstream no gateway may connect to, by what its URL says and by what its name resolves to from here. Gateways judge again
 * at each connection, with rules of their own: names may lead elsewhere by then.
 * @param member where the URL came from
 * @throws ApiError 422
 */
export async function requireAllowedUpstream(guard: UpstreamGuard, { compiled }: Publication, member: 'upstream_url' | 'document'): Promise<void> {
  const { hostname } = new URL(compiled.upstreamUrl);
  const reason = await guard.resolvedRefusal(hostname);
  if (reason === undefined) return;
  const message = `${hostname} ${reason}. Give an upstream_url that is allowed, or ask who runs this Control Plane.`;
  throw new ApiError(422, message, { code: 'upstream_refused', errors: [{ pointer: `/body/${member}`, message }] });
}
