import type { IncomingHttpHeaders } from 'node:http';
import { PROTOCOL_VERSION_META_KEY } from '@modelcontextprotocol/server';
import { errorCode, idOf, isObject, isRequestId } from './json-rpc.ts';
import type { JsonRpcError, RequestId } from './json-rpc.ts';
import type { Revision } from '../../revisions/revision.ts';
import { revisionNamed, revisionNames as supported } from '../../revisions/revisions.ts';

const kinds = {
  'a string': (value: unknown) => typeof value === 'string',
  'an object': isObject,
  'a string or an integer': isRequestId,
};
type Rule = readonly [path: string, kind: keyof typeof kinds, presence?: 'required'];

const everywhere: readonly Rule[] = [
  ['_meta', 'an object'],
  ['_meta.progressToken', 'a string or an integer'],
];
const list: readonly Rule[] = [['cursor', 'a string']];
/** What is looked at in the parameters of each method that is served. */
const rules: ReadonlyMap<string, readonly Rule[]> = new Map([
  [
    'initialize',
    [
      ['protocolVersion', 'a string', 'required'],
      ['capabilities', 'an object', 'required'],
      ['clientInfo', 'an object', 'required'],
      ['clientInfo.name', 'a string', 'required'],
      ['clientInfo.version', 'a string', 'required'],
    ],
  ],
  [
    'tools/call',
    [
      ['name', 'a string', 'required'],
      ['arguments', 'an object'],
      ['task', 'an object'],
    ],
  ],
  ['tools/list', list],
  ['resources/list', list],
  ['resources/templates/list', list],
  ['prompts/list', list],
  ['resources/read', [['uri', 'a string', 'required']]],
  [
    'prompts/get',
    [
      ['name', 'a string', 'required'],
      ['arguments', 'an object'],
    ],
  ],
  ['completion/complete', [['ref', 'an object', 'required']]],
  ['subscriptions/listen', [['notifications', 'an object', 'required']]],
]);

export type RefusedRequest = { readonly error: JsonRpcError; readonly id: RequestId };

/** Why the parameters of a request are malformed, in words of ours: a validator's are made for who wrote its schema. Undefined for all others, and for a method that the revision has not. */
export function refuseParams(message: unknown, { withoutMethods }: Pick<Revision, 'withoutMethods'>): RefusedRequest | undefined {
  const id = idOf(message);
  if (id === null || !isObject(message) || message['jsonrpc'] !== '2.0') return undefined;
  const { method, params = {} } = message;
  if (typeof method !== 'string' || withoutMethods.has(method)) return undefined;
  const fault = isObject(params) ? paramsFault(method, params) : 'params must be an object';
  return fault === undefined ? undefined : { id, error: { code: errorCode.invalidParams, message: `Invalid params: ${fault}.` } };
}

function paramsFault(method: string, params: Record<string, unknown>): string | undefined {
  for (const [path, kind, presence] of [...everywhere, ...(rules.get(method) ?? [])]) {
    const value = path.split('.').reduce<unknown>((parent, name) => (isObject(parent) ? parent[name] : undefined), params);
    if (value === undefined && presence === 'required') return `${path} is required`;
    if (value !== undefined && !kinds[kind](value)) return `${path} must be ${kind}`;
  }
  return undefined;
}

/** Refuses a revision that nobody here speaks, and names those that are spoken (MCP 2026-07-28 "Versioning": UnsupportedProtocolVersionError). */
export function refuseRevision(headers: IncomingHttpHeaders, message: unknown): JsonRpcError | undefined {
  const params = isObject(message) ? message['params'] : undefined;
  const envelope = isObject(params) && isObject(params['_meta']) ? params['_meta'][PROTOCOL_VERSION_META_KEY] : undefined;
  const header = headers['mcp-protocol-version'];
  // Where the two differ, that is what is wrong, and the SDK says so.
  if (revisionNamed(header) !== undefined && header !== envelope) return undefined;
  const requested = [header, envelope].find((version) => typeof version === 'string' && !supported.includes(version));
  if (requested === undefined) return undefined;
  const name = String(requested).toWellFormed().slice(0, 100);
  return {
    code: errorCode.unsupportedRevision,
    message: `Unsupported protocol version: ${name}. Supported are ${supported.join(', ')}.`,
    data: { supported, requested: name },
  };
}
