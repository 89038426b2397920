import { once } from 'node:events';
import { createServer } from 'node:http';
import { closeGracefully, listen } from '@stoa/lib/listen.ts';
import { createLogger } from '@stoa/lib/log.ts';
import { expect, it } from 'vitest';
import { answerFailure } from './failures.ts';

it('a failure of our own is logged with the path and the id that its answer has, and without the query, which may hold a secret', async () => {
  const said: string[] = [];
  const log = createLogger({ program: 'test', level: 'info', destination: { write: (line: string) => void said.push(line) } });
  const server = createServer((request, response) => answerFailure(log, request, response, new Error('a bug'), 'request-1'));
  const url = await listen(server, { host: '127.0.0.1', port: 0 });
  const answer = await fetch(`${url}/v1/usage?api_key=s3cr3t&x=a?b`);
  const body = await answer.text();
  expect([answer.status, JSON.parse(body).request_id]).toEqual([500, 'request-1']);
  expect(JSON.parse(said[0] ?? '')).toMatchObject({ request_id: 'request-1', method: 'GET', path: '/v1/usage' });
  expect(`${said.join('')}${body}`).not.toMatch(/s3cr3t|api_key|a\?b/);
  const closed = once(server, 'close');
  await closeGracefully(server, 0);
  await closed;
});
