import { createServer, request as send } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listen } from '@stoa/lib/listen.ts';
import { installQuickLane } from '@stoa/lib/quick/lane.ts';
import { createApp } from '../app.ts';
import { hashOfNothing } from '../deployments/rendered-item.ts';
import { readDifference } from '../testing/config-difference.ts';
import { asGateway } from '../testing/gateways.ts';
import { startTestControlPlane } from '../testing/test-control-plane.ts';
import type { TestControlPlane } from '../testing/test-control-plane.ts';
import { feedLane } from './feed-lane.ts';
import { quickRuntimeLanes } from './lanes.ts';

let plane: TestControlPlane;
let key: string;
let gatewayId: string;
let items: { hash: string; kind: string }[];
let etag: string;
let hash: string;
let generation: number;
let servers: Server[];
let lane: string;
let ordinary: string;
/** The same lane, asked before Node's server. */
let quick: string;
/** How many the lane left to the ordinary way. */
let left = 0;

beforeAll(async () => {
  plane = await startTestControlPlane();
  key = await plane.mintGatewayKey();
  const gateways = asGateway(plane, key);
  gatewayId = (await gateways.register('fed')).body.gateway_id;
  const document = {
    openapi: '3.1.0',
    info: { title: 'Fed', version: '1.0.0', description: 'Zürich ≠ 東京 '.repeat(500) },
    servers: [{ url: 'http://127.0.0.1:9' }],
    paths: { '/things': { get: { operationId: 'listThings', responses: { 200: { description: 'Things.' } } } } },
  };
  const { body } = await plane.request<{ api_id: string }>('POST', '/v1/apis', { body: { name: 'fed', document } });
  await plane.request('POST', '/v1/deployments', { body: { api_id: body.api_id, targets: { environments: ['production'] } } });
  await plane.request('POST', '/v1/consumers', { body: { name: 'zoe' } });
  const read = await readDifference(plane, key, gatewayId);
  items = read.manifest.changed;
  ({ hash, generation } = read.manifest);
  etag = read.etag ?? '';
  const app: RequestListener = createApp(plane.context);
  const listeners = [feedLane(plane.context, (request, response) => void ((left += 1), app(request, response))), app];
  servers = [...listeners, app].map((listener) => createServer(listener));
  installQuickLane(servers[2] as Server, quickRuntimeLanes(plane.context));
  [lane = '', ordinary = '', quick = ''] = await Promise.all(servers.map((server) => listen(server, { host: '127.0.0.1', port: 0 })));
});
afterAll(async () => {
  for (const server of servers) server.close().closeAllConnections();
  await plane.close();
});

type Asked = { method?: string; path?: string; token?: string | null; headers?: Record<string, string>; body?: string | Buffer };

/** What pages in browsers need, and what is of one answer alone. */
const ofPagesOrOfOne = [
  'content-security-policy',
  'referrer-policy',
  'cross-origin-opener-policy',
  'x-request-id',
  'date',
  'connection',
  'keep-alive',
];

