import type { IncomingMessage, ServerResponse } from 'node:http';
import { errorCode, sendRpcError } from './json-rpc.ts';

/**
 * Keeps web pages out that the operator did not name, which a browser may have been led to under a name that resolves to this
 * machine (MCP "Streamable HTTP: security warning", DNS rebinding). A page that is allowed also gets the CORS headers without
 * which its browser would hide the answers. False when the request has been answered here.
 */
export function admitOrigin(request: IncomingMessage, response: ServerResponse, allowed: ReadonlySet<string>): boolean {
  const { origin } = request.headers;
  if (origin === undefined) return true;
  if (!allowed.has(origin)) {
    const message = 'Forbidden: this Origin is not allowed. The operator can add it to STOA_ALLOWED_ORIGINS.';
    sendRpcError(response, 403, { code: errorCode.server, message });
    return false;
  }
  response.setHeader('access-control-allow-origin', origin);
  response.setHeader('vary', 'Origin');
  response.setHeader('access-control-expose-headers', 'DPoP-Nonce, Mcp-Session-Id, Retry-After, WWW-Authenticate');
  if (request.method !== 'OPTIONS') return true;
  response.writeHead(204, {
    'access-control-allow-methods': 'DELETE, GET, POST',
    'access-control-allow-headers':
      'Authorization, Content-Type, DPoP, Mcp-Method, Mcp-Name, MCP-Protocol-Version, Mcp-Session-Id, traceparent, tracestate',
    'access-control-max-age': '600',
  });
  response.end();
  return false;
}
