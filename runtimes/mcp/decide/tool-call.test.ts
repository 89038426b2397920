import type { ServerResponse } from 'node:http';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { closeGracefully } from '@stoa/lib/listen.ts';
import { createLogger } from '@stoa/lib/log.ts';
import { describe, expect, it } from 'vitest';
import { identify } from './identify.ts';
import { listTools } from './call-tool.ts';
import { Cancellation } from '../upstream/cancellation.ts';
import { compile, configOf, consumerItem, getOrder, policyItem } from '../testing/fixtures.ts';
import { pipelineBench } from '../testing/pipeline-bench.ts';

const bench = pipelineBench();
const { answerBy, call, caller, seen, serve, server, twoTools } = bench;

describe('calling a tool', () => {
  it('answers with the text and, where the tool promises it, the structure of the upstream', async () => {
    const { item, key } = consumerItem();
    const { engine } = serve(configOf(twoTools(), item));
    const text = '{"id":"7"}';
    expect(await call(engine, key)).toEqual({ kind: 'result', isError: false, status: 200, text });
    const { tool } = getOrder();
    engine.replace(compile(configOf(twoTools({ operations: [getOrder({ tool: { ...tool, output_schema: { type: 'object' } } })] }), item)).snapshot);
    expect(await call(engine, key)).toEqual({ kind: 'result', isError: false, status: 200, text, structured: text });
    expect(seen[0]).toMatchObject({ method: 'GET', url: '/v1/orders/7' });
  });

  it('sends a body with its type and length', async () => {
    const { item, key } = consumerItem();
    const { engine } = serve(configOf(twoTools(), item));
    await call(engine, key, 'orders_createOrder', { body: { sku: 'é' } });
    expect(seen[0]).toMatchObject({
      method: 'POST',
      url: '/v1/orders',
      body: '{"sku":"é"}',
      headers: { 'content-type': 'application/json', 'content-length': '12' },
    });
  });

  it("lesson 27: the upstream gets the gateway's own credential, never the caller's, and redirects are not followed", async () => {
    const { item, key } = consumerItem();
    answerBy((_request, response) => response.writeHead(302, { location: `${bench.url}/internal` }).end());
    const { engine } = serve(
      configOf(twoTools({ upstream: { url: `${bench.url}/v1`, auth: { header: 'Authorization', value: 'Bearer ours' } } }), item),
    );
    expect(await call(engine, key)).toEqual({
      kind: 'result',
      isError: true,
      status: 302,
      text: `The API answered 302 Found. Its Location is ${bench.url}/internal; the gateway does not follow it.`,
    });
    expect(seen).toHaveLength(1);
    expect(seen[0]?.headers.authorization).toBe('Bearer ours');
    expect(JSON.stringify(seen)).not.toContain(key);
  });

  it('tells a model status and body of a failed call', async () => {
    const { item, key } = consumerItem();
    answerBy((_request, response) => response.writeHead(404, { 'content-type': 'application/problem+json' }).end('{"title":"No such order"}'));
    const { engine } = serve(configOf(twoTools(), item));
    expect(await call(engine, key)).toMatchObject({
      isError: true,
      status: 404,
      text: 'The API answered 404 Not Found.\n\n{"title":"No such order"}',
    });
  });

  it.each([
    ['text/plain; charset=iso-8859-1', Buffer.from('caf\xe9', 'latin1'), 'café'],
    ['text/plain; charset="windows-1252"', Buffer.from([0x80]), '€'],
    ['text/plain; charset=nonsense', Buffer.from('é'), 'é'],
    ['application/json', Buffer.from('\uFEFF{"id":"é"}'), '{"id":"é"}'],
    ['application/json; charset=iso-8859-1', Buffer.from('{"id":"é"}'), '{"id":"é"}'],
  ])('reads an answer of type %s in its charset', async (type, body, expected) => {
    const { item, key } = consumerItem();
    answerBy((_request, response) => response.writeHead(200, { 'content-type': type }).end(body));
    const { engine } = serve(configOf(twoTools(), item));
    expect(await call(engine, key)).toMatchObject({ isError: false, text: expected });
  });

  it.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
  ])('reads an answer that comes as %s although it was asked not to', async (encoding, compress) => {
    const { item, key } = consumerItem();
    const { engine } = serve(configOf(twoTools(), item), { upstream: { maxResponseBytes: 1000 } });
    const head = { 'content-type': 'application/json', 'content-encoding': encoding };
    answerBy((_request, response) => response.writeHead(200, head).end(compress('{"id":"7"}')));
    expect(await call(engine, key)).toMatchObject({ isError: false, text: '{"id":"7"}' });
    answerBy((_request, response) => response.writeHead(200, head).end(compress(Buffer.alloc(100_000))));
    expect(await call(engine, key)).toMatchObject({ kind: 'upstream_failed', reason: "The upstream's answer is larger than 1000 bytes." });
    answerBy((_request, response) => response.writeHead(200, head).end('{"id":"7"}'));
    expect(await call(engine, key)).toMatchObject({ kind: 'upstream_failed', reason: 'The upstream sent an answer that cannot be decompressed.' });
    expect(seen[0]?.headers['accept-encoding']).toBe('identity');
  });

  it('logs why an upstream failed, but nothing that it sent', async () => {
    const { item, key } = consumerItem();
    const lines: string[] = [];
    const log = createLogger({ program: 'test', level: 'trace', destination: { write: (line: string) => void lines.push(line) } });
    answerBy((request) => request.socket.end('NONSENSE with a secret-of-the-upstream\r\n\r\n'));
    const { engine } = serve(configOf(twoTools(), item), { log });
    expect(await call(engine, key)).toMatchObject({ kind: 'upstream_failed' });
    expect(lines.join('')).toContain('does not match the HTTP/1.1 protocol');
    expect(lines.join('')).not.toContain('secret-of-the-upstream');
  });

  it('names every fault of the arguments and sends nothing', async () => {
    const { item, key } = consumerItem();
    const { engine } = serve(configOf(twoTools(), item));
    const outcome = await call(engine, key, 'orders_getOrder', { order_id: 7, colour: 'red' });
    expect(outcome).toEqual({
      kind: 'invalid_arguments',
      errors: [
        { pointer: '/colour', message: 'is not an argument of this tool' },
        { pointer: '/order_id', message: 'must be a string' },
      ],
    });
    expect(seen).toEqual([]);
  });

  it('lesson 36: gives up after the stated time', async () => {
    const { item, key } = consumerItem();
    answerBy(() => undefined);
    const { engine } = serve(configOf(twoTools(), item), { upstream: { timeoutMs: 20 } });
    expect(await call(engine, key)).toEqual({ kind: 'upstream_failed', reason: 'The upstream did not answer within 0.02 s.', timeout: true });
  });

  it('lesson 36: ends the upstream request when the caller cancels', async () => {
    const { item, key } = consumerItem();
    const cancellation = new Cancellation();
    const { promise: closed, resolve } = Promise.withResolvers<void>();
    answerBy((request) => {
      request.socket.once('close', () => resolve());
      cancellation.cancel();
    });
    const { engine } = serve(configOf(twoTools(), item));
    expect(await call(engine, key, undefined, undefined, cancellation)).toEqual({ kind: 'cancelled' });
    await closed;
  });

  it('refuses an answer beyond its bound, announced or not', async () => {
    const { item, key } = consumerItem();
    const { engine } = serve(configOf(twoTools(), item), { upstream: { maxResponseBytes: 100 } });
    answerBy((_request, response) => response.writeHead(200, { 'content-length': 101 }).end('x'.repeat(101)));
    expect(await call(engine, key)).toMatchObject({ kind: 'upstream_failed', reason: "The upstream's answer is larger than 100 bytes." });
    answerBy((_request, response) => {
      response.write('x'.repeat(60));
      response.end('x'.repeat(60));
    });
    expect(await call(engine, key)).toMatchObject({ kind: 'upstream_failed', timeout: false });
  });

  it('lesson 33: bounds what waits for one upstream, and frees the place whatever becomes of a call', async () => {
    const { item, key } = consumerItem();
    const { engine } = serve(configOf(twoTools(), item), { upstream: { maxCallsPerOrigin: 1 } });
    const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>();
    answerBy(() => arrive());
    const cancellation = new Cancellation();
    const first = call(engine, key, undefined, undefined, cancellation);
    await arrived;
    expect(await call(engine, key)).toEqual({
      kind: 'upstream_failed',
      reason: 'Too many calls to this upstream are waiting; try again later.',
      timeout: false,
    });
    cancellation.cancel();
    expect(await first).toEqual({ kind: 'cancelled' });
    answerBy((_request, response) => response.end('ok'));
    expect(await call(engine, key)).toMatchObject({ kind: 'result', text: 'ok' });
  });

  it('says in one sentence, without an address, that the upstream cannot be reached', async () => {
    const { item, key } = consumerItem();
    const { engine } = serve(configOf(twoTools(), item));
    await closeGracefully(server, 0);
    expect(await call(engine, key)).toEqual({
      kind: 'upstream_failed',
      reason: 'The upstream could not be reached or broke the connection.',
      timeout: false,
    });
  });

  it('owes an object where the tool declares one, and says that the call itself succeeded', async () => {
    const { item, key } = consumerItem();
    const operation = getOrder();
    const declared = { ...operation, tool: { ...operation.tool, output_schema: { type: 'object' } } };
    answerBy((_request, response) => response.writeHead(204).end());
    const { engine } = serve(configOf(twoTools({ operations: [declared] }), item));
    expect(await call(engine, key)).toMatchObject({
      kind: 'result',
      isError: true,
      status: 204,
      text: 'The call succeeded, its answer does not fit at its root: must be JSON, the API answered 204 No Content with no body.',
    });
  });

  it('a call in flight keeps the snapshot it began with', async () => {
    const { item, key } = consumerItem();
    const { engine } = serve(configOf(twoTools(), item));
    const { promise: arrived, resolve: arrive } = Promise.withResolvers<ServerResponse>();
    answerBy((_request, response) => arrive(response));
    const calling = call(engine, key);
    const response = await arrived;
    engine.replace(compile(configOf()).snapshot);
    response.setHeader('content-type', 'application/json').end('{"late":true}');
    expect(await calling).toMatchObject({ text: '{"late":true}' });
  });
});

