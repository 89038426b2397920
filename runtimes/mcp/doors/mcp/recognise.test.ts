import { describe, expect, it } from 'vitest';
import { recognise } from './recognise.ts';
import { headersFor, legacyRevisions, modern, rpc } from './testing/fixture.ts';
import type { Rpc } from './testing/fixture.ts';

const call = (revision: string, params: object = {}): Rpc => rpc(revision, 'tools/call', { name: 'getOrder', arguments: { id: 'o1' }, ...params });
const recognised = (revision: string, message: Rpc, headers: object = {}): unknown =>
  recognise({ ...(headersFor(revision, message) as object), ...headers }, message);

describe.each([modern, ...legacyRevisions])('the hot lane of %s', (revision) => {
  const era = revision === modern ? 'modern' : 'legacy';

  it('takes what clients send: calls and lists, with and without progress tokens, trace context and cursors', () => {
    expect(recognised(revision, call(revision))).toMatchObject({ era, name: 'getOrder', args: { id: 'o1' } });
    expect(recognised(revision, call(revision, { _meta: { progressToken: 3, traceparent: 'x' } }))).toMatchObject({ era });
    expect(recognised(revision, call(revision, { arguments: undefined }))).toMatchObject({ era, args: {} });
    expect(recognised(revision, rpc(revision, 'tools/list', { cursor: 'x' }))).toMatchObject({ era, cursor: 'x' });
    expect(recognised(revision, call(revision), { accept: 'text/event-stream, application/json;q=0.9' })).toMatchObject({ era });
  });

  it('leaves everything else to the SDK', () => {
    const odd: Rpc[] = [
      rpc(revision, 'initialize'),
      rpc(revision, 'ping'),
      call(revision, { task: {} }),
      call(revision, { _meta: { 'io.modelcontextprotocol/logLevel': 'debug' } }),
      { ...call(revision), id: null },
      { ...call(revision), id: undefined },
    ];
    for (const message of odd) expect(recognised(revision, message)).toBeUndefined();
    expect(recognised(revision, call(revision), { 'mcp-protocol-version': '2031-01-01' })).toBeUndefined();
  });
});

it('a name that the header mirrors wrongly, or encoded, is left to the SDK', () => {
  for (const name of ['other', '=?base64?Z2V0T3JkZXI=?=', undefined]) {
    expect(recognised(modern, call(modern), { 'mcp-name': name })).toBeUndefined();
  }
});

it('a request that claims both eras is left to the SDK', () => {
  expect(recognised(modern, call(modern), { 'mcp-protocol-version': '2025-11-25' })).toBeUndefined();
  expect(recognised('2025-11-25', call('2025-11-25'), { 'mcp-protocol-version': modern })).toBeUndefined();
});
