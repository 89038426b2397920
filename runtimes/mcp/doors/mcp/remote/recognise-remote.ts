import type { IncomingHttpHeaders } from 'node:http';
import type { Snapshot } from '../../../model.ts';
import { isObject, isRequestId } from '../json-rpc.ts';
import type { RequestId } from '../json-rpc.ts';
import { eraOf } from '../recognise.ts';
import type { Era } from '../recognise.ts';
import { isListMethod } from './lists.ts';

/** A request that is answered by MCP servers, or out of what they offer. */
export type RemoteRequest = {
  readonly method: string;
  readonly id: RequestId;
  readonly era: Era;
  readonly params: Readonly<Record<string, unknown>>;
};

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
export function recogniseRemote({ mcpServers, tools }: Snapshot, headers: IncomingHttpHeaders, message: unknown): RemoteRequest | undefined {
  if (mcpServers.size === 0 || !isObject(message) || message['jsonrpc'] !== '2.0') return undefined;
  const { id, method, params = {} } = message;
  if (typeof method !== 'string' || !isRequestId(id) || !isObject(params)) return undefined;
  if (!Object.hasOwn(namedBy, method) && !isListMethod(method)) return undefined;
  if (method === 'tools/call' && tools.get(String(params['name']))?.remote === undefined) return undefined;
  const meta = params['_meta'];
  if (meta !== undefined && !isObject(meta)) return undefined;
  const named = namedBy[method];
  const era = eraOf({ headers, accept: headers.accept }, method, { params, meta, named, isPlain: false });
  return era === undefined ? undefined : { method, id, era, params };
}
