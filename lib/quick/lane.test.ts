import { once } from 'node:events';
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createHttpServer } from '../http-server.ts';
import { closeGracefully, listen } from '../listen.ts';
import { createLogger } from '../log.ts';
import { exchange, openConnection } from '../testing/raw-exchange.ts';
import type { QuickHandler } from './connection.ts';
import type { QuickReply } from './reply.ts';

const settings = { headersTimeout: 15_000, bodyTimeout: 30_000, tlsCertificateFile: undefined, tlsKeyFile: undefined };
const log = createLogger({ program: 'test', level: 'silent' });
const servers: Server[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => closeGracefully(server, 0)));
});

function start(listener: RequestListener, quick?: QuickHandler): Promise<string> {
  const server = createHttpServer(settings, listener, log, quick);
  servers.push(server);
  return listen(server, { host: '127.0.0.1', port: 0 });
}

/** What both lanes answer with: the request as it was understood. */
const echoOf = (method: string | undefined, url: string | undefined, headers: object, body: string): string =>
  JSON.stringify({ method, url, headers, body });

const echo: RequestListener = (request, response) => {
  let body = '';
  request.setEncoding('latin1').on('data', (piece: string) => (body += piece));
  request.on('end', () => {
    const text = echoOf(request.method, request.url, request.headers, body);
    response.writeHead(200, ['content-type', 'application/json', 'content-length', String(text.length)]).end(text);
  });
};
let quickly = 0;
beforeEach(() => {
  quickly = 0;
});
const quickEcho: QuickHandler = ({ method, url, headers, body }, reply) => {
  if (!url.startsWith('/quick')) return false;
  quickly += 1;
  const text = echoOf(method, url, headers, body.toString('latin1'));
  reply.writeHead(200, ['content-type', 'application/json', 'content-length', String(text.length)]);
  reply.end(text, 'latin1');
  return true;
};

const post = (path: string, body: string, more = ''): string =>
  `POST ${path} HTTP/1.1\r\nHost: a\r\n${more}Content-Length: ${body.length}\r\n\r\n${body}`;
const get = (path: string, more = ''): string => `GET ${path} HTTP/1.1\r\nHost: a\r\n${more}\r\n`;
const last = get('/last', 'Connection: close\r\n');

/** All that a server sends to these pieces, each sent once what came before has been read by it; the end of the connection is the client's last request. */
async function transcript(url: string, pieces: readonly string[]): Promise<string> {
  const connection = await openConnection(url);
  connection.socket.setNoDelay(true);
  for (const piece of [...pieces, last]) {
    connection.send(piece);
    // A whole exchange beside it: the server has seen the piece by then.
    await exchange(url, get('/beside'));
  }
  return (await connection.ended)
    .replace(/\r\nDate: [^\r]*/gi, '')
    .replace(/"?x-request-id"?: ?[^\r]*/gi, '')
    .replace(/"request_id":"[^"]*"/g, '');
}

