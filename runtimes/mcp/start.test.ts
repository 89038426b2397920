import { createServer } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listen } from '@stoa/lib/listen.ts';
import { createLogger } from '@stoa/lib/log.ts';
import { defineSettings } from '@stoa/lib/settings.ts';
import { ask, configOf, modern, operations, send, startUpstream } from './doors/mcp/testing/fixture.ts';
import type { Upstream } from './doors/mcp/testing/fixture.ts';
import { runtimeSettings } from './settings.ts';
import type { RuntimeSettings } from './settings.ts';
import { doors } from './doors/table.ts';
import { startRuntime } from './start.ts';
import type { Runtime, RuntimeOptions } from './start.ts';
import { fakeConnection } from './testing/fake-connection.ts';

const program = { name: 'stoa-test', version: '0.0.0', description: 'A runtime under test.' };
const minimal = { STOA_CONTROL_PLANE_URL: 'http://127.0.0.1:9', STOA_GATEWAY_KEY: 'stoa_gk_test', STOA_LISTEN: '127.0.0.1:0' };

function settingsOf(env: Record<string, string> = {}): RuntimeSettings {
  return defineSettings(program, runtimeSettings({ program: 'test', listen: '127.0.0.1:8081' })).load({ argv: [], env: { ...minimal, ...env } });
}

