import { createServer } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import { text } from 'node:stream/consumers';
import { closeGracefully, listen } from '@stoa/lib/listen.ts';
import { afterAll, beforeAll, beforeEach } from 'vitest';

type Asked = { readonly authorization: string | undefined; readonly form: Readonly<Record<string, string>> };

/** A token endpoint for tests, and an upstream that says what it was shown. */
export function withTokenEndpoint() {
  const issuer = {
    url: '',
    asked: [] as Asked[],
    /** Awaited before it answers. */
    holds: Promise.resolve(),
    answer: (_asked: Asked): readonly [status: number, body: object] => [200, {}],
  };
  const upstream = {
    url: '',
    seen: [] as IncomingHttpHeaders[],
    statusFor: (_headers: IncomingHttpHeaders): number => 200,
  };
  const tokens = createServer((request, response) => {
    void text(request).then(async (body) => {
      const asked = { authorization: request.headers.authorization, form: Object.fromEntries(new URLSearchParams(body)) };
      issuer.asked.push(asked);
      await issuer.holds;
      const [status, answer] = issuer.answer(asked);
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    });
  });
  const shown = createServer((request, response) => {
    upstream.seen.push(request.headers);
    request.resume();
    response.writeHead(upstream.statusFor(request.headers), { 'content-type': 'text/plain' }).end('an order');
  });
  beforeAll(async () => {
    issuer.url = `${await listen(tokens, { host: '127.0.0.1', port: 0 })}/token`;
    upstream.url = await listen(shown, { host: '127.0.0.1', port: 0 });
  });
  afterAll(() => Promise.all([closeGracefully(tokens, 0), closeGracefully(shown, 0)]));
  beforeEach(() => {
    issuer.asked = [];
    issuer.holds = Promise.resolve();
    issuer.answer = () => [200, { access_token: `token-${issuer.asked.length}`, token_type: 'Bearer', expires_in: 100 }];
    upstream.seen = [];
    upstream.statusFor = () => 200;
  });
  return { issuer, upstream };
}
