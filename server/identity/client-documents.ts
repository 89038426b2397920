import type { LookupFunction } from 'node:net';
import type { Proxies } from '@stoa/lib/proxies.ts';
import { createUpstreamGuard, RefusedAddressError } from '@stoa/lib/upstream-guard.ts';
import { boundedFetch } from '@stoa/lib/bounded-fetch.ts';
import type { BoundedFetch } from '@stoa/lib/bounded-fetch.ts';

/** What is in no public network: RFC 1918, RFC 6598, RFC 4193, loopback, and blocks for tests and documentation. */
const inNoPublicNetwork = [
  ...['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', '127.0.0.0/8', '192.0.0.0/24', '192.0.2.0/24', '198.18.0.0/15'],
  ...['198.51.100.0/24', '203.0.113.0/24', '::1/128', 'fc00::/7', '2001:db8::/32'],
];
/** The draft wants less than 5 kB of them. */
const maxBytes = 64 * 1024;

/**
 * Fetches metadata documents of clients. Whoever begins to sign in names the address, so that it must not lead into a network behind the Control Plane: it is judged by the address that is connected to, at each
 * connection. `allow` opens parts of those networks.
 */
export function documentFetch(proxies: Proxies, allow: readonly string[]): BoundedFetch {
  const strict = createUpstreamGuard({ upstreamAllow: [], upstreamDeny: inNoPublicNetwork });
  const opened = allow.length === 0 ? undefined : createUpstreamGuard({ upstreamAllow: allow, upstreamDeny: [] });
  const lookup: LookupFunction = (host, options, done) => {
    strict.lookup(host, options, (error, ...found) => {
      if (opened !== undefined && error instanceof RefusedAddressError) opened.lookup(host, options, done);
      else done(error, ...found);
    });
  };
  const fetchBounded = boundedFetch(proxies, { lookup, maxBytes });
  return (target, request) => {
    const host = new URL(target).hostname.replace(/^\[|\]$/g, '');
    // An address in place of a name is never looked up.
    const refusal = strict.refusal(host) === undefined ? undefined : (opened ?? strict).refusal(host);
    return refusal === undefined ? fetchBounded(target, request) : Promise.reject(new RefusedAddressError(host, refusal));
  };
}
