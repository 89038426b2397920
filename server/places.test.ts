import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { asGateway } from './testing/gateways.ts';
import { startTestControlPlane } from './testing/test-control-plane.ts';
import type { TestControlPlane } from './testing/test-control-plane.ts';

let plane: TestControlPlane;
let key: string;
let gateway: string;
let gone: AbortController;

beforeAll(async () => {
  plane = await startTestControlPlane();
  key = await plane.mintGatewayKey();
  const connect = { gateway_mode: 'connect', features: ['subscriptions', 'plans', 'dry_run'], target_gateway: { type: 'kong' } };
  gateway = (await asGateway(plane, key).register('kong-01', connect)).body.gateway_id;
});
afterAll(() => plane.close());
beforeEach(() => {
  gone = new AbortController();
});
afterEach(async () => {
  gone.abort();
  await expect.poll(() => plane.context.desired.waiting + plane.context.dryRuns.waiting, { timeout: 20_000 }).toBe(0);
});

type Told = { status: number; retryAfter: string | null; detail?: string; code?: string };
const ask = async (path: string, token: string, init: RequestInit = {}): Promise<Told> => {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...init.headers };
  const response = await fetch(plane.url + path, { ...init, headers, signal: gone.signal });
  const { detail, code } = (response.status < 400 ? {} : await response.json()) as { detail?: string; code?: string };
  return { status: response.status, retryAfter: response.headers.get('retry-after'), ...(detail && { detail }), ...(code && { code }) };
};
const openMany = (open: () => Promise<Told>) => {
  for (let n = 0; n < 8; n += 1) open().catch(() => undefined);
};

it('An instance has eight polls for its configuration open, and the next is told why it gets none and when to come again; another instance is not', async () => {
  const config = `/v1/internal/gateways/${gateway}/config`;
  const etag = (await fetch(plane.url + config, { headers: { authorization: `Bearer ${key}` } })).headers.get('etag') ?? '';
  const poll = (path = config, tag = etag) => ask(`${path}?wait_s=50`, key, { headers: { 'if-none-match': tag } });
  openMany(poll);
  await expect.poll(() => plane.context.desired.waiting, { timeout: 20_000 }).toBe(8);
  expect(await poll()).toEqual({
    status: 429,
    retryAfter: '10',
    code: 'too_many_at_once',
    detail: expect.stringContaining('eight long polls open already'),
  });
  // Without waiting it has an answer at once.
  expect((await ask(config, key, { headers: { 'if-none-match': etag } })).status).toBe(304);
  const questions = `/v1/internal/gateways/${gateway}/dry-run?wait_s=50`;
  openMany(() => ask(questions, key));
  await expect.poll(() => plane.context.dryRuns.waiting, { timeout: 20_000 }).toBe(8);
  expect((await ask(questions, key)).status).toBe(429);
});

it('A tenant has eight dry runs under way, and the next is told so and when to come again', async () => {
  const document = { openapi: '3.1.0', info: { title: 'Shop', version: '1' }, servers: [{ url: 'http://127.0.0.1:9' }], paths: {} };
  const { api_id } = (await plane.request<{ api_id: string }>('POST', '/v1/apis', { body: { name: 'shop', document } })).body;
  const body = JSON.stringify({ api_id, targets: { instance_names: ['kong-01'] } });
  const rehearse = () => ask('/v1/deployments?dry_run=true', plane.adminToken, { method: 'POST', body });
  openMany(rehearse);
  await expect.poll(() => plane.context.dryRuns.waiting, { timeout: 20_000 }).toBe(8);
  expect(await rehearse()).toEqual({
    status: 429,
    retryAfter: '8',
    code: 'too_many_at_once',
    detail: expect.stringContaining('wait for their answers already'),
  });
});
