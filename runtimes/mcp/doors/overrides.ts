import type { IncomingHttpHeaders } from 'node:http';
import { memoOf } from '@stoa/lib/memo.ts';
import { plainName } from '../snapshot/request/received-headers.ts';

/** By these an upstream, or a framework in it, may be told another method or path than the request line says, which is what we decide on. */
const overrideHeaders: ReadonlySet<string> = new Set([
  'x-http-method-override',
  'x-http-method',
  'x-method-override',
  'x-method',
  'x-override-method',
  '-method',
  '-http-method',
  'x-original-url',
  'x-rewrite-url',
  'x-override-url',
  'x-http-url-override',
  'x-http-path-override',
  'x-original-path',
  'x-rewrite-path',
]);
/** What the gateway copies from our answer, whatever its client sent. */
const answeredHeaders: ReadonlySet<string> = new Set(['x-stoa-consumer', 'x-stoa-api', 'x-stoa-operation']);
const overrideParameters: ReadonlySet<string> = new Set(['-method', '-http-method', 'x-http-method-override', 'x-method-override']);

/**
 * What a request carries that lets an upstream read it differently than we do, in the spelling that it has; undefined when there is nothing. A door that makes
 * the request itself leaves out what speaks in our name (`leavesOutOurs`); another gateway replaces what we answer with under our spelling alone.
 */
export function overrideIn(headers: IncomingHttpHeaders, pathAndQuery: string, { leavesOutOurs = false } = {}): string | undefined {
  for (const name in headers) {
    const kind = kindOf(name);
    if (kind === 'override' || (kind === 'ours' && !leavesOutOurs)) return name;
  }
  const queryAt = pathAndQuery.indexOf('?');
  return queryAt < 0 ? undefined : overrideParameter(pathAndQuery.slice(queryAt + 1));
}

const kindOf = memoOf((name): 'override' | 'ours' | undefined => {
  const plain = plainName(name);
  if (overrideHeaders.has(plain)) return 'override';
  // CGI and its kin read another spelling as the same.
  return plain.startsWith('x-stoa-') && !answeredHeaders.has(name) ? 'ours' : undefined;
});

/** Without one of these in a query, none of its names is one of ours. */
const mayHoldOverride = /method|%/i;

function overrideParameter(query: string): string | undefined {
  if (!mayHoldOverride.test(query)) return undefined;
  for (const name of new URLSearchParams(query.replaceAll(';', '&')).keys()) if (overrideParameters.has(plainName(name))) return name;
  return undefined;
}

/**
 * What asks for another protocol on the connection: a permission would be one for everything that goes through it afterwards. Some gateways take
 * `Upgrade` off their question and still pass it upstream, but leave what WebSocket and HTTP/2 send beside it.
 */
export function upgradeIn(headers: IncomingHttpHeaders): string | undefined {
  return Object.keys(headers).find((name) => name === 'upgrade' || name === 'http2-settings' || name.startsWith('sec-websocket-'));
}
