import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startKongSimulator } from '@stoa/examples/kong-simulator/main.ts';
import type { KongSimulator } from '@stoa/examples/kong-simulator/main.ts';
import { validateConfigAck, validateObservedState, validateReadiness, validateRegisterRequest, validateVersion } from '@stoa/generated/validators.js';
import { createLogger } from '@stoa/lib/log.ts';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { settings } from './config.ts';
import { plan, validate } from './plan-command.ts';
import { startConnect } from './start.ts';
import type { Connect } from './start.ts';
import { api, consumer, keyAuth } from './testing/config.ts';
import { serveControlPlane } from './testing/control-plane.ts';
import type { ServedControlPlane } from './testing/control-plane.ts';

const closers: (() => unknown)[] = [];
/** Waits as long as a slow machine may need. */
const eventually = (check: () => unknown): Promise<unknown> => vi.waitFor(check, { timeout: 20_000 });
let kong: KongSimulator;
let controlPlane: ServedControlPlane;
let stateDir: string;

beforeEach(async () => {
  kong = await startKongSimulator({ adminPort: 0, proxyPort: 0 });
  controlPlane = await serveControlPlane();
  stateDir = await mkdtemp(join(tmpdir(), 'stoa-connect-'));
  closers.push(
    () => rm(stateDir, { recursive: true }),
    () => kong.close(),
    () => controlPlane.close(),
  );
});
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function start(env: Record<string, string> = {}): Promise<Connect> {
  const loaded = settings.load({
    argv: [],
    env: {
      STOA_CONTROL_PLANE_URL: controlPlane.url,
      STOA_GATEWAY_KEY: 'stoa_gk_test',
      STOA_INSTANCE_NAME: 'kong-01',
      STOA_ENVIRONMENT: 'production',
      STOA_STATE_DIR: stateDir,
      STOA_LISTEN: '127.0.0.1:0',
      STOA_TARGET_GATEWAY_TYPE: 'kong',
      STOA_TARGET_GATEWAY_URL: kong.adminUrl,
      STOA_RESYNC_INTERVAL: '1s',
      ...env,
    },
  });
  const connect = await startConnect(loaded, createLogger({ program: 'test', level: 'silent' }));
  let stopped = false;
  const stop = connect.stop;
  closers.push(() => (stopped ? undefined : stop()));
  return { ...connect, stop: () => ((stopped = true), stop()) };
}

const orders = api('orders');
const items = [orders, keyAuth(orders), consumer('agent', 'the-agents-key')];
const lastAck = (): { generation: number; state: string } | undefined => controlPlane.fake.named('ack').at(-1)?.body;

describe('a Connect', () => {
  it('registers, applies what is deployed, acknowledges it, and reports what it found', async () => {
    controlPlane.deploy(items);
    const connect = await start();
    await eventually(() => expect(lastAck()).toMatchObject({ generation: 1, state: 'applied' }));
    const registered = controlPlane.fake.named('register')[0]?.body;
    expect(validateRegisterRequest(registered)).toBe(true);
    expect(registered?.['cannot_enforce']).toContainEqual({ kind: 'approval', reason: 'the open-source Kong has no call wait for a person' });
    expect(registered).toMatchObject({ gateway_mode: 'connect', instance_name: 'kong-01', target_gateway: { type: 'kong', url: kong.adminUrl } });
    expect(validateConfigAck(lastAck())).toBe(true);
    await eventually(() => expect(controlPlane.fake.named('observed')).not.toHaveLength(0));
    const observed = controlPlane.fake.named('observed')[0]?.body;
    expect(validateObservedState(observed)).toBe(true);
    expect(observed).toMatchObject({ target_gateway: { version: '3.9.3' }, drift: [] });
    // How the gateway is goes along, in words with the report and in numbers with metrics.
    await eventually(() => expect(controlPlane.fake.named('observed').at(-1)?.body).toMatchObject({ health: { state: 'ready' } }));
    await eventually(async () => expect(await (await fetch(`${connect.url}/metrics`)).text()).toContain('stoa_connect_target_ready 1\n'));
  });

  it('follows each new deployment, down to nothing', async () => {
    await start();
    controlPlane.deploy(items);
    await eventually(() => expect(lastAck()).toMatchObject({ generation: 1, state: 'applied' }));
    controlPlane.deploy([]);
    await eventually(() => expect(lastAck()).toMatchObject({ generation: 2, state: 'applied' }));
    expect(((await (await fetch(`${kong.adminUrl}/services`)).json()) as { data: unknown[] }).data).toEqual([]);
  });

  it('lesson 20: comes up before its gateway, is not ready meanwhile, and configures it as soon as it is there', async () => {
    const port = Number(new URL(kong.adminUrl).port);
    await kong.close();
    controlPlane.deploy(items);
    const connect = await start();
    await eventually(() => expect(lastAck()).toMatchObject({ state: 'rejected', items: [{ phase: 'fetch' }, {}, {}] }));
    const readiness = await fetch(`${connect.url}/readyz`);
    expect(readiness.status).toBe(503);
    expect(await readiness.json()).toMatchObject({ code: 'target_unavailable', detail: expect.stringContaining('STOA_TARGET_GATEWAY_URL') });
    expect((await fetch(`${connect.url}/healthz`)).status).toBe(200);
    kong = await startKongSimulator({ adminPort: port, proxyPort: 0 });
    await eventually(() => expect(lastAck()).toMatchObject({ state: 'applied' }));
    expect((await fetch(`${connect.url}/readyz`)).status).toBe(200);
  });

  it('answers probes as the contract says, and nothing else', async () => {
    controlPlane.deploy(items);
    const connect = await start();
    await eventually(async () => expect((await fetch(`${connect.url}/readyz`)).status).toBe(200));
    expect(validateReadiness(await (await fetch(`${connect.url}/readyz`)).json())).toBe(true);
    const version: unknown = await (await fetch(`${connect.url}/version`)).json();
    expect(validateVersion(version)).toBe(true);
    expect(version).toMatchObject({ product: 'STOA Connect', gateway_mode: 'connect' });
    const metrics = await (await fetch(`${connect.url}/metrics`)).text();
    expect(metrics).toMatch(/^stoa_connect_target_up 1$/m);
    expect(metrics).toMatch(/^stoa_connect_managed_objects 9$/m);
    expect((await fetch(`${connect.url}/mcp`, { method: 'POST', body: '{}' })).status).toBe(404);
    expect((await fetch(`${connect.url}/healthz`, { method: 'DELETE' })).status).toBe(405);
  });

  it('deregisters when it is stopped, and leaves the gateway as it is', async () => {
    controlPlane.deploy(items);
    const connect = await start();
    await eventually(() => expect(lastAck()).toMatchObject({ state: 'applied' }));
    await connect.stop();
    expect(controlPlane.fake.named('deregister')).toHaveLength(1);
    expect(((await (await fetch(`${kong.adminUrl}/services`)).json()) as { data: unknown[] }).data).toHaveLength(1);
  });

  it('lesson 19: writes nothing more once a newer process holds the lease', async () => {
    controlPlane.deploy(items);
    await start();
    await eventually(() => expect(lastAck()).toMatchObject({ state: 'applied' }));
    const stale = { type: 'about:blank', title: 'Conflict', status: 409, code: 'stale_epoch' };
    for (const call of ['heartbeat', 'register', 'config', 'ack', 'observed'] as const) {
      controlPlane.fake.always(call, () => Response.json(stale, { status: 409, headers: { 'content-type': 'application/problem+json' } }));
    }
    controlPlane.deploy([]);
    await eventually(() => expect(controlPlane.fake.named('register').length).toBeGreaterThan(1));
    const route = `${kong.adminUrl}/routes/stoa-orders.getOrder`;
    await fetch(route, { method: 'PATCH', body: '{"methods":["DELETE"]}', headers: { 'content-type': 'application/json' } });
    const writes = (): number => kong.exchanges.filter(({ method }) => method !== 'GET').length;
    const [before, probes] = [writes(), kong.exchanges.length];
    await eventually(() => expect(kong.exchanges.length).toBeGreaterThan(probes + 1));
    expect(writes()).toBe(before);
  });
});

