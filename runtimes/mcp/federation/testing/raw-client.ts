import { membersOf } from '@stoa/lib/json-members.ts';
import { encodedHeader } from '../param-headers.ts';

/** What came for a request: each message as the text that it was. */
export type Heard = { readonly answer: ReadonlyMap<string, string>; readonly notifications: readonly string[] };

export type RawClient = {
  /** Sends a request and reads everything that comes of it. */
  ask(method: string, params?: Record<string, unknown>, signal?: AbortSignal): Promise<Heard>;
  notify(method: string, params: Record<string, unknown>): Promise<void>;
};

export type RawClientOptions = { readonly key?: string; readonly meta?: Record<string, unknown>; readonly capabilities?: object };

const own = 'io.modelcontextprotocol/';

/** A client that changes nothing of what it is told, so that what a server wrote can be compared with what arrived. */
export async function rawClient(
  url: string,
  era: 'legacy' | 'modern',
  { key, meta = {}, capabilities = {} }: RawClientOptions = {},
): Promise<RawClient> {
  const common: Record<string, string> = {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    ...(key !== undefined && { authorization: `Bearer ${key}` }),
  };
  const info = { name: 'raw', version: '1' };
  const envelope = { [`${own}protocolVersion`]: '2026-07-28', [`${own}clientInfo`]: info, [`${own}clientCapabilities`]: capabilities, ...meta };
  let ids = 0;
  const post = (body: object, headers: Record<string, string>, signal?: AbortSignal) =>
    fetch(url, { method: 'POST', headers: { ...common, ...headers }, body: JSON.stringify(body), ...(signal !== undefined && { signal }) });
  const ask: RawClient['ask'] = async (method, params = {}, signal) => {
    const id = (ids += 1);
    const name = params['name'] ?? params['uri'];
    const isModern = era === 'modern';
    const region = (params['arguments'] as { region?: unknown } | undefined)?.region;
    const headers = isModern
      ? {
          'mcp-protocol-version': '2026-07-28',
          'mcp-method': method,
          ...(typeof name === 'string' && { 'mcp-name': name }),
          // The one argument of our servers that is to be in a header.
          ...(typeof region === 'string' && { 'mcp-param-region': encodedHeader(region) }),
        }
      : {};
    const full = isModern ? { ...params, _meta: { ...envelope, ...(params['_meta'] as object | undefined) } } : params;
    const response = await post({ jsonrpc: '2.0', id, method, params: full }, headers, signal);
    const session = response.headers.get('mcp-session-id');
    if (!isModern && session !== null) common['mcp-session-id'] = session;
    let text = await response.text();
    const answerIn = (all: readonly { members: ReadonlyMap<string, string> | undefined }[]) =>
      all.find(({ members }) => members?.get('id') === String(id) && members.get('method') === undefined)?.members;
    // A client of 2025-11-25 comes back for what its stream did not say.
    for (let times = 0; answerIn(messagesOf(text)) === undefined && times < 20; times += 1) {
      const lastId = [...text.matchAll(/^id: (.+)$/gm)].at(-1)?.[1];
      if (lastId === undefined) break;
      text += await (await fetch(url, { headers: { ...common, 'last-event-id': lastId } })).text();
    }
    const all = messagesOf(text);
    const answer = answerIn(all);
    if (answer === undefined) throw new Error(`No answer to ${method}: HTTP ${response.status} ${text.slice(0, 500)}`);
    return { answer, notifications: all.filter(({ members }) => members?.has('method') === true).map(({ message }) => message) };
  };
  const notify: RawClient['notify'] = async (method, params) => void (await (await post({ jsonrpc: '2.0', method, params }, {})).text());
  if (era === 'legacy') {
    await ask('initialize', { protocolVersion: '2025-11-25', capabilities, clientInfo: info });
    common['mcp-protocol-version'] = '2025-11-25';
    await notify('notifications/initialized', {});
  }
  return { ask, notify };
}

function messagesOf(text: string) {
  const messages = text.startsWith('{') ? [text] : [...text.matchAll(/^data: (.+)$/gm)].map(([, data = '']) => data);
  return messages.map((message) => ({ message, members: membersOf(message) }));
}
