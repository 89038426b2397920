import { boundedFetch } from '@stoa/lib/bounded-fetch.ts';
import type { BoundedFetch } from '@stoa/lib/bounded-fetch.ts';
import { noProxies } from '@stoa/lib/proxies.ts';
import { createUpstreamGuard, RefusedAddressError } from '@stoa/lib/upstream-guard.ts';
import type { UpstreamOptions } from '../../upstream/upstream.ts';

/** A key set of 64 keys with their certificates is far less. */
const maxBytes = 512 * 1024;

/** Asks issuers, by the proxies and within the addresses that upstreams may have. */
export function issuerFetch({
  guard = createUpstreamGuard({ upstreamAllow: [], upstreamDeny: [] }),
  proxies = noProxies,
}: UpstreamOptions): BoundedFetch {
  const fetch = boundedFetch(proxies, { lookup: guard.lookup, maxBytes });
  return (target, request) => {
    // An address in place of a name is never looked up.
    const host = new URL(target).hostname.replace(/^\[|\]$/g, '');
    const refusal = guard.refusal(host);
    return refusal === undefined ? fetch(target, request) : Promise.reject(new RefusedAddressError(host, refusal));
  };
}
