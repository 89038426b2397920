import { membersOf } from '@stoa/lib/json-members.ts';

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
    const headers = isModern
      ? { 'mcp-protocol-version': '2026-07-28', 'mcp-method': method, ...(typeof name === 'string' && { 'mcp-name': name }) }
      : {};
    const full = isModern ? { ...params, _meta: { ...envelope, ...(params['_meta'] as object | undefined) } } : params;
    const response = await post({ jsonrpc: '2.0', id, method, params: full }, headers, signal);
    const session = response.headers.get('mcp-session-id');
    if (!isModern && session !== null) common['mcp-session-id'] = session;
    const text = await response.text();
    const messages = text.startsWith('{') ? [text] : [...text.matchAll(/^data: (.+)$/gm)].map(([, data = '']) => data);
    const all = messages.map((message) => ({ message, members: membersOf(message) }));
    const answer = all.find(({ members }) => members?.get('id') === String(id) && members.get('method') === undefined)?.members;
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
