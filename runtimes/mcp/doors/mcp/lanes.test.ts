import type { OutgoingHttpHeaders } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { configOf, headersFor, legacyRevisions, limitedApi, modern, operations, rpc, send, startDoor, startUpstream } from './testing/fixture.ts';
import type { Reply, Rpc, TestDoor, Upstream } from './testing/fixture.ts';

/** One request, well-formed or not; `headers` replaces what a well-behaved client sends, undefined takes a header away. */
type Case = { says: string; revisions?: readonly string[]; message: (revision: string) => unknown; headers?: OutgoingHttpHeaders };

const revisions = [modern, ...legacyRevisions];
const call =
  (params: Record<string, unknown>, id: unknown = 7) =>
  (revision: string): Rpc =>
    rpc(revision, 'tools/call', params, id);
const list =
  (params: Record<string, unknown> = {}, id: unknown = 7) =>
  (revision: string): Rpc =>
    rpc(revision, 'tools/list', params, id);
const good = call({ name: 'getOrder', arguments: { id: 'o1' } });
const withMeta = (meta: Record<string, unknown>) => call({ name: 'getOrder', arguments: { id: 'o1' }, _meta: meta });
const strip = (message: Rpc, key: string): Rpc => {
  const { params } = message as { params: { _meta: Record<string, unknown> } };
  return { ...message, params: { ...params, _meta: Object.fromEntries(Object.entries(params._meta).filter(([name]) => name !== key)) } };
};
const envelopeKey = (name: string): string => `io.modelcontextprotocol/${name}`;

