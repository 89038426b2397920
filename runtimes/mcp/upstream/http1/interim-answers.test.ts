import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import { apiItem, configOf, consumerItem, engineOf, getOrder } from '../../testing/fixtures.ts';
import { callTool } from '../../decide/call-tool.ts';
import { identify } from '../../decide/identify.ts';

const interim = 'HTTP/1.1 100 Continue\r\n\r\n';
const answer = (body: string) => `HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;

/** Answers each request on a connection with these pieces, each in a packet of its own. */
function upstreamOf(pieces: readonly string[]) {
  let connections = 0;
  const server = createServer((socket: Socket) => {
    connections += 1;
    socket.setNoDelay(true).on('error', () => undefined);
    socket.on('data', () => {
      void (async () => {
        for (const piece of pieces) {
          socket.write(piece);
          for (let turn = 0; turn < 5; turn += 1) await setImmediate();
        }
      })();
    });
  });
  return { server, connectionCount: () => connections };
}

let close: (() => Promise<void>) | undefined;
afterEach(() => close?.());

async function callTwice(pieces: readonly string[]) {
  const { server, connectionCount } = upstreamOf(pieces);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { item, key } = consumerItem();
  const api = apiItem({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, operations: [getOrder()] });
  const { engine } = engineOf(configOf(api, item), { upstream: { connectionsPerOrigin: 1 } });
  close = async () => {
    await engine.close();
    server.close();
  };
  const caller = identify(engine.snapshot, key, Date.now());
  if (caller === null) throw new Error('The key is not known.');
  const call = () =>
    callTool(engine, { snapshot: engine.snapshot, caller, toolName: 'orders_getOrder', args: { order_id: '7' }, requestId: randomUUID() });
  return { outcomes: [await call(), await call()], connections: connectionCount() };
}

const cutAt = (text: string, ...places: number[]) => [0, ...places].map((place, index) => text.slice(place, places[index]));
const inBody = answer(interim);

it.each<[says: string, pieces: readonly string[], text: string]>([
  ['one', [interim + answer('ok')], 'ok'],
  ['one in a packet of its own', [interim, answer('ok')], 'ok'],
  ['several', [interim, interim + interim, answer('ok')], 'ok'],
  ['one with fields, cut anywhere', cutAt(`HTTP/1.1 100 Continue\r\nx-a: b\r\n\r\n${answer('ok')}`, 3, 11, 30, 36), 'ok'],
  ['one of HTTP/1.0 without a reason', ['HTTP/1.0 100 \r\n\r\n', answer('ok')], 'ok'],
  ['other interim answers', [`HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n${interim}`, answer('ok')], 'ok'],
  ['none, but a body that looks like one', [inBody], interim],
  ['none, but a body that looks like one in a packet of its own', cutAt(inBody, inBody.indexOf(interim)), interim],
])('an upstream may send unasked 100 Continue: %s', async (_says, pieces, text) => {
  const { outcomes, connections } = await callTwice(pieces);
  const expected = { kind: 'result', isError: false, status: 200, text };
  expect(outcomes).toEqual([expected, expected]);
  expect(connections).toBe(1);
});
