import { spawn } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callByOlderSdk } from '@stoa/contract-tests/subjects/mcp-clients.ts';
import { startRuntimeProcess } from '@stoa/contract-tests/subjects/runtime-process.ts';
import { until } from '@stoa/contract-tests/until.ts';
import { startOrdersApi } from '@stoa/examples/orders/main.ts';
import { startTestControlPlane } from '@stoa/server/testing/test-control-plane.ts';
import { createTestDatabase } from '@stoa/server/testing/test-database.ts';
import { hasHistory, makeOldBuild } from './old-build.ts';
import type { OldBuild } from './old-build.ts';

const root = join(import.meta.dirname, '../..');
const isThere = hasHistory();
const tool = 'orders_listOrders';

/** A Control Plane of either version, as an operator speaks to it. */
type Plane = { readonly url: string; ask<Body>(method: string, path: string, body?: unknown): Promise<Body> };

it.runIf(process.env['CI'] !== undefined)('CI has the history that the old version is taken from', () => {
  expect(isThere, 'fetch the whole history, not the last commit alone').toBe(true);
});

describe.runIf(isThere)('an old version and this one', () => {
  let old: OldBuild;
  let directory: string;
  let orders: Awaited<ReturnType<typeof startOrdersApi>>;
  const cleanUp: (() => Promise<unknown>)[] = [];

  beforeAll(async () => {
    [old, orders, directory] = await Promise.all([makeOldBuild(), startOrdersApi({ port: 0 }), mkdtemp(join(tmpdir(), 'stoa-versions-'))]);
  });
  afterAll(async () => {
    for (const step of cleanUp.reverse()) await step();
    await orders.close();
    await old.remove();
    await rm(directory, { recursive: true, force: true });
  });

  /** Deploys the orders API to every gateway of the environment, and mints a key of a consumer. */
  async function expose({ ask }: Plane, more: object): Promise<{ secret: string; revoke(): Promise<unknown> }> {
    const document = await readFile(join(root, 'examples/orders/openapi.yaml'), 'utf8');
    const { api_id } = await ask<{ api_id: string }>('POST', '/v1/apis', { name: 'orders', document, upstream_url: orders.url, ...more });
    await ask('POST', '/v1/deployments', { api_id, targets: { environments: ['production'] } });
    const { consumer_id } = await ask<{ consumer_id: string }>('POST', '/v1/consumers', { name: 'agent' });
    const keys = `/v1/consumers/${consumer_id}/keys`;
    const { secret, key } = await ask<{ secret: string; key: { key_id: string } }>('POST', keys, {});
    return { secret, revoke: () => ask('DELETE', `${keys}/${key.key_id}`) };
  }

  async function startGateway(sources: string, plane: Plane) {
    const { secret } = await plane.ask<{ secret: string }>('POST', '/v1/gateway-keys', { name: 'test' });
    const name = `edge-${randomUUID()}`;
    const running = await startRuntimeProcess(join(sources, 'runtimes/gateway/main.ts'), {
      STOA_CONTROL_PLANE_URL: plane.url,
      STOA_GATEWAY_KEY: secret,
      STOA_INSTANCE_NAME: name,
      STOA_ENVIRONMENT: 'production',
      STOA_STATE_DIR: join(directory, name),
      STOA_LISTEN: '127.0.0.1:0',
    });
    cleanUp.push(() => running.kill());
    return running;
  }

  /** An API that only subscribers may call is not given to a gateway that would open it to everybody, and that is said. */
  async function keepsClosed(plane: Plane): Promise<void> {
    const document = await readFile(join(root, 'examples/orders/openapi.yaml'), 'utf8');
    const { api_id } = await plane.ask<{ api_id: string }>('POST', '/v1/apis', { name: 'closed', document, upstream_url: orders.url });
    const { deployment_id } = await plane.ask<{ deployment_id: string }>('POST', '/v1/deployments', {
      api_id,
      targets: { environments: ['production'] },
    });
    const { gateways } = await plane.ask<{ gateways: unknown[] }>('GET', `/v1/deployments/${deployment_id}`);
    expect(gateways).toMatchObject([{ state: 'rejected', phase: 'render', reason: expect.stringMatching(/runtime is too old/) }]);
  }

  /** What is deployed can be called, what changes reaches the gateway, and a key that is revoked is refused. */
  async function workTogether(plane: Plane, sources: string, more: object): Promise<void> {
    const { secret, revoke } = await expose(plane, more);
    const gateway = await startGateway(sources, plane);
    const call = () =>
      callByOlderSdk(`${gateway.url}/mcp`, secret, tool).then(
        ({ ok }) => ok,
        () => false,
      );
    await until('the tool can be called', call);
    await revoke();
    await until('the revoked key is refused', async () => !(await call()));
    expect(await (await fetch(`${gateway.url}/readyz`)).json()).toMatchObject({ status: 'ready', config: { state: 'fresh' } });
  }

  it('serve together: the old Control Plane with a Gateway of this version', async () => {
    await workTogether(await startOldControlPlane(), root, {});
  }, 120_000);

  it('serve together: this Control Plane with an old Gateway, what is open to all consumers', async () => {
    const running = await startTestControlPlane();
    cleanUp.push(() => running.close());
    const plane: Plane = { url: running.url, ask: async (method, path, body) => (await running.request(method, path, { body })).body as never };
    await workTogether(plane, old.directory, { open_to_all_consumers: true });
    await keepsClosed(plane);
  }, 120_000);

  /** On an empty database of the tests' server, which it migrates itself. */
  async function startOldControlPlane(): Promise<Plane> {
    const url = new URL(await createTestDatabase());
    const name = `stoa_old_${randomUUID().replaceAll('-', '')}`;
    const admin = new pg.Client({ connectionString: url.href });
    await admin.connect();
    await admin.query(`CREATE DATABASE ${name}`);
    url.pathname = `/${name}`;
    const dataDir = join(directory, 'control-plane');
    const child = spawn(process.execPath, [join(old.directory, 'server/main.ts')], {
      cwd: old.directory,
      env: {
        PATH: process.env['PATH'],
        DATABASE_URL: url.href,
        STOA_MASTER_KEY: randomBytes(32).toString('base64'),
        STOA_DATA_DIR: dataDir,
        STOA_LISTEN: '127.0.0.1:0',
      },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const ended = once(child, 'exit');
    cleanUp.push(async () => {
      child.kill('SIGKILL');
      await ended;
      await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
      await admin.end();
    });
    const ready = Promise.withResolvers<string>();
    void ended.then(() => ready.reject(new Error('The old Control Plane ended before it was ready.')));
    createInterface({ input: child.stderr }).on('line', (line) => {
      const entry = line.startsWith('{') ? (JSON.parse(line) as { url?: string; msg?: string }) : {};
      if (entry.url !== undefined && entry.msg === 'The Control Plane is ready.') ready.resolve(entry.url);
    });
    const base = await ready.promise;
    const token = (await readFile(join(dataDir, 'admin-token'), 'utf8')).trim();
    return {
      url: base,
      async ask(method, path, body) {
        const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
        const response = await fetch(base + path, { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) });
        const text = await response.text();
        expect(response.ok, `${method} ${path}: ${text}`).toBe(true);
        return (text === '' ? undefined : JSON.parse(text)) as never;
      },
    };
  }
});
