import { afterAll, beforeAll, expect, it } from 'vitest';
import { configOf, headersFor, keys, modern, operations, rpc, send, startDoor, startUpstream } from './testing/fixture.ts';
import type { TestDoor, Upstream } from './testing/fixture.ts';

let upstream: Upstream;
let door: TestDoor;
beforeAll(async () => {
  upstream = await startUpstream();
  door = await startDoor({ config: configOf(Object.values(operations), upstream.url) });
});
afterAll(async () => {
  await door.close();
  upstream.server.close();
});

const revision = '2025-11-25';
const list = rpc(revision, 'tools/list');
type Headers_ = Record<string, string>;
const plainHeaders = (of: string): Headers_ => headersFor(of, rpc(of, 'tools/list')) as Headers_;
const inSession = (session: string, more: Headers_ = {}): Headers_ => ({ ...plainHeaders(revision), 'mcp-session-id': session, ...more });

async function begin(): Promise<string> {
  const params = { protocolVersion: revision, capabilities: {}, clientInfo: { name: 'x', version: '1' } };
  const message = { jsonrpc: '2.0', id: 1, method: 'initialize', params };
  const { headers } = await send(door.url, { headers: headersFor(revision, message), body: JSON.stringify(message) });
  return String(headers['mcp-session-id']);
}
const call = (headers: Headers_, method = 'POST') => send(door.url, { method, headers, ...(method === 'POST' && { body: JSON.stringify(list) }) });

it('a session that its client ended is not found any more, and its stream ends', async () => {
  const session = await begin();
  const stream = await fetch(door.url, { headers: inSession(session, { accept: 'text/event-stream' }) });
  expect((await call(inSession(session))).status).toBe(200);
  expect((await call(inSession(session), 'DELETE')).status).toBe(204);
  expect(await stream.text()).toBe('');
  expect(await call(inSession(session))).toMatchObject({ status: 404, message: { error: { code: -32001 } } });
  expect((await call(inSession(session), 'DELETE')).status).toBe(404);
});

it('nobody ends the session of another', async () => {
  const session = await begin();
  expect((await call(inSession(session, { authorization: `Bearer ${keys.other}` }), 'DELETE')).status).toBe(405);
  expect((await call(inSession(session))).status).toBe(200);
});

it('a session that was begun elsewhere is served, and can only be ended there', async () => {
  expect((await call(inSession('of-another-replica'), 'DELETE')).status).toBe(405);
  expect((await call(inSession('of-another-replica'))).status).toBe(200);
});

it('an older client that names streams first is answered by a stream of one event', async () => {
  const { headers, text } = await call(inSession('any', { accept: 'text/event-stream, application/json' }));
  expect(headers['content-type']).toBe('text/event-stream');
  expect(text).toMatch(/^event: message\ndata: \{"result":\{"tools":\[.*\n\n$/);
  const json = await call(inSession('any'));
  expect(json.headers['content-type']).toBe('application/json');
  expect(text.slice('event: message\ndata: '.length, -2)).toBe(json.text);
});

it('2026-07-28 has no sessions to end', async () => {
  expect((await call(plainHeaders(modern), 'DELETE')).status).toBe(405);
});