describe('access', () => {
  const readOnly = 'permit(principal, action, resource) when { resource.read_only };';

  it('lesson 25: a tool the caller may not use is neither listed nor distinguishable from one that does not exist', async () => {
    const { item, key } = consumerItem();
    const api = twoTools();
    const { engine } = serve(configOf(api, item, policyItem({ kind: 'tool_access', config: { cedar: readOnly } }, [api])));
    expect(listTools(engine.snapshot, caller(engine, key)).map((tool) => tool.name)).toEqual(['orders_getOrder']);
    const hidden = await call(engine, key, 'orders_createOrder', { body: 'not even valid' });
    expect(hidden).toEqual(await call(engine, key, 'no_such_tool', {}));
  });

  it('without a tool_access policy every consumer may use every tool, as one list', () => {
    const [one, other] = [consumerItem('one'), consumerItem('other')];
    const { engine } = serve(configOf(twoTools(), one.item, other.item));
    expect(listTools(engine.snapshot, caller(engine, one.key))).toHaveLength(2);
    expect(listTools(engine.snapshot, caller(engine, one.key))).toBe(listTools(engine.snapshot, caller(engine, other.key)));
  });

  it('tells consumers apart by name and label', async () => {
    const api = twoTools();
    const cedar = `permit(principal == Consumer::"boss", action == Action::"call", resource);
      permit(principal, action, resource) when { principal.labels has team && principal.labels.team == "sales" && resource.method == "GET" };`;
    const [boss, sales, other] = [consumerItem('boss'), consumerItem('seller', { labels: { team: 'sales' } }), consumerItem('other')];
    const { engine } = serve(configOf(api, boss.item, sales.item, other.item, policyItem({ kind: 'tool_access', config: { cedar } }, [api])));
    const names = (key: string) => listTools(engine.snapshot, caller(engine, key)).map((tool) => tool.name);
    expect([names(boss.key), names(sales.key), names(other.key)]).toEqual([['orders_createOrder', 'orders_getOrder'], ['orders_getOrder'], []]);
  });

  it('a forbid that cannot be evaluated forbids', () => {
    const { item, key } = consumerItem();
    const api = twoTools();
    const cedar = 'permit(principal, action, resource); forbid(principal, action, resource) when { principal.labels.team == "sales" };';
    const { engine } = serve(configOf(api, item, policyItem({ kind: 'tool_access', config: { cedar } }, [api])));
    expect(listTools(engine.snapshot, caller(engine, key))).toEqual([]);
  });

  it('lesson 26: changed, revoked and expired keys and withdrawn tools are gone with the next snapshot', async () => {
    const { item, key } = consumerItem('one', { expiresAt: '2030-01-01T00:00:00.000Z' });
    const { engine } = serve(configOf(twoTools(), item));
    expect(identify(engine.snapshot, key, Date.parse('2029-12-31T23:59:59.999Z'))).not.toBeNull();
    expect(identify(engine.snapshot, key, Date.parse('2030-01-01T00:00:00.000Z'))).toBeNull();
    const known = caller(engine, key);
    engine.replace(compile(configOf(item)).snapshot);
    expect(listTools(engine.snapshot, known)).toEqual([]);
    engine.replace(compile(configOf(twoTools())).snapshot);
    expect(identify(engine.snapshot, key, Date.now())).toBeNull();
    expect(listTools(engine.snapshot, known)).toEqual([]);
  });
});