const hostile: [string, string][] = [
  ['a plain request', post('/quick', 'abc')],
  ['a plain request to others', post('/other', 'abc')],
  ['a question', get('/quick?a=b')],
  ['an empty body', post('/quick', '')],
  ['two requests at once', post('/quick', 'abc') + post('/quick', 'de')],
  ['three, of which one is ordinary', post('/quick', 'abc') + post('/other', 'x') + post('/quick', 'de')],
  ['a length and chunks', 'POST /quick HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
  ['chunks', 'POST /quick HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n'],
  ['two lengths that differ', 'POST /quick HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd'],
  ['two lengths that agree', 'POST /quick HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc'],
  ['a length in a list', 'POST /quick HTTP/1.1\r\nHost: a\r\nContent-Length: 3, 3\r\n\r\nabc'],
  ['a length with a sign', 'POST /quick HTTP/1.1\r\nHost: a\r\nContent-Length: +3\r\n\r\nabc'],
  ['a space before the colon', 'POST /quick HTTP/1.1\r\nHost: a\r\nContent-Length : 3\r\n\r\nabc'],
  ['a folded line', 'POST /quick HTTP/1.1\r\nHost: a\r\nX: b\r\n c\r\nContent-Length: 3\r\n\r\nabc'],
  ['line feeds alone', 'POST /quick HTTP/1.1\nHost: a\nContent-Length: 3\n\nabc'],
  ['no host', 'POST /quick HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc'],
  ['two hosts', 'POST /quick HTTP/1.1\r\nHost: a\r\nHost: b\r\nContent-Length: 3\r\n\r\nabc'],
  ['a host that is none', 'POST /quick HTTP/1.1\r\nHost: a b\r\nContent-Length: 3\r\n\r\nabc'],
  ['a header twice', 'POST /quick HTTP/1.1\r\nHost: a\r\nX: 1\r\nX: 2\r\nContent-Length: 3\r\n\r\nabc'],
  ['letters beyond ASCII', post('/quick', 'abc', 'X: \u00e9\r\n')],
  ['a null character', post('/quick', 'abc', 'X: a\0b\r\n')],
  ['an older version', 'GET /quick HTTP/1.0\r\nHost: a\r\n\r\n'],
  ['a whole URL', 'GET http://a/quick HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['an expectation', post('/quick', 'abc', 'Expect: 100-continue\r\n')],
  ['another protocol', get('/quick', 'Connection: Upgrade\r\nUpgrade: websocket\r\n')],
  ['the end of the connection', post('/quick', 'abc', 'Connection: close\r\n')],
  ['empty lines before it', `\r\n\r\n${post('/quick', 'abc')}`],
  ['no HTTP at all', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n'],
  ['a head that is too large', get('/quick', `X: ${'x'.repeat(70_000)}\r\n`)],
  ['a body that is large', post('/quick', 'x'.repeat(100_000))],
  ['a body with the end of a head in it', post('/quick', 'a\r\n\r\nb')],
];

describe('each connection is answered as by the server of Node alone:', () => {
  it.each(hostile)('%s', async (_what, request) => {
    const [alone, withLane] = await Promise.all([start(echo), start(echo, quickEcho)]);
    expect(await transcript(withLane, [request])).toBe(await transcript(alone, [request]));
    expect(await transcript(withLane, [post('/quick', 'before'), request])).toBe(await transcript(alone, [post('/quick', 'before'), request]));
  });

  it('a request that is cut anywhere', async () => {
    const [alone, withLane] = await Promise.all([start(echo), start(echo, quickEcho)]);
    const request = post('/quick', 'abc', 'X: y\r\n');
    const expected = await transcript(alone, [request]);
    const cuts = Array.from({ length: request.length - 1 }, (_, at) => [request.slice(0, at + 1), request.slice(at + 1)]);
    const seen = await Promise.all(cuts.map((pieces) => transcript(withLane, pieces)));
    expect(new Set(seen)).toEqual(new Set([expected]));
  });

  it('a request in three pieces, of which two are its body', async () => {
    const [alone, withLane] = await Promise.all([start(echo), start(echo, quickEcho)]);
    const pieces = [post('/quick', 'abcdef').slice(0, -4), 'cd', 'ef'];
    expect(await transcript(withLane, pieces)).toBe(await transcript(alone, pieces));
  });
});

describe('the quick lane', () => {
  it('takes one plain request after the other on one connection, those that others answer in between', async () => {
    const connection = await openConnection(await start(echo, quickEcho));
    for (const [path, expected] of [
      ['/quick/1', 1],
      ['/other', 1],
      ['/quick/2', 2],
    ] as const) {
      connection.send(post(path, 'abc'));
      expect(JSON.parse((await connection.answer()).body)).toMatchObject({ url: path, body: 'abc' });
      expect(quickly).toBe(expected);
    }
    connection.socket.destroy();
  });

  it('takes a request whose body comes after its head', async () => {
    const url = await start(echo, quickEcho);
    const connection = await openConnection(url);
    connection.send(post('/quick', 'abc').slice(0, -3));
    await exchange(url, get('/beside'));
    connection.send('abc');
    await connection.answer();
    expect(quickly).toBe(1);
    connection.socket.destroy();
  });

  it('leaves a request that stays incomplete to the server of Node, with its time limits', async () => {
    const server = createHttpServer({ ...settings, headersTimeout: 50, bodyTimeout: 50 }, echo, log, quickEcho);
    servers.push(server);
    const connection = await openConnection(await listen(server, { host: '127.0.0.1', port: 0 }));
    connection.send('POST /quick HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\na');
    expect(await connection.ended).toMatch(/^HTTP\/1\.1 408 /);
  });

  it('closes a connection on which nothing ever came, and one that rests for too long', async () => {
    const server = createHttpServer({ ...settings, headersTimeout: 50 }, echo, log, quickEcho);
    servers.push(server);
    server.keepAliveTimeout = 50;
    const url = await listen(server, { host: '127.0.0.1', port: 0 });
    expect(await (await openConnection(url)).ended).toBe('');
    const connection = await openConnection(url);
    connection.send(post('/quick', 'abc'));
    await connection.answer();
    await connection.ended;
  });

  it('tells who answers that the client has gone, and lets nothing of a late answer out', async () => {
    const replies: QuickReply[] = [];
    const gone = Promise.withResolvers<void>();
    const url = await start(echo, (_request, reply) => {
      replies.push(reply);
      reply.onAbandoned({ cancel: gone.resolve });
      return true;
    });
    const connection = await openConnection(url);
    connection.send(post('/quick', 'abc'));
    connection.socket.end();
    await gone.promise;
    const [reply] = replies;
    reply?.writeHead(200, ['content-length', '0']);
    reply?.end('');
    expect(await connection.ended).toBe('');
  });

  it('answers requests sent ahead in their order, each after the one before', async () => {
    const waiting: (() => void)[] = [];
    const url = await start(echo, ({ url: path }, reply) => {
      if (path !== '/slow') return false;
      waiting.push(() => {
        reply.writeHead(200, ['content-length', '4']);
        reply.end('slow');
      });
      return true;
    });
    const connection = await openConnection(url);
    connection.send(post('/slow', 'abc'));
    await exchange(url, get('/beside'));
    connection.send(post('/other', 'one') + post('/other', 'two'));
    await exchange(url, get('/beside'));
    waiting[0]?.();
    const bodies = [await connection.answer(), await connection.answer(), await connection.answer()].map(({ body }) => body);
    expect(bodies).toEqual(['slow', expect.stringContaining('"body":"one"'), expect.stringContaining('"body":"two"')]);
    connection.socket.destroy();
  });

  it('sends answers of any size and letters whole, also to a client that reads late', async () => {
    const long = 'ä'.repeat(2_500_000);
    const url = await start(echo, ({ url: path }, reply) => {
      const body = path === '/short' ? 'ä' : long;
      reply.writeHead(200, ['content-length', String(Buffer.byteLength(body))]);
      reply.end(body);
      return true;
    });
    const connection = await openConnection(url);
    connection.socket.pause();
    connection.send(post('/long', 'a'));
    await exchange(url, post('/short', 'a'));
    connection.socket.resume();
    expect((await connection.answer()).body.length).toBe(5_000_000);
    connection.send(post('/short', 'a'));
    expect(Buffer.from((await connection.answer()).body, 'latin1').toString()).toBe('ä');
    connection.socket.destroy();
  });
});

describe('who listens for requests behind the quick lane', () => {
  it('streams, is told when there is room again, and of the end of its answer', async () => {
    const closed = Promise.withResolvers<boolean>();
    const piece = 'x'.repeat(1_000_000);
    const url = await start((_request, response) => {
      response.on('close', () => closed.resolve(response.writableFinished));
      let left = 8;
      const go = (): void => {
        while (left > 0) {
          left -= 1;
          if (!response.write(piece))
            return void response.once('drain', () => {
              expect(response.writableNeedDrain).toBe(false);
              go();
            });
        }
        response.end();
      };
      go();
    }, quickEcho);
    const response = await fetch(url);
    expect((await response.text()).length).toBe(8_000_000);
    expect(await closed.promise).toBe(true);
  });

  it('is told that the client went away during a stream', async () => {
    const closed = Promise.withResolvers<boolean>();
    const url = await start((_request, response) => {
      response.on('close', () => closed.resolve(response.writableFinished));
      response.write('begun');
    }, quickEcho);
    const connection = await openConnection(url);
    connection.send(post('/other', ''));
    await once(connection.socket, 'data');
    connection.socket.destroy();
    expect(await closed.promise).toBe(false);
  });

  it('may write to the headers of a request without the next one seeing it', async () => {
    const seen: (string | undefined)[] = [];
    const url = await start((request, response) => {
      seen.push(request.headers.accept);
      request.headers.accept = 'changed';
      response.end();
    }, quickEcho);
    const connection = await openConnection(url);
    for (let count = 0; count < 2; count += 1) {
      connection.send(post('/other', '', 'Accept: a/b\r\n'));
      await connection.answer();
    }
    expect(seen).toEqual(['a/b', 'a/b']);
    connection.socket.destroy();
  });
});

describe('a server that closes', () => {
  it('closes what rests, lets what is under way end, and says that it was the last', async () => {
    const arrived = Promise.withResolvers<QuickReply>();
    const ordinary = Promise.withResolvers<ServerResponse>();
    const server = createHttpServer(
      settings,
      (_request: IncomingMessage, response) => ordinary.resolve(response),
      log,
      ({ url: path }, reply) => {
        if (path !== '/quick') return false;
        arrived.resolve(reply);
        return true;
      },
    );
    const url = await listen(server, { host: '127.0.0.1', port: 0 });
    const [fresh, quick, other] = await Promise.all([openConnection(url), openConnection(url), openConnection(url)]);
    quick.send(post('/quick', 'abc'));
    other.send(post('/other', 'abc'));
    const [reply, response] = await Promise.all([arrived.promise, ordinary.promise]);
    const closed = closeGracefully(server, 20_000);
    expect(await fresh.ended).toBe('');
    reply.writeHead(200, ['content-length', '2']);
    reply.end('ok');
    response.end('ok');
    const answers = await Promise.all([quick.ended, other.ended]);
    for (const answer of answers) expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n(?:.+\r\n)*Connection: close\r\n/i);
    await closed;
  });

  it('answers a request whose body was still to come, as the last', async () => {
    const server = createHttpServer(settings, echo, log, quickEcho);
    const url = await listen(server, { host: '127.0.0.1', port: 0 });
    const connection = await openConnection(url);
    connection.send(post('/quick', 'abc').slice(0, -3));
    await exchange(url, get('/beside'));
    const closed = closeGracefully(server, 20_000);
    connection.send('abc');
    expect(await connection.ended).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    await closed;
  });

  it('cuts what has not ended in its time', async () => {
    const arrived = Promise.withResolvers<void>();
    const server = createHttpServer(
      settings,
      () => {},
      log,
      () => {
        arrived.resolve();
        return true;
      },
    );
    const connection = await openConnection(await listen(server, { host: '127.0.0.1', port: 0 }));
    connection.send(post('/quick', 'abc'));
    await arrived.promise;
    await closeGracefully(server, 10);
    expect(await connection.ended).toBe('');
  });
});
