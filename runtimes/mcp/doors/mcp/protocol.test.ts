import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, configOf, headersFor, legacyRevisions, modern, operations, rpc, send, startDoor, startUpstream } from './testing/fixture.ts';
import { revisionNamed } from '../../revisions/revisions.ts';
import type { Revision } from '../../revisions/revision.ts';
import type { Rpc, TestDoor, Upstream } from './testing/fixture.ts';

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

const client = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'x', version: '1' } };
const post = (revision: string, message: Rpc | Rpc[], headers: Record<string, string> = {}) =>
  send(door.url, { headers: { ...headersFor(revision, Array.isArray(message) ? {} : message), ...headers }, body: JSON.stringify(message) });

describe.each([modern, ...legacyRevisions])('malformed params in %s', (revision) => {
  const cases: [method: string, params: unknown, fault: string][] = [
    ['tools/call', [], 'params must be an object'],
    ['tools/call', 'x', 'params must be an object'],
    ['tools/call', null, 'params must be an object'],
    ['tools/call', { name: 5 }, 'name must be a string'],
    ['tools/call', {}, 'name is required'],
    ['tools/call', { name: 'getOrder', arguments: [] }, 'arguments must be an object'],
    ['tools/call', { name: 'getOrder', arguments: null }, 'arguments must be an object'],
    ['tools/call', { name: 'getOrder', _meta: 5 }, '_meta must be an object'],
    ['tools/call', { name: 'getOrder', _meta: { progressToken: {} } }, '_meta.progressToken must be a string or an integer'],
    ['tools/list', { cursor: 5 }, 'cursor must be a string'],
    ['prompts/list', { cursor: {} }, 'cursor must be a string'],
    ['initialize', { ...client, protocolVersion: 5 }, 'protocolVersion must be a string'],
    ['initialize', { ...client, clientInfo: { name: 'x' } }, 'clientInfo.version is required'],
    ['subscriptions/listen', {}, 'notifications is required'],
  ];
  const { withoutMethods } = revisionNamed(revision) as Revision;
  it.each(cases.filter(([method]) => !withoutMethods.has(method)))('%s with %j is told so in a sentence of ours', async (method, params, fault) => {
    const isOpen = typeof params === 'object' && params !== null && !Array.isArray(params) && typeof (params as Rpc)['params'] === 'undefined';
    const hasMeta = isOpen && '_meta' in params && typeof params._meta !== 'object';
    const message = isOpen && !hasMeta ? rpc(revision, method, params as Record<string, unknown>) : { jsonrpc: '2.0', id: 7, method, params };
    const reply = await post(revision, message);
    expect(reply).toMatchObject({ status: 200, message: { id: 7, error: { code: -32602, message: `Invalid params: ${fault}.` } } });
  });
});

it('no dump of a validator reaches a client, however deep the fault lies', async () => {
  const params = { ...client, capabilities: { roots: { listChanged: 'yes' } } };
  const { text, message } = await post('2025-11-25', { jsonrpc: '2.0', id: 7, method: 'initialize', params });
  expect(message).toMatchObject({ error: { code: -32602 } });
  expect(text).not.toMatch(/invalid_type|expected|\\n/);
});

it('a batch is answered whole when one of its requests is malformed', async () => {
  const good = rpc('2025-03-26', 'tools/call', { name: 'getOrder', arguments: { id: 'o1' } }, 1);
  const bad = rpc('2025-03-26', 'tools/call', { name: 5 }, 2);
  const notification = { jsonrpc: '2.0', method: 'notifications/initialized' };
  for (const [batch, ids] of [
    [
      [good, bad],
      [1, 2],
    ],
    [[bad], [2]],
    [[bad, notification], [2]],
  ] as [Rpc[], number[]][]) {
    const reply = await post('2025-03-26', batch);
    expect(reply.status).toBe(200);
    expect((reply.message as Rpc[]).map(({ id }) => id)).toEqual(ids);
  }
});

describe.each([modern, ...legacyRevisions])('lists of what there is not, in %s', (revision) => {
  it.each([
    ['resources/list', 'resources'],
    ['resources/templates/list', 'resourceTemplates'],
    ['prompts/list', 'prompts'],
  ])('%s is empty', async (method, member) => {
    const reply = await ask(door.url, revision, method);
    expect(reply).toMatchObject({ status: 200, message: { result: { [member]: [] } } });
    expect(reply.message).toMatchObject({
      result: revision === modern ? { resultType: 'complete', ttlMs: expect.any(Number) as unknown, cacheScope: 'private' } : {},
    });
  });
});

describe('a method that the revision has not', () => {
  it.each(['initialize', 'ping', 'logging/setLevel', 'resources/subscribe', 'no/such'])('is 404 in 2026-07-28: %s', async (method) => {
    expect(await ask(door.url, modern, method)).toMatchObject({ status: 404, message: { error: { code: -32601 } } });
  });

  it('is an error in an answer of 200 before', async () => {
    expect(await ask(door.url, '2025-11-25', 'server/discover')).toMatchObject({ status: 200, message: { error: { code: -32601 } } });
  });
});

describe('a revision that nobody speaks is refused by the names of those that are', () => {
  const supported = [modern, ...legacyRevisions];
  const refusal = { status: 400, message: { id: 7, error: { code: -32022, data: { supported: expect.arrayContaining(supported) as unknown } } } };
  const listAll = new RegExp(supported.join('.*'));

  it.each(supported)('in the header, with a message of %s', async (revision) => {
    const reply = await post(revision, rpc(revision, 'tools/call', { name: 'getOrder', arguments: { id: 'o1' } }), {
      'mcp-protocol-version': '2031-01-01',
    });
    expect(reply).toMatchObject(refusal);
    expect(reply.text).toMatch(listAll);
  });

  it('in the envelope', async () => {
    const message = rpc(modern, 'server/discover', { _meta: { 'io.modelcontextprotocol/protocolVersion': '2031-01-01' } });
    const reply = await post(modern, message, { 'mcp-protocol-version': '2031-01-01' });
    expect(reply).toMatchObject({ ...refusal, message: { error: { data: { requested: '2031-01-01' } } } });
  });

  it('which are those that it discovers', async () => {
    const { message } = await ask(door.url, modern, 'server/discover');
    expect((message as { result: { supportedVersions: string[] } }).result.supportedVersions).toEqual(expect.arrayContaining(supported));
  });

  it('but not where header and envelope differ: that is what is wrong then', async () => {
    const message = rpc(modern, 'server/discover', { _meta: { 'io.modelcontextprotocol/protocolVersion': '2031-01-01' } });
    expect(await post(modern, message)).toMatchObject({ status: 400, message: { error: { code: -32020 } } });
  });

  it('on the stream of a GET', async () => {
    const headers = { ...headersFor('2025-11-25', {}), 'mcp-protocol-version': '2031-01-01' };
    expect(await send(door.url, { method: 'GET', headers })).toMatchObject({ status: 400, message: { error: { code: -32022 } } });
  });

  it('but a handshake is answered with one of ours, as the older revisions want it', async () => {
    const message = { jsonrpc: '2.0', id: 7, method: 'initialize', params: { ...client, protocolVersion: '2031-01-01' } };
    const headers = Object.fromEntries(Object.entries(headersFor('2025-11-25', message)).filter(([name]) => name !== 'mcp-protocol-version'));
    expect(await send(door.url, { headers, body: JSON.stringify(message) })).toMatchObject({
      status: 200,
      message: { result: { protocolVersion: '2025-11-25' } },
    });
  });
});
