import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { Harness } from './harness.ts';
import type { HarnessOptions } from './harness.ts';

const key = 'stoa_gk_good';
const registration = { instance_name: 'kong-01', gateway_mode: 'connect', version: '1.0.0', features: [], environment: 'production' };
const beat = { status: 'healthy', uptime_s: 1, metrics: {} };
let harness: Harness;
afterEach(() => harness.close());

const open = async (options: Partial<HarnessOptions> = {}): Promise<Harness> => (harness = await Harness.start({ key, ...options }));
const send = (method: string, path: string, body?: unknown, token = key): Promise<Response> =>
  fetch(`${harness.url}/v1/internal/gateways${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
const register = async (given: Record<string, unknown> = {}): Promise<Record<string, unknown>> =>
  (await (await send('POST', '/register', { ...registration, boot_id: randomUUID(), ...given })).json()) as Record<string, unknown>;

/** A test that finds no violation proves something only when the harness would have found one. */
describe('the harness', () => {
  it('finds nothing wrong with a client that keeps the contract', async () => {
    await open();
    const { gateway_id, lease_epoch } = await register();
    expect((await send('POST', `/${gateway_id}/heartbeat`, { ...beat, lease_epoch, seq: 1 })).status).toBe(200);
    expect((await send('GET', `/${gateway_id}/config?wait_s=0`)).status).toBe(200);
    expect((await send('POST', `/${gateway_id}/usage`, { boot_id: randomUUID(), seq: 0, records: [] })).status).toBe(200);
    expect((await send('DELETE', `/${gateway_id}?lease_epoch=${lease_epoch}`)).status).toBe(204);
    expect(harness.violations).toEqual([]);
  });

  const violations: [string, () => Promise<unknown>, RegExp][] = [
    [
      'the fields of the first implementation',
      () => send('POST', '/register', { hostname: 'a', mode: 'edge-mcp', capabilities: [] }),
      /required property 'instance_name'/,
    ],
    ['a field that the contract does not know', () => register({ hostname: 'a' }), /\/hostname is not in the contract/],
    [
      'one that lies deeper',
      () => register({ target_gateway: { type: 'kong', flavour: 'enterprise' } }),
      /\/target_gateway\/flavour is not in the contract/,
    ],
    ['a mode of its own', () => register({ gateway_mode: 'edge-mcp' }), /gateway_mode/],
    ['a path of its own', () => send('POST', '/5b1a0e0a-7f1e-4a39-9d4e-3f8d6f5b0c11/ping', beat), /no operation of the contract/],
    ['an id that is none', () => send('POST', '/kong-01/heartbeat', beat), /gateway_id is no UUID/],
    ['a wait beyond the bound', () => send('GET', `/${randomUUID()}/config?wait_s=600`), /wait_s is 600/],
    ['a query of its own', () => send('GET', `/${randomUUID()}/config?since=1`), /query parameter since/],
    [
      'a body without a media type',
      () =>
        fetch(`${harness.url}/v1/internal/gateways/register`, {
          method: 'POST',
          body: JSON.stringify(registration),
          headers: { 'content-type': 'text/plain' },
        }),
      /media type/,
    ],
  ];
  it.each(violations)('records %s', async (_name, misbehave, message) => {
    await open();
    await misbehave();
    expect(harness.violations.join('\n')).toMatch(message);
  });

  it('makes a call take effect and loses the answer', async () => {
    await open();
    const { gateway_id } = await register();
    harness.script('reportUsage', { kind: 'lost-reply' });
    const record = {
      window_start: '2026-11-22T18:24:00.000Z',
      api_id: randomUUID(),
      operation_id: 'a',
      door: 'mcp',
      calls: 2,
      errors: 0,
      denied: 0,
      duration_ms: 1,
    };
    const batch = { boot_id: randomUUID(), seq: 0, records: [record] };
    await expect(send('POST', `/${gateway_id}/usage`, batch)).rejects.toThrow();
    expect(await (await send('POST', `/${gateway_id}/usage`, batch)).json()).toMatchObject({ duplicate: true });
    expect(harness.model.counted).toEqual([record]);
  });

  it('fences, forgets, refuses and waits as a Control Plane does', async () => {
    await open();
    const { gateway_id } = await register();
    const taken = await register();
    expect(taken).toMatchObject({ gateway_id, lease_epoch: 2 });
    expect((await send('POST', `/${gateway_id}/heartbeat`, { ...beat, lease_epoch: 1 })).status).toBe(409);
    expect((await send('POST', `/${gateway_id}/heartbeat`, beat, 'stoa_gk_bad')).status).toBe(401);
    const etag = (await send('GET', `/${gateway_id}/config`)).headers.get('etag') ?? '';
    const poll = fetch(`${harness.url}/v1/internal/gateways/${gateway_id}/config?wait_s=30`, {
      headers: { authorization: `Bearer ${key}`, 'if-none-match': etag },
    });
    harness.model.publish([]);
    expect(await (await poll).json()).toMatchObject({ generation: 1 });
    harness.model.forgetInstances();
    expect((await send('POST', `/${gateway_id}/heartbeat`, beat)).status).toBe(404);
    expect(harness.violations).toEqual([]);
  });

  it('can be a server of the ADR alone', async () => {
    await open({ personality: 'adr-only' });
    const reply = await register();
    expect(Object.keys(reply).sort()).toEqual(['gateway_id', 'heartbeat_interval_s']);
    const answer = await send('POST', `/${String(reply['gateway_id'])}/heartbeat`, beat);
    expect([answer.status, await answer.text()]).toEqual([200, '']);
    expect((await send('GET', `/${String(reply['gateway_id'])}/config`)).headers.get('content-type')).toBe('text/html');
  });
});
