import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';

/** The request that a gateway asks about, as the gateway received it. */
export type OriginalRequest = {
  readonly method: string;
  readonly pathAndQuery: string;
  /** Whether the gateway passes any status on to its client. nginx takes 401 and 403 for an answer, and everything else for a failure. */
  readonly anyStatus: boolean;
};

export type Reading = OriginalRequest | 'not_told' | 'contradictory';

const prefix = '/authz';

/** Whether a path belongs to this door: `/authz` itself or anything below it. */
export function isAuthzPath(path: string): boolean {
  return path === prefix || path.startsWith(`${prefix}/`);
}

/**
 * Reads which request is meant. Below `/authz/` it is the request itself, path behind the prefix (Envoy HTTP ext_authz with `path_prefix`,
 * agentgateway); on `/authz` it stands in `X-Original-Method` and `X-Original-URI` (nginx auth_request) or in `X-Forwarded-Method` and
 * `X-Forwarded-Uri` (Traefik forwardAuth). nginx and Traefik pass the client's own headers on beside theirs, so a request that carries
 * both pairs and means two things by them is contradictory: a client wrote one of them.
 */
export function readOriginalRequest(request: IncomingMessage): Reading {
  const target = request.url ?? '/';
  if (target.startsWith(`${prefix}/`)) return { method: request.method ?? 'GET', pathAndQuery: target.slice(prefix.length), anyStatus: true };
  const original = pairOf(request.headers, 'x-original-method', 'x-original-uri');
  const forwarded = pairOf(request.headers, 'x-forwarded-method', 'x-forwarded-uri');
  const told = original ?? forwarded;
  // A gateway that sets only one of nginx's pair must not be answered by a pair of Traefik's that its client wrote.
  const half = original === undefined && (request.headers['x-original-method'] ?? request.headers['x-original-uri']) !== undefined;
  if (told === undefined || half) return 'not_told';
  const agree =
    original === undefined || forwarded === undefined || (original.method === forwarded.method && original.pathAndQuery === forwarded.pathAndQuery);
  return agree ? told : 'contradictory';
}

function pairOf(headers: IncomingHttpHeaders, methodHeader: string, uriHeader: string): OriginalRequest | undefined {
  const method = headers[methodHeader];
  const pathAndQuery = headers[uriHeader];
  return typeof method === 'string' && typeof pathAndQuery === 'string' ? { method, pathAndQuery, anyStatus: false } : undefined;
}

/** The size of the original body in bytes, where the gateway was configured to tell it (`X-Original-Content-Length`). */
export function originalBodyBytes(headers: IncomingHttpHeaders): number | undefined {
  const text = headers['x-original-content-length'];
  return typeof text === 'string' && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
