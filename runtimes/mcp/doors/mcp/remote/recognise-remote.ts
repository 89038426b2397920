import type { IncomingHttpHeaders } from 'node:http';
import { revisionSaidIn } from '../../../revisions/revisions.ts';
import type { Exchange } from '../exchange.ts';
import { isObject, isRequestId } from '../json-rpc.ts';
import type { RequestId } from '../json-rpc.ts';
import { wellFormedEra } from '../recognise.ts';
import { meantBy } from '../search/search-tools.ts';
import type { Era } from '../recognise.ts';
import { isListMethod } from './lists.ts';

/** A request that is answered by MCP servers, or out of what they offer. */
export type RemoteRequest = {
  readonly method: string;
  readonly id: RequestId;
  readonly era: Era;
  readonly params: Readonly<Record<string, unknown>>;
};

type Recognising = Pick<Exchange, 'snapshot' | 'caller' | 'holdsExact'>;

/** The parameters of a call of an MCP server's tool, also where it comes through `call_tool`; undefined for any other call. */
export function remoteCallIn(exchange: Recognising, params: RemoteRequest['params']): RemoteRequest['params'] | undefined {
  if (exchange.snapshot.mcpServers.size === 0) return undefined;
  const meant = meantBy(exchange, params);
  return exchange.snapshot.tools.get(String(meant?.['name']))?.remote === undefined ? undefined : meant;
}

/** Where a request says what it is about, for the header that 2026-07-28 has beside the body. */
const namedBy: Readonly<Record<string, string | undefined>> = {
  'tools/call': 'name',
  'resources/read': 'uri',
  'prompts/get': 'name',
  'completion/complete': undefined,
  'logging/setLevel': undefined,
  'resources/subscribe': undefined,
  'resources/unsubscribe': undefined,
};

/** Recognises what concerns MCP servers; undefined for all else, and for what is not well-formed in its era, which the SDK refuses. */
export function recogniseRemote(exchange: Recognising, headers: IncomingHttpHeaders, message: unknown): RemoteRequest | undefined {
  const { mcpServers } = exchange.snapshot;
  if (mcpServers.size === 0 || !isObject(message) || message['jsonrpc'] !== '2.0') return undefined;
  const { id, method, params = {} } = message;
  if (typeof method !== 'string' || !isRequestId(id) || !isObject(params)) return undefined;
  if (!Object.hasOwn(namedBy, method) && !isListMethod(method)) return undefined;
  // What its revision has not is unknown to it, whoever else has it.
  if (revisionSaidIn(headers).withoutMethods.has(method)) return undefined;
  const meant = method === 'tools/call' ? remoteCallIn(exchange, params) : params;
  if (meant === undefined) return undefined;
  const meta = params['_meta'];
  if (meta !== undefined && !isObject(meta)) return undefined;
  const named = namedBy[method];
  const era = wellFormedEra({ headers, accept: headers.accept }, method, { params, meta, named, isPlain: false });
  return era === undefined ? undefined : { method, id, era, params: meant };
}