describe('plan and validate', () => {
  const given = (env: Record<string, string> = {}) => ({
    argv: [],
    env: {
      STOA_CONTROL_PLANE_URL: controlPlane.url,
      STOA_GATEWAY_KEY: 'stoa_gk_test',
      STOA_INSTANCE_NAME: 'kong-01',
      STOA_ENVIRONMENT: 'production',
      STOA_STATE_DIR: stateDir,
      STOA_TARGET_GATEWAY_URL: kong.adminUrl,
      STOA_LOG_LEVEL: 'fatal',
      ...env,
    },
  });
  const loadedFor = (env: Record<string, string> = {}) => settings.load(given(env));
  const validated = () => validate(loadedFor(), settings.judge(given()));

  it('plan tells beside the running service what it would write now, and ends with 1 where there is a difference', async () => {
    await expect(plan(loadedFor())).rejects.toThrow('No configuration');
    controlPlane.deploy(items);
    // It looks for drift again when the test is long over.
    await start({ STOA_RESYNC_INTERVAL: '1h' });
    await eventually(async () => expect(await plan(loadedFor())).toBe('Nothing would be written.'));
    await fetch(`${kong.adminUrl}/routes/stoa-orders.getOrder`, {
      method: 'PATCH',
      body: '{"methods":["DELETE"]}',
      headers: { 'content-type': 'application/json' },
    });
    const asked = controlPlane.fake.calls.length;
    await expect(plan(loadedFor())).rejects.toMatchObject({
      exitCode: 1,
      output: '~ route stoa-orders.getOrder: methods: DELETE → GET\n1 object would be written.',
    });
    expect(controlPlane.fake.calls.slice(asked).map(({ name }) => name)).not.toContain('register');
    // Another key does not prove what is kept, and takes it from nobody.
    await expect(plan(loadedFor({ STOA_GATEWAY_KEY: 'another' }))).rejects.toThrow('No configuration');
    await expect(plan(loadedFor())).rejects.toMatchObject({ exitCode: 1 });
    await expect(plan(loadedFor({ STOA_TARGET_GATEWAY_URL: 'http://127.0.0.1:9' }))).rejects.toThrow('STOA_TARGET_GATEWAY_URL');
  });

  it('validate judges settings, target and the configuration at hand', async () => {
    expect(await validated()).toContain('No configuration that this instance applied is kept');
    controlPlane.deploy(items);
    await start();
    await eventually(async () => expect(await validated()).toContain('every item of it can be expressed'));
    expect(await validated()).toContain('it answers, as kong 3.9.3');
    await kong.close();
    await expect(validated()).rejects.toMatchObject({ exitCode: 1, output: expect.stringContaining('fault  Admin API of kong') });
  });
});

describe('settings', () => {
  it('refuse a gateway type that there is no adapter for, and name those there are', async () => {
    await expect(start({ STOA_TARGET_GATEWAY_TYPE: 'apigee' })).rejects.toThrow('STOA_TARGET_GATEWAY_TYPE must be one of kong');
  });

  it('lesson 32: refuse what they do not know', async () => {
    await expect(start({ STOA_TARGET_GATEWAY_ADDRESS: 'x' })).rejects.toThrow(/STOA_TARGET_GATEWAY_ADDRESS is not a setting/);
  });
});