const cases: Case[] = [
  { says: 'a call', message: good },
  { says: 'a call with a string id', message: call({ name: 'getOrder', arguments: { id: 'o1' } }, 'abc "quoted"') },
  { says: 'a call with a progress token', message: withMeta({ progressToken: 5 }) },
  { says: 'a call with a progress token that is an object', message: withMeta({ progressToken: {} }) },
  { says: 'a call with trace context', message: withMeta({ traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' }) },
  { says: 'a call with a foreign _meta key', message: withMeta({ 'example.com/key': { a: 1 } }) },
  { says: 'a call with a log level', message: withMeta({ [envelopeKey('logLevel')]: 'debug' }) },
  { says: 'a call with a wrong log level', message: withMeta({ [envelopeKey('logLevel')]: 'loud' }) },
  { says: 'a call of a tool that does not exist', message: call({ name: 'nothing', arguments: {} }) },
  { says: 'a call without arguments', message: call({ name: 'getOrder' }) },
  { says: 'a call with arguments of the wrong type', message: call({ name: 'getOrder', arguments: { id: 5 } }) },
  { says: 'a call with unknown arguments', message: call({ name: 'getOrder', arguments: { id: 'o1', more: true } }) },
  { says: 'a call with an array of arguments', message: call({ name: 'getOrder', arguments: ['o1'] }) },
  { says: 'a call with null arguments', message: call({ name: 'getOrder', arguments: null }) },
  { says: 'a call without a name', message: call({ arguments: { id: 'o1' } }) },
  { says: 'a call with a number for a name', message: call({ name: 5, arguments: {} }) },
  { says: 'a call with a parameter that MCP does not know', message: call({ name: 'getOrder', arguments: { id: 'o1' }, surprise: 1 }) },
  { says: 'a call that asks for a task', message: call({ name: 'getOrder', arguments: { id: 'o1' }, task: { ttl: 5 } }) },
  { says: 'a call with input responses', message: call({ name: 'getOrder', arguments: { id: 'o1' }, inputResponses: {} }) },
  { says: 'a call answered with text although JSON was promised', message: call({ name: 'textOrder', arguments: { id: 'o1' } }) },
  { says: 'a call that the upstream fails', message: call({ name: 'failOrder', arguments: { id: 'o1' } }) },
  { says: 'a call over a limit', message: call({ name: 'limited', arguments: { id: 'o1' } }) },
  { says: 'a call with an id of null', message: call({ name: 'getOrder', arguments: { id: 'o1' } }, null) },
  { says: 'a call with a fractional id', message: call({ name: 'getOrder', arguments: { id: 'o1' } }, 1.5) },
  { says: 'a call with an object for an id', message: call({ name: 'getOrder', arguments: { id: 'o1' } }, {}) },
  { says: 'a call with a member that JSON-RPC does not know', message: (revision) => ({ ...good(revision), extra: 1 }) },
  { says: 'a call of another JSON-RPC version', message: (revision) => ({ ...good(revision), jsonrpc: '1.0' }) },
  { says: 'a call with an array of params', message: (revision) => ({ ...good(revision), params: [] }) },
  {
    says: 'a call with a _meta that is a string',
    revisions: legacyRevisions,
    message: (revision) => rpc(revision, 'tools/call', { name: 'getOrder', _meta: 'x' }),
  },
  {
    says: 'a call without params',
    message: (revision) => ({ jsonrpc: '2.0', id: 7, method: 'tools/call', ...(revision === modern && { params: rpc(revision, 'x').params }) }),
  },
  { says: 'a list', message: list() },
  { says: 'a list with a cursor of ours', message: list({ cursor: Buffer.from('getOrder').toString('base64url') }) },
  { says: 'a list with a cursor that is none of ours', message: list({ cursor: 'nonsense!' }) },
  { says: 'a list with a cursor that is a number', message: list({ cursor: 5 }) },
  { says: 'a list with an unknown parameter', message: list({ filter: 'x' }) },
  { says: 'a list without params', revisions: legacyRevisions, message: () => ({ jsonrpc: '2.0', id: 7, method: 'tools/list' }) },
  { says: 'a ping', message: (revision) => rpc(revision, 'ping') },
  { says: 'a discovery', message: (revision) => rpc(revision, 'server/discover') },
  { says: 'a method that does not exist', message: (revision) => rpc(revision, 'tools/guess') },
  { says: 'a method of another part of MCP', message: (revision) => rpc(revision, 'prompts/get', { name: 'x' }) },
  { says: 'a list of prompts', message: (revision) => rpc(revision, 'prompts/list') },
  { says: 'a list of resources', message: (revision) => rpc(revision, 'resources/list') },
  { says: 'a list of templates with a cursor that is a number', message: (revision) => rpc(revision, 'resources/templates/list', { cursor: 5 }) },
  { says: 'a call whose params are a number', message: (revision) => ({ ...good(revision), params: 5 }) },
  { says: 'a call whose name holds half a surrogate pair', revisions: legacyRevisions, message: call({ name: '\ud800' }) },
  { says: 'a string', message: () => 'tools/call' },
  { says: 'null', message: () => null },
  { says: 'an empty object', message: () => ({}) },
  { says: 'an empty batch', message: () => [] },
  { says: 'a batch of two', message: (revision) => [good(revision), call({ name: 'nothing', arguments: {} }, 8)(revision)] },
  { says: 'a response that answers nothing', message: () => ({ jsonrpc: '2.0', id: 7, result: {} }) },
  { says: 'a notification', message: () => ({ jsonrpc: '2.0', method: 'notifications/initialized' }) },
  { says: 'an unsupported revision in the header', message: good, headers: { 'mcp-protocol-version': '2024-01-01' } },
  { says: 'a revision of the future in the header', message: good, headers: { 'mcp-protocol-version': '2027-01-01' } },
  { says: 'no revision in the header', message: good, headers: { 'mcp-protocol-version': undefined } },
  { says: 'the other era in the header', revisions: legacyRevisions, message: good, headers: { 'mcp-protocol-version': modern } },
  { says: 'the other era in the header', revisions: [modern], message: good, headers: { 'mcp-protocol-version': '2025-11-25' } },
  { says: 'no Accept', message: good, headers: { accept: undefined } },
  { says: 'an Accept of JSON alone', message: good, headers: { accept: 'application/json' } },
  { says: 'an Accept of anything', message: good, headers: { accept: '*/*' } },
  { says: 'a Content-Type with a charset', message: good, headers: { 'content-type': 'application/json; charset=utf-8' } },
  { says: 'no Mcp-Method', message: good, headers: { 'mcp-method': undefined } },
  { says: 'another Mcp-Method', message: good, headers: { 'mcp-method': 'tools/list' } },
  { says: 'no Mcp-Name', message: good, headers: { 'mcp-name': undefined } },
  { says: 'another Mcp-Name', message: good, headers: { 'mcp-name': 'textOrder' } },
  { says: 'an encoded Mcp-Name', message: good, headers: { 'mcp-name': `=?base64?${Buffer.from('getOrder').toString('base64')}?=` } },
  { says: 'an Mcp-Name on a list', message: list(), headers: { 'mcp-name': 'getOrder' } },
  { says: 'Mcp-Method twice', message: good, headers: { 'mcp-method': ['tools/call', 'tools/call'] } },
  { says: 'an envelope without a version', revisions: [modern], message: (revision) => strip(good(revision), envelopeKey('protocolVersion')) },
  { says: 'an envelope without capabilities', revisions: [modern], message: (revision) => strip(good(revision), envelopeKey('clientCapabilities')) },
  { says: 'an envelope without client info', revisions: [modern], message: (revision) => strip(good(revision), envelopeKey('clientInfo')) },
  { says: 'an envelope of an unknown revision', revisions: [modern], message: withMeta({ [envelopeKey('protocolVersion')]: '2027-01-01' }) },
  { says: 'an envelope whose version is a number', revisions: [modern], message: withMeta({ [envelopeKey('protocolVersion')]: 5 }) },
  { says: 'an envelope whose client info is null', revisions: [modern], message: withMeta({ [envelopeKey('clientInfo')]: null }) },
  {
    says: 'an envelope whose capabilities are ill-typed',
    revisions: [modern],
    message: withMeta({ [envelopeKey('clientCapabilities')]: { roots: { listChanged: 'yes' } } }),
  },
  {
    says: 'an envelope whose capabilities are rich',
    revisions: [modern],
    message: withMeta({ [envelopeKey('clientCapabilities')]: { roots: {}, elicitation: {}, sampling: { tools: {} } } }),
  },
  {
    says: 'capabilities in the envelope of an older revision',
    revisions: legacyRevisions,
    message: withMeta({ [envelopeKey('clientCapabilities')]: {} }),
  },
];

const table = cases.flatMap((item) => (item.revisions ?? revisions).map((revision) => ({ ...item, revision })));

describe('the hot lane and the SDK', () => {
  let upstream: Upstream;
  let hot: TestDoor;
  let sdk: TestDoor;
  beforeAll(async () => {
    upstream = await startUpstream();
    const config = configOf(Object.values(operations), upstream.url, limitedApi(upstream.url));
    hot = await startDoor({ config });
    sdk = await startDoor({ config, lane: 'sdk' });
    // The limit takes one call an hour: from here on both doors refuse.
    const message = rpc('2025-11-25', 'tools/call', { name: 'limited', arguments: { id: 'o1' } });
    for (const { url } of [hot, sdk]) await send(url, { headers: headersFor('2025-11-25', message), body: JSON.stringify(message) });
  });
  afterAll(async () => {
    await Promise.all([hot.close(), sdk.close()]);
    upstream.server.close();
  });

  it.each(table)('lesson 22: answer $says of $revision alike', async ({ message, headers, revision }) => {
    const body = message(revision);
    const sent = { ...headersFor(revision, body ?? {}), ...headers };
    const present = Object.fromEntries(Object.entries(sent).filter(([, value]) => value !== undefined));
    const options = { headers: present, body: JSON.stringify(body) };
    const [ours, theirs] = await Promise.all([send(hot.url, options), send(sdk.url, options)]);
    expect(meaning(ours)).toEqual(meaning(theirs));
  });
});

/** What a client acts on: the number of seconds to wait may differ by one between two doors. */
function meaning({ status, headers, message }: Reply): unknown {
  const text = JSON.stringify(message)?.replace(/in \d+ seconds/, 'in N seconds');
  return { status, waits: 'retry-after' in headers, message: text === undefined ? undefined : (JSON.parse(text) as unknown) };
}
