import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import { closeGracefully, listen } from '@stoa/lib/listen.ts';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { callTool } from '../decide/call-tool.ts';
import { openingRest, agent, bearer } from '../doors/rest/testing/fixture.ts';
import type { Caller } from '../model.ts';
import { runtimeSecrets } from '../snapshot/secrets.ts';
import { apiItem, compile, configOf, getOrder } from '../testing/fixtures.ts';

const tls = (name: string): string => join(import.meta.dirname, '../../../lib/testing/tls', name);
const secrets = runtimeSecrets({
  shown: `file:${tls('renewed.pem')}`,
  'shown-key': `file:${tls('renewed.key')}`,
  other: `file:${tls('server.key')}`,
});
const [cert, key, ca] = [readFileSync(tls('server.pem')), readFileSync(tls('server.key')), readFileSync(tls('renewed.pem'))];
const shownBy: unknown[] = [];
const server = createServer({ cert, key, ca, requestCert: true, rejectUnauthorized: false }, (request: IncomingMessage, response: ServerResponse) => {
  const socket = request.socket as TLSSocket;
  shownBy.push(socket.authorized && socket.getPeerCertificate().subject.CN);
  response.end('an order');
});
const before = getCACertificates('default');
let url: string;
beforeAll(async () => {
  setDefaultCACertificates([...before, readFileSync(tls('ca.pem'), 'utf8')]);
  url = (await listen(server, { host: '127.0.0.1', port: 0 })).replace('http:', 'https:').replace('127.0.0.1', 'localhost');
});
afterAll(async () => {
  setDefaultCACertificates(before);
  await closeGracefully(server, 0);
});
afterEach(() => void shownBy.splice(0));

const { open } = openingRest();
const identity = (keyName = 'shown-key') => ({ kind: 'client_certificate' as const, certificate: { runtime: 'shown' }, key: { runtime: keyName } });
const caller: Caller = { consumerId: agent.consumer_id, consumerName: agent.name, keyId: randomUUID() };

describe('the certificate of the gateway', () => {
  it('is shown to the upstream that wants it, by every door, and to no other API there', async () => {
    const api = apiItem({ upstream: { url, credentials: [identity()] } });
    const plain = apiItem({ name: 'plain', upstream: { url }, operations: [getOrder({ tool: { ...getOrder().tool, name: 'plain_getOrder' } })] });
    const { engine, ask } = await open(configOf(agent, api), {});
    engine.replace(compile(configOf(agent, api, plain), ['mcp', 'rest'], secrets).snapshot);
    const { snapshot } = engine;
    await callTool(engine, { snapshot, caller, toolName: 'orders_getOrder', args: { order_id: '7' }, requestId: randomUUID() });
    await ask('/apis/orders/orders/7');
    await ask('/apis/plain/orders/7', bearer);
    expect(shownBy).toEqual(['renewed.invalid', 'renewed.invalid', false]);
  });

  it.each([
    ['whose key is another one', identity('other'), 'The secret other is not the key of the certificate shown.'],
    ['that is no certificate', { ...identity(), certificate: { runtime: 'shown-key' } }, 'What should be a client certificate is none in PEM.'],
  ])('%s has the API rejected', (_says, credential, why) => {
    const { items } = compile(configOf(apiItem({ upstream: { url, credentials: [credential] } })), ['mcp'], secrets);
    expect(items).toMatchObject([{ state: 'rejected', reason: expect.stringContaining(why) as string }]);
  });

  it('is shown to no upstream that is not of https', () => {
    const { items } = compile(configOf(apiItem({ upstream: { url: 'http://127.0.0.1:9', credentials: [identity()] } })), ['mcp'], secrets);
    expect(items).toMatchObject([{ state: 'rejected', reason: expect.stringContaining('upstreams of https alone') as string }]);
  });
});
