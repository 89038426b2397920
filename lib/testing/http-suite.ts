import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exchange, openConnection } from './raw-exchange.ts';

export type HttpSubject = { readonly url: string; close(): Promise<unknown> };

const seconds = { STOA_HEADERS_TIMEOUT: '15s', STOA_BODY_TIMEOUT: '30s' };
const moments = { STOA_HEADERS_TIMEOUT: '200ms', STOA_BODY_TIMEOUT: '400ms' };
const head = (line: string, ...headers: string[]): string => [line, 'Host: stoa.example', ...headers, '', ''].join('\r\n');

/**
 * What every program that listens owes to HTTP, whatever it serves. `start` starts one with these settings in its environment;
 * `paths` are those that anybody may GET.
 */
export function describeHttp(program: string, start: (env: Record<string, string>) => Promise<HttpSubject>, paths: readonly string[]): void {
  describe(`HTTP at ${program}`, () => {
    let subject: HttpSubject;
    let url: string;
    beforeAll(async () => {
      subject = await start(seconds);
      url = subject.url;
    });
    afterAll(() => subject.close());

    it.each<[string, string, number]>([
      ['two Host headers', 'GET /healthz HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n', 400],
      ['two Host headers in another case', 'GET /healthz HTTP/1.1\r\nhost: a\r\nHOST: b\r\n\r\n', 400],
      ['two Host headers in HTTP/1.0', 'GET /healthz HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n', 400],
      ['no Host header in HTTP/1.1', 'GET /healthz HTTP/1.1\r\n\r\n', 400],
      ['a Host header that is no host', 'GET /healthz HTTP/1.1\r\nHost: a b\r\n\r\n', 400],
      ['two hosts in one header', 'GET /healthz HTTP/1.1\r\nHost: a, b\r\n\r\n', 400],
      ['no Host header in HTTP/1.0', 'GET /healthz HTTP/1.0\r\n\r\n', 200],
      ['an address with a port as its host', 'GET /healthz HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n', 200],
      ['an empty Host header', 'GET /healthz HTTP/1.1\r\nHost:\r\n\r\n', 200],
      ['a line that is no HTTP', 'GET\r\n\r\n', 400],
      ['two lengths', head('GET /healthz HTTP/1.1', 'Content-Length: 1', 'Content-Length: 2'), 400],
      ['a length beside chunks', head('POST /healthz HTTP/1.1', 'Content-Length: 1', 'Transfer-Encoding: chunked'), 400],
    ])('answers %s with what is right, and with a problem where it refuses', async (_what, request, status) => {
      const answer = await exchange(url, request);
      expect([answer.status, /^content-type: application\/problem\+json/im.test(answer.head)]).toEqual([status, status === 400]);
      if (status === 400) expect(JSON.parse(answer.body)).toMatchObject({ status: 400, detail: expect.any(String) as string });
    });

    it('keeps a connection for 65 s after an answer, and answers on it again', async () => {
      const connection = await openConnection(url);
      for (const path of [...paths, ...paths]) {
        connection.send(head(`GET ${path} HTTP/1.1`));
        const answer = await connection.answer();
        expect([path, answer.status < 600, /^keep-alive: timeout=65/im.test(answer.head)]).toEqual([path, true, true]);
      }
      connection.socket.destroy();
    });

    it.each(paths)('answers HEAD %s as GET, without a body', async (path) => {
      const get = await fetch(url + path);
      const answer = await fetch(url + path, { method: 'HEAD' });
      expect([answer.status, answer.headers.get('content-type'), await answer.text()]).toEqual([get.status, get.headers.get('content-type'), '']);
      await get.body?.cancel();
    });

    it('takes a query of 20 kB, and says what is too large when a head is', async () => {
      expect((await exchange(url, head(`GET /nothing?x=${'x'.repeat(20_000)} HTTP/1.1`))).status).toBe(404);
      const answer = await exchange(url, head('GET /healthz HTTP/1.1', `X-Large: ${'x'.repeat(300_000)}`));
      expect(answer.status).toBe(431);
      expect(JSON.parse(answer.body)).toMatchObject({ status: 431, detail: expect.stringContaining('65536 bytes') as string });
    });
  });

  describe(`HTTP at ${program} from clients that take too long`, () => {
    let subject: HttpSubject;
    beforeAll(async () => {
      subject = await start(moments);
    });
    afterAll(() => subject.close());

    it('ends a request whose headers do not arrive, and says why', async () => {
      const connection = await openConnection(subject.url);
      connection.send('GET /healthz HTTP/1.1\r\nHost: stoa.example\r\nX-Slow: ');
      expect(await connection.ended).toMatch(/^HTTP\/1\.1 408 [^]*took too long/);
    });

    it.each(['/healthz', '/v1/session', '/mcp'])('ends a request to %s whose body does not arrive', async (path) => {
      const connection = await openConnection(subject.url);
      connection.send(`${head(`POST ${path} HTTP/1.1`, 'Content-Type: application/json', 'Content-Length: 100')}{`);
      expect(await connection.ended).toMatch(/^HTTP\/1\.1 [45]\d\d /);
    });

    it('closes a connection on which nothing was ever said, without a word', async () => {
      expect(await (await openConnection(subject.url)).ended).toBe('');
    });
  });
}
