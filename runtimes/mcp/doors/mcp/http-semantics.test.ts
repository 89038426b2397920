import type { OutgoingHttpHeaders } from 'node:http';
import { longestJson } from '@stoa/lib/testing/longest-json.ts';
import { openConnection } from '@stoa/lib/testing/raw-exchange.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { configOf, headersFor, keys, modern, operation, operations, rpc, send, startDoor, startUpstream } from './testing/fixture.ts';
import type { TestDoor, Upstream } from './testing/fixture.ts';

const older = '2025-11-25';
const call = { name: 'getOrder', arguments: { id: 'o1' } };
let upstream: Upstream;
let door: TestDoor;
beforeAll(async () => {
  upstream = await startUpstream();
  const open = operation('send', 'POST', '/orders');
  const input_schema = { type: 'object', properties: { id: { type: 'string' } }, additionalProperties: false };
  door = await startDoor({ config: configOf([operations.getOrder, { ...open, tool: { ...open.tool, input_schema: input_schema } }], upstream.url) });
});
afterAll(async () => {
  await door.close();
  upstream.server.close();
});

describe.each([older, modern])('a POST of %s', (revision) => {
  const message = rpc(revision, 'tools/call', call);
  const status = async (headers: OutgoingHttpHeaders) => {
    const given = { ...headersFor(revision, message), ...headers };
    const kept = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
    return (await send(door.url, { headers: kept, body: JSON.stringify(message) })).status;
  };

  it.each([
    '*/*',
    'application/*, text/*',
    'application/*',
    'Application/JSON;q=0.2, text/html',
    'APPLICATION/JSON, Text/Event-Stream',
    'text/event-stream;q=0.5,application/json;q=0.9',
    'application/json; charset=utf-8, text/event-stream',
    '*/*;q=0.1',
    'text/html, */*;q=0.8',
    undefined,
  ])('is answered to a client that accepts %s', async (accept) => {
    expect(await status({ accept })).toBe(200);
  });

  it.each(['text/html', 'application/json;q=0, text/event-stream;q=0', '*/*;q=0', 'application/xml, image/*'])(
    'is 406 to a client of the older revisions that accepts only %s',
    async (accept) => {
      if (revision === older) expect(await status({ accept })).toBe(406);
    },
  );

  it.each<[OutgoingHttpHeaders, number]>([
    [{ 'content-type': 'APPLICATION/JSON' }, 200],
    [{ 'content-type': 'Application/Json ; Charset=UTF-8' }, 200],
    [{ 'content-type': 'text/json' }, 415],
    [{ 'content-encoding': 'gzip' }, 415],
    [{ 'content-encoding': 'Identity' }, 200],
  ])('with %o is answered with %i', async (headers, expected) => {
    expect(await status(headers)).toBe(expected);
  });
});

describe('HEAD', () => {
  const authorization = `Bearer ${keys.agent}`;
  it('is answered as GET, without a stream', async () => {
    const head = (headers: OutgoingHttpHeaders) => send(door.url, { method: 'HEAD', headers });
    expect(await head({ authorization, accept: 'text/event-stream' })).toMatchObject({
      status: 200,
      text: '',
      headers: { 'content-type': 'text/event-stream' },
    });
    expect(door.door.streamCount).toBe(0);
    expect((await head({ authorization, accept: 'application/json' })).status).toBe(406);
    expect((await head({ accept: 'text/event-stream' })).status).toBe(401);
    expect((await head({ authorization, 'mcp-protocol-version': modern })).headers.allow).toBe('DELETE, GET, HEAD, POST');
  });
});

describe('a message that is too much', () => {
  const unknownMembers = `{${Array.from({ length: 330_000 }, (_, index) => `"k${index}":0`).join(',')}}`;

  // What it costs in CPU is measured by experiments/cases/unknown-keys.ts.
  it.each([
    ['itself', unknownMembers],
    ['its arguments', `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"send","arguments":${unknownMembers}}}`],
  ])('with 330,000 members in %s is counted, and never parsed, and refused in few words', async (_where, body) => {
    const { result, characters } = await longestJson(() => send(door.url, { headers: headersFor(older, {}), body }));
    expect(result).toMatchObject({ status: 400, message: { error: { message: expect.stringMatching(/ has more than \d+ members$/) } } });
    expect([characters < 10_000, result.text.length < 10_000]).toEqual([true, true]);
  });

  const textOf = (reply: { message: unknown }) => (reply.message as { result: { content: { text: string }[] } }).result.content[0]?.text ?? '';
  const sendArguments = (given: object) => {
    const message = rpc(older, 'tools/call', { name: 'send', arguments: given });
    return send(door.url, { headers: headersFor(older, message), body: JSON.stringify(message) });
  };

  it('tells the first 20 of its faults, and how many more there are', async () => {
    const text = textOf(await sendArguments(Object.fromEntries(Array.from({ length: 25 }, (_, index) => [`k${index}`, 0]))));
    expect([text.split('\n').filter((line) => line.startsWith('- /k')).length, text.endsWith('and 5 more')]).toEqual([20, true]);
  });

  it('is not told its own megabytes', async () => {
    const long = 'k'.repeat(1_000_000);
    expect((await sendArguments({ [long]: 0 })).text.length).toBeLessThan(10_000);
    const message = rpc(older, 'tools/call', { name: long });
    expect((await send(door.url, { headers: headersFor(older, message), body: JSON.stringify(message) })).text.length).toBeLessThan(10_000);
  });

  it('is told that it is too large after it was sent, before its connection ends', async () => {
    const connection = await openConnection(door.url);
    const size = 12_000_000;
    const headers = Object.entries(headersFor(older, {})).map(([name, value]) => `${name}: ${String(value)}\r\n`);
    connection.socket.pause();
    connection.send(`POST /mcp HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${headers.join('')}Content-Length: ${size}\r\n\r\n`);
    connection.send('x'.repeat(size));
    await new Promise((resolve) => connection.socket.write('', resolve));
    connection.socket.resume();
    expect(await connection.ended).toMatch(/^HTTP\/1\.1 413 /);
  });
});

describe('a bad key', () => {
  it('is refused later and later, while good ones from the same address are not kept waiting', async () => {
    const bad = () => send(door.url, { headers: headersFor(older, {}, 'stoa_ck_nobody'), body: '{}' });
    for (let round = 0; round < 20; round += 1) void bad().catch(() => undefined);
    const refused = bad();
    const order: string[] = [];
    const message = rpc(older, 'tools/call', call);
    const good = send(door.url, { headers: headersFor(older, message), body: JSON.stringify(message) });
    await Promise.all([refused.then(() => order.push('bad')), good.then(() => order.push('good'))]);
    expect(order).toEqual(['good', 'bad']);
    expect((await refused).status).toBe(401);
  });
});
