import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { operations } from '@stoa/generated/operations.ts';
import { longestJson } from '@stoa/lib/testing/longest-json.ts';
import { openConnection } from '@stoa/lib/testing/raw-exchange.ts';
import { asGateway, registration } from '../testing/gateways.ts';
import { newAddress } from '../testing/new-address.ts';
import { mintViewer } from '../testing/refusals.ts';
import { startTestControlPlane } from '../testing/test-control-plane.ts';
import type { TestControlPlane } from '../testing/test-control-plane.ts';

let plane: TestControlPlane;
let gatewayKey: string;
let gatewayId: string;
beforeAll(async () => {
  plane = await startTestControlPlane({ STOA_LOG_LEVEL: 'silent' });
  gatewayKey = await plane.mintGatewayKey();
  gatewayId = (await asGateway(plane, gatewayKey).register('bodies')).body.gateway_id;
});
afterAll(() => plane.close());

type Told = { status: number; detail: string; errors?: { pointer: string }[] };
const uuid = '5b1a0e0a-7f1e-4a39-9d4e-3f8d6f5b0c11';
const json = { 'content-type': 'application/json' };

async function send(method: string, path: string, token: string | undefined, body: string | Buffer, headers: Record<string, string> = json) {
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const response = await fetch(plane.url + path, { method, body: body as never, headers: { ...authorization, ...headers } });
  const text = await response.text();
  return { status: response.status, text, body: (text === '' ? {} : JSON.parse(text)) as Told };
}

describe('who asks is judged before what is sent', () => {
  it('at every operation: 401 without a good credential, 403 with one that is of another kind or may only read', async () => {
    const viewer = await mintViewer(plane);
    for (const [id, { method, path, security, isPublic }] of Object.entries(operations)) {
      if (isPublic || method === 'get') continue;
      const tokens = security.includes('gatewayKey' as never)
        ? { 401: [undefined, 'stoa_gk_nobody'], 403: [plane.adminToken, viewer] }
        : { 401: [undefined, 'stoa_op_nobody'], 403: [gatewayKey, ...(['createSignInLink', 'deleteSession'].includes(id) ? [] : [viewer])] };
      for (const [status, each] of Object.entries(tokens)) {
        for (const token of each) {
          const headers = { ...json, 'x-forwarded-for': newAddress() };
          const answer = await send(method.toUpperCase(), path.replaceAll(/\{\w+\}/g, uuid), token, '{"not": "json', headers);
          expect([id, token, answer.status]).toEqual([id, token, Number(status)]);
        }
      }
    }
  });
});

