import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { consumerItem } from '../testing/fixtures.ts';
import { mcpServerItem, serves, startGateway } from './testing/gateway.ts';
import type { TestGateway } from './testing/gateway.ts';
import { startLegacyServer } from './testing/legacy-server.ts';
import type { FixtureServer } from './testing/legacy-server.ts';

const [agent, other] = [consumerItem('agent'), consumerItem('other')];
const elicited = { action: 'accept', content: { name: 'Ada' } };
const ask = { method: 'elicitation/create', params: { message: 'Who?', requestedSchema: { type: 'object', properties: {} } } };

/** The events of a stream, as far as it is read. */
type Stream = { readonly id: string; readonly data: { id: number | string; method?: string; result?: { content: { text: string }[] } } };

describe('a stream of an answer to a client of an older revision', () => {
  let server: FixtureServer;
  let gateway: TestGateway;
  const common = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
  beforeAll(async () => {
    server = await startLegacyServer();
    gateway = await startGateway(mcpServerItem(server.url), agent.item, other.item);
    await gateway.until(() => serves(gateway, 'tickets_ask'));
  });
  afterAll(async () => {
    await gateway.stop();
    await server.stop();
  });

  const begin = async (): Promise<Record<string, string>> => {
    const headers = { ...common, authorization: `Bearer ${agent.key}` };
    const params = { protocolVersion: '2025-11-25', capabilities: { elicitation: {} }, clientInfo: { name: 'a', version: '1' } };
    const begun = await fetch(gateway.url, {
      method: 'POST',
      headers,
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params }),
    });
    return { ...headers, 'mcp-session-id': begun.headers.get('mcp-session-id') ?? '', 'mcp-protocol-version': '2025-11-25' };
  };
  const call = (headers: Record<string, string>, signal: AbortSignal): Promise<Response> =>
    fetch(gateway.url, {
      ...{ method: 'POST', headers, signal },
      body: JSON.stringify({ jsonrpc: '2.0', id: 2, method: 'tools/call', params: { name: 'tickets_ask', arguments: ask } }),
    });
  const answer = (headers: Record<string, string>, id: number | string): Promise<Response> =>
    fetch(gateway.url, { method: 'POST', headers, body: JSON.stringify({ jsonrpc: '2.0', id, result: elicited }) });
  const resume = (headers: Record<string, string>, lastId: string): Promise<Response> =>
    fetch(gateway.url, { headers: { ...headers, 'last-event-id': lastId } });
  const next = async (response: Response): Promise<Stream> => {
    const reader = response.body?.getReader();
    let text = '';
    while (!/^id: .*\nevent: message\ndata: .*\n\n/m.test(text)) {
      const { value, done } = (await reader?.read()) ?? { done: true };
      if (done) throw new Error(`The stream has ended with ${text}`);
      text += Buffer.from(value ?? []).toString();
    }
    reader?.releaseLock();
    const [, id = '', data = '{}'] = /^id: (.*)\nevent: message\ndata: (.*)\n\n/m.exec(text) ?? [];
    return { id, data: JSON.parse(data) as Stream['data'] };
  };

  it('is come back to by the last event that was seen, and goes on there: the call went on meanwhile', async () => {
    const headers = await begin();
    const broken = new AbortController();
    const asked = await next(await call(headers, broken.signal));
    expect(asked.data.method).toBe('elicitation/create');
    broken.abort();
    expect((await answer(headers, asked.data.id)).status).toBe(202);
    const rest = await next(await resume(headers, asked.id));
    expect(JSON.parse(rest.data.result?.content[0]?.text ?? '')).toEqual(elicited);
    // What was sent already is sent once more to who did not see it.
    expect((await next(await resume(headers, asked.id))).data).toEqual(rest.data);
  });

  it('is for nobody else to come back to', async () => {
    const headers = await begin();
    const broken = new AbortController();
    const asked = await next(await call(headers, broken.signal));
    broken.abort();
    await answer(headers, asked.data.id);
    const gone = new AbortController();
    const foreign = await fetch(gateway.url, {
      headers: { ...headers, authorization: `Bearer ${other.key}`, 'last-event-id': asked.id },
      signal: gone.signal,
    });
    const read = foreign.body
      ?.getReader()
      .read()
      .then(
        ({ value }) => Buffer.from(value ?? []).toString(),
        () => 'nothing',
      );
    expect((await next(await resume(headers, asked.id))).data.result).toBeDefined();
    gone.abort();
    expect(await read).toBe('nothing');
  });
});