describe('a runtime', () => {
  let upstream: Upstream;
  const started: Runtime[] = [];
  const start = async (connect: RuntimeOptions['connect'], extra: Partial<RuntimeOptions> = {}): Promise<Runtime> => {
    const log = createLogger({ program: 'test', level: 'silent' });
    const fixed = { program: 'stoa-test', product: 'STOA Gateway', gatewayMode: 'edge_mcp', doors: [doors.mcp], log } as const;
    const runtime = await startRuntime({ ...fixed, settings: settingsOf(), ...extra, ...(connect !== undefined && { connect }) });
    started.push(runtime);
    return runtime;
  };
  beforeEach(async () => {
    upstream = await startUpstream();
  });
  afterEach(async () => {
    await Promise.all(started.splice(0).map((runtime) => runtime.stop()));
    upstream.server.closeAllConnections();
    upstream.server.close();
  });

  it('lesson 28: serves and is ready from what it kept, while the Control Plane is away, and says that it is stale', async () => {
    const { url } = await start(fakeConnection(configOf([operations.getOrder], upstream.url)).connect);
    const { message } = await ask(`${url}/mcp`, modern, 'tools/call', { name: 'getOrder', arguments: { id: 'o1' } });
    expect(message).toMatchObject({ result: { structuredContent: { id: 'o1' } } });
    const ready = await send(`${url}/readyz`, { method: 'GET' });
    expect(ready).toMatchObject({ status: 200, message: { status: 'ready', config: { state: 'stale', generation: 1 } } });
  });

  it('lesson 28: is not ready before it was ever given anything, and is with an empty configuration', async () => {
    const connection = fakeConnection();
    const { url } = await start(connection.connect);
    expect((await send(`${url}/readyz`, { method: 'GET' })).status).toBe(503);
    expect(connection.seen.options?.report().status).toBe('degraded');
    await connection.apply(configOf([], upstream.url));
    expect((await send(`${url}/readyz`, { method: 'GET' })).status).toBe(200);
    expect(connection.seen.options?.report().status).toBe('healthy');
  });

  it('says in its readiness what its chain names and its tenant has not', async () => {
    const { connect } = fakeConnection(configOf([operations.getOrder], upstream.url));
    const { url } = await start(connect, { settings: settingsOf({ STOA_MCP_CHAIN: 'token=nowhere,key,anonymous=nobody' }) });
    const { message } = await send(`${url}/readyz`, { method: 'GET' });
    expect(message).toMatchObject({ status: 'ready', unknown_credentials: ['token=nowhere', 'anonymous=nobody'] });
  });

  it('lesson 26: a new configuration takes effect without a restart, and acknowledges it', async () => {
    const connection = fakeConnection(configOf([operations.getOrder], upstream.url));
    const { url } = await start(connection.connect);
    const next = configOf([operations.textOrder], upstream.url, [], 2);
    const outcome = await connection.apply(next);
    expect(outcome).toEqual({ state: 'applied', items: [] });
    const { message } = await ask(`${url}/mcp`, modern, 'tools/list');
    expect(message).toMatchObject({ result: { tools: [{ name: 'textOrder' }] } });
  });

  it('registers as what its settings say', async () => {
    const connection = fakeConnection();
    const settings = settingsOf({
      STOA_INSTANCE_NAME: 'edge-1',
      STOA_ENVIRONMENT: 'production',
      STOA_LABELS: 'region=eu',
      STOA_PUBLIC_URL: 'https://mcp.example/',
    });
    await start(connection.connect, { settings });
    expect(connection.seen.options?.instance).toMatchObject({
      instance_name: 'edge-1',
      gateway_mode: 'edge_mcp',
      environment: 'production',
      labels: { region: 'eu' },
    });
    expect(connection.seen.endpoints).toEqual({ mcp: 'https://mcp.example/mcp', health: 'https://mcp.example/healthz' });
  });

  it('finishes the calls in flight, hands their usage over and deregisters last when it is stopped', async () => {
    const connection = fakeConnection(configOf([operations.slowOrder], upstream.url));
    const runtime = await start(connection.connect);
    const slow = upstream.nextSlow();
    const call = ask(`${runtime.url}/mcp`, modern, 'tools/call', { name: 'slowOrder', arguments: { id: 'o1' } });
    const response = await slow;
    const stopped = runtime.stop();
    started.length = 0;
    await expect(send(`${runtime.url}/healthz`, { method: 'GET' })).rejects.toThrow();
    expect(connection.calls).toEqual([]);
    response.end('{}');
    expect((await call).status).toBe(200);
    await stopped;
    expect(connection.seen.usage).toMatchObject([{ operation_id: 'slowOrder', calls: 1 }]);
    expect(connection.calls).toEqual(['deregistered']);
  });

  it('counts its requests in the heartbeat, and not the probes', async () => {
    const connection = fakeConnection(configOf([operations.getOrder], upstream.url));
    const { url } = await start(connection.connect);
    await ask(`${url}/mcp`, modern, 'tools/list');
    await send(`${url}/healthz`, { method: 'GET' });
    expect(connection.seen.options?.report().metrics).toMatchObject({ requests_total: 1, tools: 1, apis: 1 });
  });

  it('does not start on an address that is taken, and lets the address go when the Control Plane client fails', async () => {
    const taken = createServer();
    const { port } = new URL(await listen(taken, { host: '127.0.0.1', port: 0 }));
    const settings = settingsOf({ STOA_LISTEN: `127.0.0.1:${port}` });
    await expect(start(fakeConnection().connect, { settings })).rejects.toThrow(/STOA_LISTEN/);
    await new Promise((resolve) => taken.close(resolve));
    await expect(start(() => Promise.reject(new Error('no state directory')), { settings })).rejects.toThrow('no state directory');
    await start(fakeConnection().connect, { settings });
  });
});

describe('the settings', () => {
  it.each([
    ['STOA_INSTANCE_NAME', '-x'],
    ['STOA_ENVIRONMENT', 'Production'],
    ['STOA_ALLOWED_ORIGINS', 'https://agent.example/path'],
    ['STOA_UPSTREAM_TIMEOUT', '0s'],
  ])('lesson 32: %s refuses %s and names itself', (name, value) => {
    expect(() => settingsOf({ [name]: value })).toThrow(name);
  });

  it('need the Control Plane and a key, and nothing else', () => {
    expect(settingsOf()).toMatchObject({ environment: 'default', labels: {}, allowedOrigins: [], upstreamTimeout: 30_000 });
    expect(settingsOf().instanceName).toMatch(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/);
  });
});