describe('a body', () => {
  const members = (count: number) => `{${Array.from({ length: count }, (_, index) => `"k${index}":0`).join(',')}}`;
  const targets = [
    { path: () => '/v1/gateway-keys', token: () => plane.adminToken },
    { path: () => '/v1/internal/gateways/register', token: () => gatewayKey },
    { path: () => `/v1/internal/gateways/${gatewayId}/usage`, token: () => gatewayKey },
  ];

  it('of too many members, values or levels is 400 wherever it is sent, and never a long answer', async () => {
    const bodies = [members(330_000), `{"a":[${'1,'.repeat(330_000)}1]}`, '['.repeat(100_000), `{"${'k'.repeat(3_000_000)}":1}`];
    const paths = [
      ...targets.map(({ path, token }) => [path(), token()] as const),
      [`/v1/internal/gateways/${gatewayId}/heartbeat`, gatewayKey] as const,
    ];
    for (const [path, token] of [...paths, ['/v1/session', undefined] as const]) {
      for (const body of bodies) {
        const answer = await send('POST', path, token, body);
        expect([path, [400, 413].includes(answer.status), answer.text.length < 10_000]).toEqual([path, true, true]);
      }
    }
  });

  // What it costs in CPU is measured by experiments/cases/unknown-keys.ts.
  it.each(targets)('of 330,000 unknown members is counted, and never parsed, at $path', async ({ path, token }) => {
    const body = members(330_000);
    const { result, characters } = await longestJson(() => send('POST', path(), token(), body));
    expect([result.status, result.body.detail]).toEqual([400, expect.stringMatching(/^The body has more than \d+ members\.$/)]);
    expect([characters < 10_000, result.text.length < 10_000]).toEqual([true, true]);
  });

  it('with more faults than anybody reads is told of the first 20, and of how many there are', async () => {
    const body = JSON.stringify({ name: 'x', ...Object.fromEntries(Array.from({ length: 25 }, (_, index) => [`k${index}`, 0])) });
    const answer = await send('POST', '/v1/gateway-keys', plane.adminToken, body);
    expect([answer.status, answer.body.errors?.length, answer.body.detail]).toEqual([
      400,
      20,
      'The request has 25 faults. These are the first 20, and 5 more.',
    ]);
  });

  it('with __proto__ in it gets no further than one with another unknown member, and changes nothing', async () => {
    const answer = await send('POST', '/v1/gateway-keys', plane.adminToken, '{"__proto__":{"name":"x"},"constructor":{"prototype":{"polluted":1}}}');
    expect(answer.status).toBe(400);
    expect(answer.body.errors?.map(({ pointer }) => pointer).sort()).toEqual(['/body/__proto__', '/body/constructor', '/body/name']);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  it('holds what it should at the size that the contract allows', async () => {
    const ack = {
      generation: 1,
      hash: 'x',
      state: 'applied',
      items: Array.from({ length: 20_000 }, (_, index) => ({ id: `i${index}`, state: 'applied', phase: 'verify', reason: 'x' })),
    };
    expect((await send('POST', `/v1/internal/gateways/${gatewayId}/config/ack`, gatewayKey, JSON.stringify(ack))).status).toBe(422); // This gateway was never sent that generation.
  });

  it.each<[string, Record<string, string>, string | Buffer, number]>([
    ['an upper-case media type', { 'content-type': 'APPLICATION/JSON' }, '{"name":"a"}', 201],
    ['parameters in any case', { 'content-type': 'Application/Json ; Charset="UTF-8"' }, '{"name":"a"}', 201],
    ['gzip', { ...json, 'content-encoding': 'GZIP' }, gzipSync('{"name":"a"}'), 201],
    ['gzip that is none', { ...json, 'content-encoding': 'gzip' }, '{"name":"a"}', 400],
    ['gzip that expands beyond the bound', { ...json, 'content-encoding': 'gzip' }, gzipSync(Buffer.alloc(20_000_000, ' ')), 413],
    ['a coding that nobody knows', { ...json, 'content-encoding': 'rot13' }, '{"name":"a"}', 415],
    ['another charset', { 'content-type': 'application/json; charset=utf-16' }, '{"name":"a"}', 415],
    ['bytes that are no UTF-8', json, Buffer.from([0x22, 0xff, 0x22]), 400],
    ['another media type', { 'content-type': 'text/json' }, '{"name":"a"}', 415],
    ['nothing', json, '', 400],
  ])('with %s is taken or refused as HTTP says', async (_what, headers, body, status) => {
    expect((await send('POST', '/v1/gateway-keys', plane.adminToken, body, headers)).status).toBe(status);
  });

  it.each([
    ['ends too early', 'multipart/form-data; boundary=x', '--x\r\nContent-Disposition: form-data; name="document"; filename="a"\r\n\r\nopenapi'],
    ['has no boundary', 'multipart/form-data', ''],
  ])('that is a form which %s is 400 and says so', async (_what, type, body) => {
    const answer = await send('POST', '/v1/apis', plane.adminToken, body, { 'content-type': type });
    expect([answer.status, answer.body.detail]).toEqual([400, expect.stringMatching(/^The form cannot be read: /)]);
  });

  it('is answered alike whatever forms of answer the client accepts', async () => {
    for (const accept of ['*/*', 'application/*', 'APPLICATION/JSON', 'application/json;q=0.1, */*;q=0']) {
      expect((await fetch(`${plane.url}/v1/gateways`, { headers: { accept, authorization: `Bearer ${plane.adminToken}` } })).status).toBe(200);
    }
  });
});

describe('a refusal', () => {
  it.each([
    ['413, declared', (size: number) => `Content-Length: ${size}\r\n\r\n`, '', 413],
    ['413, in chunks', (size: number) => `Transfer-Encoding: chunked\r\n\r\n${size.toString(16)}\r\n`, '\r\n0\r\n\r\n', 413],
  ])('(%s) is read by a client that sends all of its body first and wants its connection closed', async (_what, head, end, status) => {
    const connection = await openConnection(plane.url);
    const body = 'x'.repeat(12_000_000);
    connection.send(
      `POST /v1/gateway-keys HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${plane.adminToken}\r\nConnection: close\r\nContent-Type: application/json\r\n${head(body.length)}`,
    );
    connection.socket.pause();
    connection.send(body + end);
    await new Promise((resolve) => connection.socket.write('', resolve));
    connection.socket.resume();
    expect(await connection.ended).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  });

  it('before a body is read leaves the connection good for the next request', async () => {
    const connection = await openConnection(plane.url);
    connection.send('POST /v1/gateway-keys HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n');
    expect(await connection.answer()).toMatchObject({ status: 401 });
    connection.send(`${'x'.repeat(1_000_000)}GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n`);
    expect(await connection.answer()).toMatchObject({ status: 200 });
    connection.socket.destroy();
  });
});

it('a heartbeat with many unknown members is taken in a pass, and the first of them are shown', async () => {
  const unknown = Object.fromEntries(Array.from({ length: 3000 }, (_, index) => [`k${index}`, 0]));
  expect((await asGateway(plane, gatewayKey).heartbeat(gatewayId, unknown)).status).toBe(200);
  expect((await asGateway(plane, gatewayKey).register('many', { ...registration('many'), ...unknown })).status).toBe(200);
});
