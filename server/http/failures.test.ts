import { once } from 'node:events';
import { createServer } from 'node:http';
import { closeGracefully, listen } from '@stoa/lib/listen.ts';
import { createLogger } from '@stoa/lib/log.ts';
import express from 'express';
import { expect, it } from 'vitest';
import { answerFailure, answerFailures, identifyRequest } from './failures.ts';

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

it('of a value that fits no form is told once what the forms are, and of one that means a form what is wrong in it', async () => {
  const none = { path: '/body/document', message: 'must match exactly one schema in oneOf', errorCode: 'oneOf.openapi.validation' };
  const forms = ['string', 'object'].map((type) => ({ ...none, message: `must be ${type}`, errorCode: 'type.openapi.validation' }));
  const inside = { path: '/body/document/info', message: "must have required property 'info'", errorCode: 'required.openapi.validation' };
  expect(await faultsOf([...forms, none])).toEqual([{ pointer: '/body/document', message: 'must be string, or must be object' }]);
  expect(await faultsOf([...forms, inside, none])).toEqual([{ pointer: '/body/document/info', message: 'is required' }]);
  expect(await faultsOf([none])).toEqual([{ pointer: '/body/document', message: none.message }]);
});

async function faultsOf(errors: object[]): Promise<unknown> {
  const log = createLogger({ program: 'test', level: 'fatal' });
  const failure = Object.assign(new Error('Bad Request'), { status: 400, errors });
  const app = express().use(identifyRequest, () => Promise.reject(failure), answerFailures(log, []));
  const server = createServer(app);
  try {
    const answer = await fetch(await listen(server, { host: '127.0.0.1', port: 0 }));
    return ((await answer.json()) as { errors: unknown }).errors;
  } finally {
    await closeGracefully(server, 0);
  }
}
