import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';

/** The request that a gateway asks about, as the gateway received it. */
export type OriginalRequest = {
  readonly method: string;
  readonly pathAndQuery: string;
  /** Whether the gateway passes any status on to its client. nginx takes 401 and 403 for an answer, and everything else for a failure. */
  readonly anyStatus: boolean;
  /** Size of its body in bytes, where the gateway tells it. */
  readonly bodyBytes: number | undefined;
};

export type Reading = OriginalRequest | 'not_told' | 'contradictory';

export const authzPath = '/authz';

/** Whether a path belongs to this door: `/authz` itself or anything below it. */
export function isAuthzPath(path: string): boolean {
  return path === authzPath || path.startsWith(`${authzPath}/`);
}

/**
 * Whether a request outside of `/authz` is a gateway's question that lost its authzPath: a probe or an MCP stream that answered it with 200
 * would let the original request pass. Envoy always gives its questions a length, `Content-Length: 0` for a GET, which probes and MCP
 * clients have no reason to send; with a body comes a header of its own.
 */
export function isStrayQuestion({ method, headers }: Pick<IncomingMessage, 'method' | 'headers'>): boolean {
  const bodiless = method === 'GET' || method === 'HEAD';
  return (bodiless && headers['content-length'] !== undefined) || headers['x-envoy-auth-partial-body'] !== undefined;
}

/**
 * Reads which request is meant. Below `/authz/` it is the request itself, path behind the authzPath (Envoy HTTP ext_authz with `path_prefix`,
 * agentgateway); on `/authz` it stands in `X-Original-Method` and `X-Original-URI` (nginx auth_request) or in `X-Forwarded-Method` and
 * `X-Forwarded-Uri` (Traefik forwardAuth). nginx and Traefik pass the client's own headers on beside theirs, so a request that carries
 * both pairs and means two things by them is contradictory: a client wrote one of them.
 */
export function readOriginalRequest(request: Pick<IncomingMessage, 'method' | 'url' | 'headers'>): Reading {
  const target = request.url ?? '/';
  const bodyBytes = toldBodyBytes(request.headers);
  if (target.startsWith(`${authzPath}/`)) {
    return { method: request.method ?? 'GET', pathAndQuery: target.slice(authzPath.length), anyStatus: true, bodyBytes };
  }
  const original = pairOf(request.headers, 'x-original-method', 'x-original-uri');
  const forwarded = pairOf(request.headers, 'x-forwarded-method', 'x-forwarded-uri');
  // Only nginx sets the first pair, and it makes a failure of every other status.
  const told = original === undefined ? forwarded && { ...forwarded, anyStatus: true } : { ...original, anyStatus: false };
  // A gateway that sets only one of nginx's pair must not be answered by a pair of Traefik's that its client wrote.
  const half = original === undefined && (request.headers['x-original-method'] ?? request.headers['x-original-uri']) !== undefined;
  if (told === undefined || half) return 'not_told';
  const agree =
    original === undefined || forwarded === undefined || (original.method === forwarded.method && original.pathAndQuery === forwarded.pathAndQuery);
  return agree ? { ...told, bodyBytes } : 'contradictory';
}

function pairOf(headers: IncomingHttpHeaders, methodHeader: string, uriHeader: string): Pick<OriginalRequest, 'method' | 'pathAndQuery'> | undefined {
  const method = headers[methodHeader];
  const pathAndQuery = headers[uriHeader];
  return typeof method === 'string' && typeof pathAndQuery === 'string' ? { method, pathAndQuery } : undefined;
}

/**
 * Gateways tell the size of the original body in `X-Original-Content-Length`, where they were configured to, and some send the body along,
 * whole or its beginning. The largest counts: a client can write the first where its gateway does not, but can make nothing smaller.
 */
function toldBodyBytes(headers: IncomingHttpHeaders): number | undefined {
  const told = [headers['x-original-content-length'], headers['content-length']].flatMap((text) =>
    typeof text === 'string' && /^\d{1,15}$/.test(text) ? [Number(text)] : [],
  );
  return told.length === 0 ? undefined : Math.max(...told);
}
