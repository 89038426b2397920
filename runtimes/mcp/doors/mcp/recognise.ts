import type { IncomingHttpHeaders } from 'node:http';
import { CLIENT_CAPABILITIES_META_KEY, CLIENT_INFO_META_KEY, PROTOCOL_VERSION_META_KEY, classifyInboundRequest } from '@modelcontextprotocol/server';
import type { McpEra } from '../../model.ts';
import { revisionNamed } from '../../revisions/revisions.ts';
import { isObject, isRequestId } from './json-rpc.ts';
import type { RequestId } from './json-rpc.ts';

/** `modern`: every request stands alone. `legacy`: the revisions with an `initialize` handshake. */
export type Era = McpEra;

/** A request that the hot lane may answer without the SDK. */
export type HotRequest =
  | {
      readonly method: 'tools/call';
      readonly id: RequestId;
      readonly era: Era;
      readonly name: string;
      readonly args: Record<string, unknown>;
      readonly meta: Record<string, unknown> | undefined;
    }
  | { readonly method: 'tools/list'; readonly id: RequestId; readonly era: Era; readonly cursor: string | undefined };

const messageKeys = new Set(['jsonrpc', 'id', 'method', 'params']);
const callKeys = new Set(['name', 'arguments', '_meta']);
const listKeys = new Set(['cursor', '_meta']);
const envelopeKeys = new Set([PROTOCOL_VERSION_META_KEY, CLIENT_INFO_META_KEY, CLIENT_CAPABILITIES_META_KEY]);

/**
 * Recognises a `tools/call` or `tools/list` that is beyond doubt well-formed in its era. Answers undefined for everything
 * else, which then takes the SDK's path: so every refusal, rare feature and odd spelling has one author, and the hot lane
 * only has to be right about what it accepts. Anything accepted here must be accepted by the SDK with the same meaning;
 * `lanes.test.ts` holds the two together. `accept` is what the client accepts, where that is put otherwise than it was sent.
 */
export function recognise(headers: IncomingHttpHeaders, message: unknown, accept = headers.accept): HotRequest | undefined {
  if (!isObject(message) || message['jsonrpc'] !== '2.0' || !hasOnly(message, messageKeys)) return undefined;
  const { id, method, params = {} } = message;
  if (!isRequestId(id)) return undefined;
  if (!isObject(params)) return undefined;
  const meta = params['_meta'];
  if (meta !== undefined && !isObject(meta)) return undefined;
  const era = wellFormedEra({ headers, accept }, method, { params, meta, named: method === 'tools/call' ? 'name' : undefined, isPlain: true });
  if (era === undefined) return undefined;
  if (method === 'tools/call') return recogniseCall(id, era, params, meta);
  if (method === 'tools/list') return recogniseList(id, era, params);
  return undefined;
}

function recogniseCall(id: RequestId, era: Era, params: Record<string, unknown>, meta: Record<string, unknown> | undefined): HotRequest | undefined {
  const { name, arguments: args = {} } = params;
  if (typeof name !== 'string' || !isObject(args) || !hasOnly(params, callKeys)) return undefined;
  return { method: 'tools/call', id, era, name, args, meta };
}

function recogniseList(id: RequestId, era: Era, params: Record<string, unknown>): HotRequest | undefined {
  const { cursor } = params;
  if ((cursor !== undefined && typeof cursor !== 'string') || !hasOnly(params, listKeys)) return undefined;
  return { method: 'tools/list', id, era, cursor };
}

/** What of a request tells its era. */
export type EraSigns = {
  readonly params: Record<string, unknown>;
  readonly meta: Record<string, unknown> | undefined;
  /** The parameter that a header names too; `tools/list` has none (MCP 2026-07-28, "Standard request headers"). */
  readonly named: string | undefined;
  /** Whether nothing in `_meta` may change how the request is handled. */
  readonly isPlain: boolean;
};

/** In which era a request is well-formed; undefined where in none, or where that is for the SDK to say. */
export function wellFormedEra(
  { headers, accept = '' }: { headers: IncomingHttpHeaders; accept: string | undefined },
  method: unknown,
  { params, meta, named, isPlain }: EraSigns,
): Era | undefined {
  if (meta !== undefined && isPlain && !hasPlainMeta(meta)) return undefined;
  const said = headers['mcp-protocol-version'];
  const revision = revisionNamed(said);
  if (meta?.[PROTOCOL_VERSION_META_KEY] === undefined) {
    if (said !== undefined && revision?.era !== 'legacy') return undefined;
    // The revisions before 2026-07-28 ask every client to accept both forms of answer (Streamable HTTP, "Sending messages").
    const acceptsBoth = accept.includes('application/json') && accept.includes('text/event-stream');
    return acceptsBoth && !(meta !== undefined && [...envelopeKeys].some((key) => key in meta)) ? 'legacy' : undefined;
  }
  if (revision?.era !== 'modern' || meta[PROTOCOL_VERSION_META_KEY] !== revision.name) return undefined;
  if (headers['mcp-method'] !== method) return undefined;
  // In the hot lane an encoded name is left to the SDK to decode.
  if (named !== undefined && plainHeader(headers['mcp-name'], isPlain) !== params[named]) return undefined;
  return hasValidEnvelope(meta, revision.name) ? 'modern' : undefined;
}

function plainHeader(value: string | string[] | undefined, isPlain: boolean): unknown {
  const encoded = typeof value === 'string' && !isPlain ? /^=\?base64\?([A-Za-z0-9+/=]*)\?=$/.exec(value)?.[1] : undefined;
  return encoded === undefined ? value : Buffer.from(encoded, 'base64').toString('utf8');
}

/** Everything under MCP's own prefix but the envelope changes how a request is handled; a progress token has a type. */
function hasPlainMeta(meta: Record<string, unknown>): boolean {
  for (const key of Object.keys(meta)) {
    if (key.startsWith('io.modelcontextprotocol/') && !envelopeKeys.has(key)) return false;
  }
  const token = meta['progressToken'];
  return token === undefined || isRequestId(token);
}

const envelopeVerdicts = new Map<string, boolean>();
const maxEnvelopeVerdicts = 256;
const maxEnvelopeChars = 4096;

/**
 * Whether the SDK accepts the client's envelope. A client repeats the same one with every request, so that the SDK is asked
 * once and its verdict kept by the envelope's text.
 */
function hasValidEnvelope(meta: Record<string, unknown>, revision: string): boolean {
  const envelope = Object.fromEntries([...envelopeKeys].filter((name) => name in meta).map((name) => [name, meta[name]]));
  const key = JSON.stringify(envelope);
  if (key.length > maxEnvelopeChars) return false;
  const known = envelopeVerdicts.get(key);
  if (known !== undefined) return known;
  const outcome = classifyInboundRequest({
    httpMethod: 'POST',
    protocolVersionHeader: revision,
    body: { jsonrpc: '2.0', id: 0, method: 'tools/list', params: { _meta: envelope } },
  });
  if (envelopeVerdicts.size >= maxEnvelopeVerdicts) envelopeVerdicts.clear();
  envelopeVerdicts.set(key, outcome.kind === 'modern');
  return outcome.kind === 'modern';
}

function hasOnly(value: Record<string, unknown>, keys: ReadonlySet<string>): boolean {
  for (const key of Object.keys(value)) if (!keys.has(key)) return false;
  return true;
}
