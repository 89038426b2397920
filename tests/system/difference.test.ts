import { createServer, request as sendRequest } from 'node:http';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { callByOlderSdk } from '@stoa/contract-tests/subjects/mcp-clients.ts';
import { startRuntimeProcess } from '@stoa/contract-tests/subjects/runtime-process.ts';
import type { Running } from '@stoa/contract-tests/subjects/runtime-process.ts';
import { until } from '@stoa/contract-tests/until.ts';
import { startTestControlPlane } from '@stoa/server/testing/test-control-plane.ts';
import type { TestControlPlane } from '@stoa/server/testing/test-control-plane.ts';

const tools = 100;
/** More than a key takes, head and all, and less than a third of the configuration. */
const much = 2_500;

/** What the configuration feed answered, head and all. */
type Answered = { readonly status: number; readonly bytes: number };

let plane: TestControlPlane;
let proxy: Awaited<ReturnType<typeof startProxy>>;
let upstream: Awaited<ReturnType<typeof listen>>;
let gateway: Running;
let startGateway: () => Promise<Running>;
let consumer: string;
let apiId: string;
let directory: string;

beforeAll(async () => {
  plane = await startTestControlPlane();
  proxy = await startProxy(() => plane.url);
  upstream = await listen(createServer((_request, response) => response.setHeader('content-type', 'application/json').end('{}')));
  directory = await mkdtemp(join(tmpdir(), 'stoa-difference-'));
  const key = await plane.mintGatewayKey();
  startGateway = () =>
    startRuntimeProcess(join(import.meta.dirname, '../../runtimes/gateway/main.ts'), {
      STOA_CONTROL_PLANE_URL: proxy.url,
      STOA_GATEWAY_KEY: key,
      STOA_INSTANCE_NAME: 'edge',
      STOA_ENVIRONMENT: 'production',
      STOA_STATE_DIR: directory,
      STOA_LISTEN: '127.0.0.1:0',
    });
  // A configuration that would be seen on the wire if it were sent again.
  for (const name of ['ledger', 'payments', 'branches']) await deploy(name, documentOf(name, tools));
  apiId = await deploy('small', documentOf('small', 10));
  consumer = (await ask<{ consumer_id: string }>('POST', '/v1/consumers', { name: 'agent' })).consumer_id;
  gateway = await startGateway();
  await until('the first key opens a tool', answersTo(await mintKey()));
}, 120_000);
afterAll(async () => {
  await gateway.kill();
  await plane.close();
  await proxy.close();
  await upstream.close();
  await rm(directory, { recursive: true, force: true });
});

async function ask<Body>(method: string, path: string, body?: unknown): Promise<Body> {
  const { status, body: answer } = await plane.request(method, path, { body });
  expect(status, `${method} ${path}: ${JSON.stringify(answer)}`).toBeLessThan(300);
  return answer as Body;
}

/** So long that it does not pack well: what was sent whole is larger than any difference. */
const documentOf = (name: string, count: number, edition = 1) => ({
  openapi: '3.0.3',
  info: { title: name, version: '1.0.0' },
  servers: [{ url: upstream.url }],
  paths: Object.fromEntries(
    Array.from({ length: count }, (_, at) => [
      `/${name}/${at}`,
      {
        get: {
          operationId: `get${at}`,
          summary: `Entry ${at} in edition ${at === 0 ? edition : 1}`,
          description: `${name} ${(at + 1) * 7919} ${((at + 1) * 104_729) % 65_537} `.repeat(8),
          responses: { 200: { description: 'It.' } },
        },
      },
    ]),
  ),
});

async function deploy(name: string, document: object): Promise<string> {
  const { api_id } = await ask<{ api_id: string }>('POST', '/v1/apis', { name, document, open_to_all_consumers: true });
  await ask('POST', '/v1/deployments', { api_id, targets: { environments: ['production'] } });
  return api_id;
}

const mintKey = async (): Promise<string> => (await ask<{ secret: string }>('POST', `/v1/consumers/${consumer}/keys`, {})).secret;

const answersTo = (key: string) => () =>
  callByOlderSdk(`${gateway.url}/mcp`, key, 'small_get0').then(
    ({ ok }) => ok,
    () => false,
  );

/** Bytes that the feed carries to the Gateway from now on until something is so. */
async function carriedUntil(what: string, isSo: () => Promise<boolean>): Promise<number> {
  await until(what, isSo);
  return proxy.answered.splice(0).reduce((sum, { bytes }) => sum + bytes, 0);
}

it('moves a key and not the configuration when one is minted', async () => {
  const whole = proxy.answered.splice(0).reduce((sum, { bytes }) => sum + bytes, 0);
  expect(whole).toBeGreaterThan(3 * much);
  const key = await mintKey();
  expect(await carriedUntil('the new key opens a tool', answersTo(key))).toBeLessThan(much);
});

it('moves no more than twice an API when that API is edited', async () => {
  const edited = documentOf('small', 10, 2);
  await ask('PUT', `/v1/apis/${apiId}`, { document: edited });
  const carried = await carriedUntil('the edit arrives', () => Promise.resolve(proxy.answered.some(({ status }) => status === 200)));
  expect(carried).toBeLessThan(2 * JSON.stringify(edited).length);
});

it('moves nothing again to a Gateway that starts from its disk, nor after a restart of the Control Plane', async () => {
  await gateway.stop();
  proxy.answered.splice(0);
  gateway = await startGateway();
  const key = await mintKey();
  expect(await carriedUntil('a key minted after the start opens a tool', answersTo(key))).toBeLessThan(much);
  const restarted = await plane.startAnother();
  const before = plane;
  plane = restarted;
  await before.close();
  await until('the Gateway waits at the server that was restarted', () => Promise.resolve(plane.context.desired.waiting > 0));
  const later = await mintKey();
  expect(await carriedUntil('a key minted after the restart opens a tool', answersTo(later))).toBeLessThan(much);
});

async function listen(server: ReturnType<typeof createServer>) {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Passes everything on to a Control Plane, and counts what comes back of configuration. */
async function startProxy(target: () => string) {
  const answered: Answered[] = [];
  const server = createServer((request, response) => {
    const { method, headers, url = '' } = request;
    const onward = sendRequest(new URL(url, target()), { method, headers }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('error', () => response.destroy());
      answer.on('end', () => {
        const body = Buffer.concat(chunks);
        const { statusCode: status = 0, rawHeaders } = answer;
        if (/\/config(?:\/items\/|\?|$)/.test(url)) answered.push({ status, bytes: body.length + rawHeaders.join('').length });
        response.writeHead(status, rawHeaders).end(body);
      });
    });
    onward.on('error', () => response.destroy());
    response.on('close', () => onward.destroy());
    request.pipe(onward);
  });
  return { answered, ...(await listen(server)) };
}
