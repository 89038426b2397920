import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import type { ApiOperation, ArgumentBinding } from '@stoa/generated/schemas.ts';
import { closeGracefully, listen } from '@stoa/lib/listen.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { configOf, headersFor, modern, operation, rpc, send, startDoor } from './testing/fixture.ts';
import type { TestDoor } from './testing/fixture.ts';

const number = { type: 'integer', format: 'int64' };

/** A tool whose argument `n` goes to one place of the request. */
function takingIn(place: ArgumentBinding['in'], schema: object, more: Partial<ArgumentBinding> = {}): ApiOperation {
  const bare = operation(
    `${place}${Object.values(more).join('')}`.replace(/\W/g, ''),
    place === 'body' ? 'POST' : 'GET',
    place === 'path' ? '/{n}' : '/',
  );
  return {
    ...bare,
    tool: { ...bare.tool, input_schema: { type: 'object', properties: { n: schema } } },
    bindings: [{ argument: 'n', in: place, name: place === 'body' ? '' : 'n', required: false, ...more }],
  };
}

const operations = {
  path: takingIn('path', number),
  query: takingIn('query', { type: 'array', items: number }, { style: 'form', explode: true }),
  deep: takingIn('query', { type: 'object' }, { style: 'deepObject' }),
  header: takingIn('header', number),
  cookie: takingIn('cookie', number),
  json: takingIn('body', { type: 'object', properties: { id: number } }, { content_type: 'application/json' }),
  form: takingIn('body', { type: 'object' }, { content_type: 'application/x-www-form-urlencoded' }),
  small: takingIn('body', { maximum: 9007199254740992 }, { content_type: 'text/plain' }),
};

let door: TestDoor;
let sdk: TestDoor;
let seen: { line: string; body: string; n: unknown; cookie: string | undefined }[];
const server = createServer((request, response) => {
  void text(request).then((body) => {
    const { n, cookie } = request.headers;
    seen.push({ line: `${request.method} ${request.url}`, body, n, cookie });
    response.end('ok');
  });
});
beforeAll(async () => {
  const url = await listen(server, { host: '127.0.0.1', port: 0 });
  const config = configOf(Object.values(operations), url);
  door = await startDoor({ config });
  sdk = await startDoor({ config, lane: 'sdk' });
});
afterAll(async () => {
  await Promise.all([door.close(), sdk.close()]);
  await closeGracefully(server, 0);
  if (server.listening) await once(server, 'close');
});

describe.each([
  [modern, 'hot'],
  [modern, 'sdk'],
  ['2025-11-25', 'hot'],
  ['2025-11-25', 'sdk'],
])('arguments of %s in the %s lane', (revision, lane) => {
  async function call({ tool: { name } }: ApiOperation, n: string) {
    seen = [];
    const message = rpc(revision, 'tools/call', { name, arguments: { n: 'N' } });
    const url = lane === 'hot' ? door.url : sdk.url;
    return send(url, { headers: headersFor(revision, message), body: JSON.stringify(message).replace('"N"', () => n) });
  }

  it.each([
    ['path', '9007199254740993', { line: 'GET /9007199254740993' }],
    ['query', '[9007199254740993,-9223372036854775808]', { line: 'GET /?n=9007199254740993&n=-9223372036854775808' }],
    ['deep', '{"a":1e400,"b":[0.1234567890123456789]}', { line: 'GET /?n%5Ba%5D=1e400&n%5Bb%5D%5B%5D=0.1234567890123456789' }],
    ['header', '9007199254740993', { n: '9007199254740993' }],
    ['cookie', '9007199254740993', { cookie: 'n=9007199254740993' }],
    ['json', '{"id":9007199254740993,"more":[-0,1e400]}', { body: '{"id":9007199254740993,"more":[-0,1e400]}' }],
    ['form', '{"id":9007199254740993,"more":{"a":1e400}}', { body: 'id=9007199254740993&more=%7B%22a%22%3A1e400%7D' }],
    ['small', '0.12345678901234567890', { body: '0.12345678901234567890' }],
  ] as const)('reach the upstream in the %s as they were written: %s', async (place, n, expected) => {
    expect(await call(operations[place], n)).toMatchObject({ status: 200, message: { result: { content: [{ text: 'ok' }] } } });
    expect(seen).toMatchObject([expected]);
  });

  it('are judged by what they are, not by what rounding makes of them', async () => {
    const expected = { result: { isError: true, content: [{ text: expect.stringContaining('/n: must be at most 9007199254740992') as string }] } };
    expect(await call(operations.small, '9007199254740993')).toMatchObject({ status: 200, message: expected });
    expect(seen).toEqual([]);
  });

  it.each(['9223372036854775808', '-9223372036854775809', '1e19'])('beyond int64 are none of that format: %s', async (n) => {
    expect(await call(operations.path, n)).toMatchObject({ message: { result: { isError: true } } });
    expect(seen).toEqual([]);
    await call(operations.path, '9223372036854775807');
    expect(seen).toMatchObject([{ line: 'GET /9223372036854775807' }]);
  });

  it.each(['9007199254740993', '-9223372036854775808', '18446744073709551615'])(
    'are told apart from the id %s, which is answered as it came',
    async (id) => {
      for (const [method, params] of [
        ['tools/call', { name: operations.path.tool.name, arguments: { n: 1 }, _meta: { progressToken: 'T' } }],
        ['tools/call', { name: 'nothing', arguments: {} }],
        ['tools/call', { name: 7 }],
        ['tools/list', {}],
        ['ping', {}],
      ] as const) {
        const message = rpc(revision, method, params, 'ID');
        const body = JSON.stringify(message).replace('"ID"', id).replace('"T"', '9007199254740995');
        const answer = await send(lane === 'hot' ? door.url : sdk.url, { headers: headersFor(revision, message), body });
        expect(answer.text).toMatch(new RegExp(`"id":${id}[,}]`));
      }
    },
  );
});

it.each(['9007199254740993', '-9223372036854775808'])('a subscription with the id %s is told of by that id, to its end', async (id) => {
  const short = await startDoor({ config: configOf(Object.values(operations), 'http://127.0.0.1:9') });
  const message = rpc(modern, 'subscriptions/listen', { notifications: { toolsListChanged: true } }, 'ID');
  const outgoing = request(short.url, { method: 'POST', headers: headersFor(modern, message), agent: false });
  outgoing.end(JSON.stringify(message).replace('"ID"', id));
  const [stream] = (await once(outgoing, 'response')) as [IncomingMessage];
  const events = stream.setEncoding('utf8')[Symbol.asyncIterator]() as AsyncIterator<string>;
  let heard = '';
  const hearing = async (part: string): Promise<void> => {
    while (!heard.includes(part)) heard += String((await events.next()).value);
  };
  await hearing('notifications/subscriptions/acknowledged');
  await short.apply(configOf([operations.path], 'http://127.0.0.1:9', [], 2));
  await hearing('notifications/tools/list_changed');
  const closing = short.close();
  await hearing('"resultType":"complete"');
  await closing;
  expect(heard.match(new RegExp(`"io.modelcontextprotocol/subscriptionId":${id}[,}]`, 'g'))).toHaveLength(3);
  expect(heard).toMatch(new RegExp(`"id":${id}[,}]`));
});
