import type { IncomingHttpHeaders } from 'node:http';
import type { ObservedRequest } from '@stoa/lib/telemetry/model.ts';
import { ExactNumber } from '@stoa/lib/exact-json.ts';
import { sessionIdOf } from './exchange.ts';
import { isObject, isRequestId } from './json-rpc.ts';
import { revisionNamed } from '../../revisions/revisions.ts';

/** Methods that clients send to servers, as far as there are such (semantic conventions of MCP, `mcp.method.name`). What a caller makes up is told apart from nothing. */
const methods: ReadonlySet<string> = new Set([
  'initialize',
  'ping',
  'server/discover',
  'tools/list',
  'tools/call',
  'prompts/list',
  'prompts/get',
  'resources/list',
  'resources/read',
  'resources/subscribe',
  'resources/unsubscribe',
  'resources/templates/list',
  'completion/complete',
  'logging/setLevel',
  'subscriptions/listen',
  'notifications/initialized',
  'notifications/cancelled',
  'notifications/progress',
  'notifications/roots/list_changed',
]);

/** Says which message a request holds. One that holds several is a request of HTTP, which is told of as such. */
export function tellOf(observed: ObservedRequest | undefined, headers: IncomingHttpHeaders, message: unknown): void {
  if (observed === undefined) return;
  observed.isAt('/mcp');
  if (!isObject(message) || typeof message['method'] !== 'string') return;
  const { id, method, params } = message;
  const meta = isObject(params) ? params['_meta'] : undefined;
  const revision = headers['mcp-protocol-version'];
  observed.isMcp({
    method: methods.has(method) ? method : '_OTHER',
    id: isRequestId(id) ? (id instanceof ExactNumber ? id.text : String(id)) : undefined,
    revision: revisionNamed(revision)?.name,
    session: sessionIdOf(headers),
    meta: isObject(meta) ? meta : undefined,
  });
}