function ask(base: string, { method = 'GET', path = '', token = key, headers = {}, body }: Asked) {
  return new Promise<object>((resolve, reject) => {
    const sent = send(`${base}/v1/internal/gateways/${gatewayId}/config${path}`, {
      method,
      headers: { ...(token !== null && { authorization: `Bearer ${token}` }), ...headers },
    });
    sent.on('error', reject).on('response', (answer) => {
      const kept = Object.entries(answer.headers).filter(([name]) => !ofPagesOrOfOne.includes(name));
      buffer(answer).then((bytes) => {
        const text = bytes.toString(answer.headers['content-encoding'] === 'gzip' ? 'base64' : 'utf8');
        resolve({ status: answer.statusCode, headers: Object.fromEntries(kept), body: text.replace(/,"request_id":"[^"]+"/, '') });
      }, reject);
    });
    sent.end(body);
  });
}

const json = { 'content-type': 'application/json' };
const ack = (more: object = {}): Asked => ({
  method: 'POST',
  path: '/ack',
  headers: json,
  body: JSON.stringify({ generation, hash, state: 'applied', items: [], unlisted_applied: true, ...more }),
});

/** Whether the lane takes it, and how it is answered. */
const calls: Record<string, [isTaken: boolean, status: number, asked: () => Asked]> = {
  'the whole configuration': [true, 200, () => ({})],
  'a difference': [true, 200, () => ({ path: `?base=${hash}` })],
  'a difference to nothing, compressed': [true, 200, () => ({ path: `?wait_s=0&base=${hashOfNothing}`, headers: { 'accept-encoding': 'br, gzip' } })],
  'a difference to nothing, plain': [true, 200, () => ({ path: `?base=${encodeURIComponent(hashOfNothing)}&wait_s=55` })],
  'a state at hand': [true, 304, () => ({ path: `?base=${hash}`, headers: { 'if-none-match': etag } })],
  'a state at hand, with patience': [true, 304, () => ({ path: '?wait_s=1', headers: { 'if-none-match': '*' } })],
  'another state at hand': [true, 200, () => ({ path: '?wait_s=9', headers: { 'if-none-match': '"1-other"' } })],
  'too long a wait': [false, 400, () => ({ path: '?wait_s=56' })],
  'a wait that is none': [false, 400, () => ({ path: '?wait_s=soon' })],
  'a parameter twice': [false, 400, () => ({ path: '?wait_s=1&wait_s=2' })],
  'an unknown parameter': [false, 400, () => ({ path: `?base=${hash}&bass=1` })],
  'no hash': [false, 400, () => ({ path: '?base=sha256:short' })],
  'too long a tag': [false, 400, () => ({ headers: { 'if-none-match': `"${'x'.repeat(256)}"` } })],
  'a head alone': [false, 200, () => ({ method: 'HEAD' })],
  'a body with a question': [false, 200, () => ({ headers: { ...json, 'content-length': '2' }, body: '{}' })],
  nobody: [false, 401, () => ({ token: null })],
  'an unknown key': [false, 401, () => ({ token: `stoa_gw_${'x'.repeat(43)}` })],
  'an operator': [false, 403, () => ({ token: plane.adminToken })],
  'an item': [true, 200, () => ({ path: `/items/${items.find(({ kind }) => kind === 'consumer')?.hash}` })],
  'an item with its colon escaped': [true, 200, () => ({ path: `/items/${encodeURIComponent(items[0]?.hash ?? '')}` })],
  'an item that is not served': [true, 404, () => ({ path: `/items/${hash}` })],
  'an item without a hash': [false, 400, () => ({ path: '/items/sha256:short' })],
  'an item with a query': [false, 400, () => ({ path: `/items/${hash}?base=${hash}` })],
  'an acknowledgement': [true, 204, () => ack()],
  'one of an older generation': [true, 204, () => ack({ generation: 0 })],
  'one of no generation that was issued': [true, 422, () => ack({ generation: 99 })],
  'one with another hash': [true, 422, () => ack({ hash: 'sha256:other' })],
  'one of an older process': [true, 409, () => ack({ lease_epoch: 7 })],
  'one with fields of a later contract': [true, 204, () => ack({ later: { 'a\\b': ['ü'] } })],
  'one with text that cannot be stored': [true, 400, () => ack({ items: [{ id: 'api:x', state: 'rejected', reason: '\0' }] })],
  'one with missing fields': [false, 400, () => ack({ state: undefined, items: undefined })],
  'one that is no JSON': [true, 400, () => ({ ...ack(), body: '{"generation":' })],
  'one that is no UTF-8': [true, 400, () => ({ ...ack(), body: Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]) })],
  'one that is too deep': [true, 400, () => ({ ...ack(), body: '['.repeat(100) + ']'.repeat(100) })],
  'one of another media type': [false, 415, () => ({ ...ack(), headers: { 'content-type': 'text/plain' } })],
  'one without a body': [false, 415, () => ({ method: 'POST', path: '/ack' })],
  'one with a query': [false, 400, () => ({ ...ack(), path: '/ack?wait_s=1' })],
  'one by another method': [false, 405, () => ({ ...ack(), method: 'PUT' })],
};

describe('the lane of the config feed', () => {
  it.each(Object.keys(calls))('answers as the ordinary way does: %s', async (name) => {
    const [isTaken, status, asked] = calls[name] as (typeof calls)[string];
    const before = left;
    const answer = await ask(lane, asked());
    const expected = await ask(ordinary, asked());
    expect([answer, left - before]).toEqual([expected, isTaken ? 0 : 1]);
    expect(await ask(quick, asked())).toEqual(expected);
    expect(answer).toMatchObject({ status });
  });

  it('looks a key up that is not known by now, and leaves one that is gone to the ordinary way', async () => {
    const before = left;
    plane.context.authenticator.forget();
    expect(await ask(lane, {})).toMatchObject({ status: 200 });
    expect(left).toBe(before);
    const other = await plane.request<{ key: { key_id: string }; secret: string }>('POST', '/v1/gateway-keys', {
      body: { name: 'o' },
    });
    await plane.request('DELETE', `/v1/gateway-keys/${other.body.key.key_id}`);
    expect(await ask(lane, { token: other.body.secret })).toMatchObject({ status: 401 });
    expect(left).toBe(before + 1);
  });
});
