import { once } from 'node:events';
import { createServer, request as send } from 'node:http';
import type { ClientRequest, IncomingMessage, Server } from 'node:http';
import { json } from 'node:stream/consumers';
import express from 'express';
import type { Response } from 'express';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { listen } from '@stoa/lib/listen.ts';
import { createLogger } from '@stoa/lib/log.ts';
import type { BodySource } from '../catalog/document-workers.ts';
import { Slots } from '../catalog/slots.ts';
import { documentLane } from './document-lane.ts';
import type { ServerContext } from '../context.ts';
import { answerFailures } from './failures.ts';

let server: Server;
let url: string;
/** The first bytes of each body that a worker got, and the answers that are still to be given. */
let begun: string[];
let unanswered: Response[];

const workers = {
  async readBody(source: BodySource) {
    if (source instanceof Uint8Array) throw new Error('The body was held.');
    const [first] = (await once(source.stream, 'data')) as [Buffer];
    begun.push(first.toString());
    await once(source.stream, 'end');
    return { body: {}, document: undefined };
  },
};

beforeEach(async () => {
  begun = [];
  unanswered = [];
  const app = express();
  app.use(documentLane(workers, new Slots({ maxRunning: 1, maxWaiting: 1 })));
  app.use((_request, response) => void unanswered.push(response));
  app.use(answerFailures({ log: createLogger({ program: 'test', level: 'silent' }), settings: { trustedProxies: [] } } as unknown as ServerContext));
  server = createServer(app);
  url = await listen(server, { host: '127.0.0.1', port: 0 });
});
afterEach(() => void server.close().closeAllConnections());

/** Sends the head of a request and the beginning of its body. */
function begin(start: string, type = 'application/json'): ClientRequest {
  const begunRequest = send(url, { method: 'POST', headers: { 'content-type': type, 'content-length': 10 } });
  begunRequest.on('error', () => undefined).write(start);
  return begunRequest;
}

const answerTo = async (asked: ClientRequest): Promise<IncomingMessage> => ((await once(asked, 'response')) as [IncomingMessage])[0];
const begins = (starts: string[]) => vi.waitFor(() => expect(begun).toEqual(starts));
const waits = (count: number) => vi.waitFor(() => expect(unanswered).toHaveLength(count));
const connections = () => new Promise<number>((resolve) => server.getConnections((_error, count) => resolve(count)));

it('hands bodies on as they come, so many at once, lets some wait unread until those are answered, and turns away the rest', async () => {
  const first = begin('{"a":');
  await begins(['{"a":']);
  const second = begin('{"b":');
  await vi.waitFor(async () => expect(await connections()).toBe(2));
  const third = await answerTo(begin('{"c":'));
  expect([third.statusCode, third.headers['retry-after'], await json(third)]).toEqual([503, '10', expect.objectContaining({ status: 503 })]);
  first.end('true}');
  await waits(1);
  expect(begun).toEqual(['{"a":']);
  unanswered[0]?.end();
  expect((await answerTo(first)).statusCode).toBe(200);
  await begins(['{"a":', '{"b":']);
  second.end('true}');
  await waits(2);
});

it('gives the place of one who went away to the next, whether he was read or waited', async () => {
  const first = begin('{"a":');
  await begins(['{"a":']);
  const second = begin('{"b":');
  await vi.waitFor(async () => expect(await connections()).toBe(2));
  second.destroy();
  await vi.waitFor(async () => expect(await connections()).toBe(1));
  begin('{"c":');
  await vi.waitFor(async () => expect(await connections()).toBe(2));
  first.destroy();
  await begins(['{"a":', '{"c":']);
});

it('counts uploads with them, which are read later', async () => {
  const upload = begin('--b', 'multipart/form-data; boundary=b');
  await waits(1);
  begin('{"b":');
  await vi.waitFor(async () => expect(await connections()).toBe(2));
  expect((await answerTo(begin('{"c":'))).statusCode).toBe(503);
  upload.destroy();
  await begins(['{"b":']);
});
