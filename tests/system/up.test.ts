import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Api, ApiList, DeploymentList, GatewayKeyList, GatewayModes, PolicyList } from '@stoa/generated/schemas.ts';
import { compiled } from '@stoa/lib/testing/compiled.ts';
import type { Browser } from 'playwright-core';
import { openBrowser } from '../browser.ts';
import { mcpClients } from './mcp-clients.ts';
import { freePorts, makeStateDir, processesOf, runUp, startSystem } from './running-system.ts';
import type { RunningSystem } from './running-system.ts';

const root = join(import.meta.dirname, '../..');
type Kong = { data: { name: string; tags: string[] | null; paths?: string[] }[] };

const operator =
  (system: RunningSystem) =>
  async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const response = await fetch(`${system.up.control_plane_url}${path}`, {
      method,
      headers: { authorization: `Bearer ${system.up.admin_token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    expect(response.status).toBeLessThan(300);
    return (response.status === 204 ? undefined : await response.json()) as T;
  };
const kong = async (system: RunningSystem, path: string): Promise<Kong> => (await (await fetch(`${system.up.kong_admin_url}${path}`)).json()) as Kong;
const severalStartsMs = 180_000;
const eventually = { timeout: 30_000, interval: 50 };

describe('make up', () => {
  let system: RunningSystem;
  let state: Awaited<ReturnType<typeof makeStateDir>>;
  let browser: Browser;
  beforeAll(async () => {
    state = await makeStateDir();
    [system, browser] = await Promise.all([startSystem(state.path, await freePorts()), openBrowser()]);
  });
  afterAll(async () => {
    await browser.close();
    expect(await system.interrupt()).toBe(0);
    await state.remove();
  });

  it('brings one instance of each mode online', async () => {
    const { modes } = await operator(system)<GatewayModes>('GET', '/v1/gateways/modes');
    expect(modes.map(({ gateway_mode, counts }) => [gateway_mode, counts.online])).toEqual([
      ['edge_mcp', 1],
      ['sidecar', 1],
      ['connect', 1],
    ]);
  });

  it('says what to open and prints a configuration for an MCP client', () => {
    expect(system.output()).toContain(`${system.up.control_plane_url}/sign-in#code=`);
    const pasted = /^\{\n[\s\S]*?^\}/m.exec(system.output())?.[0] ?? '';
    expect(JSON.parse(pasted)).toMatchObject({
      mcpServers: { 'stoa-gateway': { url: system.up.mcp.gateway_url, headers: { Authorization: `Bearer ${system.up.mcp.token}` } } },
    });
  });

  it('lesson 37: signs a browser in with the link that it prints, and shows just the instances that the API lists', async () => {
    const page = await browser.newPage();
    try {
      await page.goto(/http:\S+\/sign-in#code=\S+/.exec(system.output())?.[0] ?? '');
      await page.waitForURL('**/gateways/modes');
      for (const name of ['STOA Gateway', 'STOA Link', 'STOA Connect']) {
        await page.getByRole('region', { name }).getByText('Online', { exact: true }).first().waitFor();
      }
      const { modes } = await operator(system)<GatewayModes>('GET', '/v1/gateways/modes');
      const listed = modes.flatMap(({ instances }) => instances.map((instance) => instance.instance_name));
      const shown = await page.getByText(/-demo$/).allTextContents();
      expect(new Set(shown)).toEqual(new Set(listed));
    } finally {
      await page.close();
    }
  });

  it.each(['/docs', '/docs/registration', '/docs/runtime'])(
    'renders the reference at %s from the served document, asking no other host',
    async (path) => {
      const page = await browser.newPage();
      try {
        const hosts = new Set<string>();
        page.on('request', (request) => hosts.add(new URL(request.url()).protocol === 'data:' ? 'data' : new URL(request.url()).origin));
        await page.goto(system.up.control_plane_url + path);
        await page.locator('.opblock').first().waitFor();
        hosts.delete('data');
        expect([...hosts]).toEqual([system.up.control_plane_url]);
      } finally {
        await page.close();
      }
    },
  );

  it('keeps what scripts need in up.json, for its owner alone', async () => {
    expect((await stat(join(state.path, 'up.json'))).mode & 0o777).toBe(0o600);
    for (const name of [
      'control_plane_url',
      'console_url',
      'admin_token',
      'issuer_url',
      'owner_login_url',
      'gateway_key',
      'mcp',
      'connect_url',
      'kong_admin_url',
      'ports',
    ] as const)
      expect(system.up[name]).toBeTruthy();
  });

  it('serves the tool set that up.json names, to whom it gives a key', async () => {
    const { sets, token } = system.up.mcp;
    expect(sets.map(({ name }) => name)).toEqual(['desk']);
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
    const body = '{"jsonrpc":"2.0","id":1,"method":"tools/list"}';
    const answer = await fetch(sets[0]?.url ?? '', { method: 'POST', headers, body });
    expect(await answer.text()).toContain('look_up_order');
  });

  it.each(['gateway_url', 'link_url'] as const)('serves the API itself on the %s, to whoever has a key', async (door) => {
    const url = new URL('/apis/orders/orders', system.up.mcp[door]);
    const [known, unknown] = [await fetch(url, { headers: { authorization: `Bearer ${system.up.mcp.token}` } }), await fetch(url)];
    const direct: unknown = await (await fetch(`http://127.0.0.1:${system.up.ports.orders}/orders`)).json();
    expect({ status: known.status, data: await known.json() }).toEqual({ status: 200, data: direct });
    expect({ status: unknown.status, challenge: unknown.headers.get('www-authenticate') }).toEqual({ status: 401, challenge: 'Bearer realm="stoa"' });
  });

  describe.each(mcpClients)('%s', (_name, connect) => {
    it.each(['gateway_url', 'link_url'] as const)('lists and calls tools of orders through the %s and gets real data', async (door) => {
      const client = await connect(system.up.mcp[door], system.up.mcp.token);
      try {
        expect(await client.listTools()).toContain('orders_getOrder');
        const ordersUrl = `http://127.0.0.1:${system.up.ports.orders}`;
        const direct: unknown = await (await fetch(`${ordersUrl}/orders/ord_1001`)).json();
        expect(await client.callTool('orders_getOrder', { orderId: 'ord_1001' })).toEqual({ isError: false, data: direct });
      } finally {
        await client.close();
      }
    });

    it.each(['gateway_url', 'link_url'] as const)('calls a tool of the MCP server that stands beside the APIs through the %s', async (door) => {
      const client = await connect(system.up.mcp[door], system.up.mcp.token);
      try {
        expect(await client.listTools()).toEqual(expect.arrayContaining(['support_list', 'support_close']));
        expect(await client.callTool('support_close', { id: 'tic_1' })).toMatchObject({ isError: false, data: { id: 'tic_1', state: 'closed' } });
      } finally {
        await client.close();
      }
    });

    it('asks the Control Plane through its own management API which gateways there are', async () => {
      const client = await connect(system.up.mcp.gateway_url, system.up.mcp.operator_token);
      try {
        const { data } = await client.callTool('stoa_listGateways', { liveness: 'online' });
        expect((data as { items: { instance_name: string }[] }).items.map((gateway) => gateway.instance_name).sort()).toEqual([
          'connect-demo',
          'gateway-demo',
          'link-demo',
        ]);
      } finally {
        await client.close();
      }
    });

    it('is shown no tool of the management API that changes something, or that is about keys, tokens, consumers and people', async () => {
      const client = await connect(system.up.mcp.gateway_url, system.up.mcp.operator_token);
      try {
        const tools = await client.listTools();
        expect(
          tools.filter((name) =>
            /^stoa_(create|update|delete|revoke|decommission)|Key|Token|Consumer|Session|SignIn|User|Invitation|Audit/.test(name),
          ),
        ).toEqual([]);
      } finally {
        await client.close();
      }
    });

    it('shows the agent the tools of orders and support only, the operator those of the Control Plane only, and a new consumer none', async () => {
      const ask = operator(system);
      const name = `new-${randomUUID()}`;
      const { consumer_id } = await ask<{ consumer_id: string }>('POST', '/v1/consumers', { name });
      const { secret } = await ask<{ secret: string }>('POST', `/v1/consumers/${consumer_id}/keys`, {});
      const apisFor = async (url: string, token: string) => {
        const client = await connect(url, token);
        try {
          return new Set((await client.listTools()).map((tool) => tool.split('_')[0]));
        } finally {
          await client.close();
        }
      };
      for (const url of [system.up.mcp.gateway_url, system.up.mcp.link_url]) {
        expect(await apisFor(url, system.up.mcp.token)).toEqual(new Set(['orders', 'support']));
        expect(await apisFor(url, system.up.mcp.operator_token)).toEqual(new Set(['stoa']));
        await vi.waitFor(async () => expect(await apisFor(url, secret)).toEqual(new Set()), eventually);
      }
      const kongStatus = async (key: string) =>
        (await fetch(`${system.up.kong_proxy_url}/orders/ord_1002`, { headers: { 'X-API-Key': key } })).status;
      expect([await kongStatus(system.up.mcp.token), await kongStatus(secret), await kongStatus(system.up.mcp.operator_token)]).toEqual([
        200, 401, 401,
      ]);
    });
  });

  it('configures the third-party gateway with a service, its routes and its plugins', async () => {
    expect((await kong(system, '/services')).data.map((service) => service.name)).toEqual(['stoa-orders']);
    expect((await kong(system, '/routes')).data.flatMap((route) => route.paths ?? [])).toContain('~/orders/(?<orderId>[^/#]+)$');
    expect((await kong(system, '/plugins')).data.map((plugin) => plugin.name).sort()).toEqual(['acl', 'key-auth', 'rate-limiting']);
    const answer = await fetch(`${system.up.kong_proxy_url}/orders/ord_1002`, { headers: { 'X-API-Key': system.up.mcp.token } });
    expect([answer.status, ((await answer.json()) as { id: string }).id]).toEqual([200, 'ord_1002']);
  });

  it('carries an edit of the API to all three runtimes', async () => {
    const ask = operator(system);
    const [found] = (await ask<ApiList>('GET', '/v1/apis?name=orders')).items;
    const api = await ask<Api>('GET', `/v1/apis/${found?.api_id}`);
    const document = structuredClone(api.document) as { paths: Record<string, unknown> };
    document.paths['/orders-of-today'] = {
      get: { operationId: 'listOrdersOfToday', summary: 'List the orders of today', responses: { 200: { description: 'Orders.' } } },
    };
    const [, connect] = mcpClients[0] as (typeof mcpClients)[number];
    const clients = await Promise.all([system.up.mcp.gateway_url, system.up.mcp.link_url].map((url) => connect(url, system.up.mcp.token)));
    const has = async () => [
      ...(await Promise.all(clients.map(async (client) => (await client.listTools()).includes('orders_listOrdersOfToday')))),
      (await kong(system, '/routes')).data.some((route) => route.paths?.includes('~/orders-of-today$')),
    ];
    try {
      await ask('PUT', `/v1/apis/${api.api_id}`, { name: 'orders', document, upstream_url: api.upstream_url });
      await vi.waitFor(async () => expect(await has()).toEqual([true, true, true]), eventually);
      await ask('PUT', `/v1/apis/${api.api_id}`, { name: 'orders', document: api.document, upstream_url: api.upstream_url });
      await vi.waitFor(async () => expect(await has()).toEqual([false, false, false]), eventually);
    } finally {
      await Promise.all(clients.map((client) => client.close()));
    }
  });

  it('goes on serving every tool call while the Control Plane is killed and comes back, and shows nobody offline then', async () => {
    const [, connect] = mcpClients[0] as (typeof mcpClients)[number];
    const client = await connect(system.up.mcp.gateway_url, system.up.mcp.token);
    let calls = 0;
    let isBack = false;
    const calling = (async () => {
      while (!isBack) {
        const { isError } = await client.callTool('orders_listOrders', { limit: 1 });
        expect(isError).toBe(false);
        calls += 1;
        await delay(50); // The example's rate limit is 600 calls a minute.
      }
    })();
    calling.catch(() => {}); // It is awaited below, once the Control Plane is back.
    const isUp = () =>
      fetch(`${system.up.control_plane_url}/readyz`).then(
        (response) => response.ok,
        () => false,
      );
    process.kill((await system.pids())['control-plane'] ?? 0, 'SIGKILL');
    await vi.waitFor(async () => expect(await isUp()).toBe(false), eventually);
    await vi.waitFor(async () => expect(await isUp()).toBe(true), eventually);
    isBack = true;
    await calling;
    await client.close();
    expect(calls).toBeGreaterThan(0);
    const { modes } = await operator(system)<GatewayModes>('GET', '/v1/gateways/modes');
    expect(modes.map(({ counts }) => counts.offline)).toEqual([0, 0, 0]);
  });
});

describe('a port that is taken', () => {
  it('is said in one sentence that names the variable to change', async () => {
    const holder = createServer().listen(0, '127.0.0.1');
    await once(holder, 'listening');
    const { port } = holder.address() as AddressInfo;
    const state = await makeStateDir();
    const { process: child, output } = runUp(state.path, { ...(await freePorts()), LINK_PORT: String(port) });
    const [code] = (await once(child, 'exit')) as [number];
    holder.close();
    await state.remove();
    expect({ code, lines: output().trim().split('\n').length, says: output() }).toMatchObject({
      code: 1,
      lines: 1,
      says: expect.stringContaining(`Port ${port}, for the Link, is taken`),
    });
    expect(output()).toContain('LINK_PORT=');
  });
});

describe('several ports that are taken', () => {
  it('are said all at once, a line each', async () => {
    const holders = [createServer().listen(0, '127.0.0.1'), createServer().listen(0, '127.0.0.1')];
    await Promise.all(holders.map((holder) => once(holder, 'listening')));
    const [link, kong] = holders.map((holder) => String((holder.address() as AddressInfo).port));
    const state = await makeStateDir();
    const { process: child, output } = runUp(state.path, { ...(await freePorts()), LINK_PORT: link ?? '', KONG_PROXY_PORT: kong ?? '' });
    const [code] = (await once(child, 'exit')) as [number];
    for (const holder of holders) holder.close();
    await state.remove();
    expect(code).toBe(1);
    expect(output().trim().split('\n')).toEqual([
      expect.stringMatching(`^Port ${link}, for the Link, is taken: .*LINK_PORT=`),
      expect.stringMatching(`^Port ${kong}, for the Kong simulator's proxy, is taken: .*KONG_PROXY_PORT=`),
    ]);
  });
});

// One after the other on one state directory, since a start costs seconds: what one test leaves behind is what the next begins with.
describe('make up in the place of an earlier one', () => {
  let state: Awaited<ReturnType<typeof makeStateDir>>;
  let ports: Awaited<ReturnType<typeof freePorts>>;
  let system: RunningSystem;
  let isKilled = false;
  beforeAll(async () => {
    state = await makeStateDir();
    ports = await freePorts();
    system = await startSystem(state.path, ports);
  }, severalStartsMs);
  afterAll(async () => {
    if (!isKilled) await system.killAll();
    await state.remove();
  });

  const inventory = async (system: RunningSystem) => {
    const ask = operator(system);
    const [apis, policies, deployments, keys] = [
      await ask<ApiList>('GET', '/v1/apis'),
      await ask<PolicyList>('GET', '/v1/policies'),
      await ask<DeploymentList>('GET', '/v1/deployments'),
      await ask<GatewayKeyList>('GET', '/v1/gateway-keys'),
    ];
    const objects = await Promise.all(['/services', '/routes', '/plugins', '/consumers'].map((path) => kong(system, path)));
    return {
      apis: apis.items.map((api) => [api.api_id, api.revision]),
      policies: policies.items.map((policy) => policy.policy_id),
      deployments: deployments.items.map((deployment) => deployment.deployment_id),
      keys: keys.items.map((key) => key.key_id),
      kong: objects.map((page) => page.data.map((object) => (object as { id?: string }).id).sort()),
      up: [system.up.admin_token, system.up.gateway_key, system.up.mcp.token],
    };
  };

  it('is refused while that runs', async () => {
    const second = runUp(state.path, await freePorts());
    expect(await once(second.process, 'exit')).toEqual([1, null]);
    expect(second.output()).toMatch(/^make up runs already, as process \d+: [^\n]+\n$/);
  });

  it(
    'makes nothing twice after a clean stop',
    async () => {
      const made = await inventory(system);
      expect(await system.interrupt()).toBe(0);
      expect(existsSync(join(state.path, 'processes.json'))).toBe(false);
      system = await startSystem(state.path, ports);
      expect(await inventory(system)).toEqual(made);
    },
    severalStartsMs,
  );

  it(
    'stops what a killed one left behind',
    async () => {
      const orphans = Object.values(await system.pids());
      await system.killUp();
      system = await startSystem(state.path, ports);
      expect(system.output()).toContain('stopping the 7 programs that it left behind');
      for (const pid of orphans) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
    },
    severalStartsMs,
  );

  it(
    'is not needed by the Gateway alone, which starts from its disk after everything was killed, and serves tool calls',
    async () => {
      await system.killAll();
      isKilled = true;
      const orders = spawn(process.execPath, [join(root, 'examples/orders/main.ts')], {
        env: { ...process.env, ORDERS_PORT: String(system.up.ports.orders) },
        stdio: 'ignore',
      });
      const gateway = spawn(join(root, 'bin/stoa-gateway'), [], {
        env: {
          PATH: process.env['PATH'],
          ...compiled(),
          STOA_CONTROL_PLANE_URL: system.up.control_plane_url,
          STOA_GATEWAY_KEY: system.up.gateway_key,
          STOA_ENVIRONMENT: 'demo',
          STOA_INSTANCE_NAME: 'gateway-demo',
          STOA_LISTEN: `127.0.0.1:${system.up.ports.gateway}`,
          STOA_STATE_DIR: join(state.path, 'gateway'),
        },
        stdio: 'ignore',
      });
      try {
        const readiness = await vi.waitFor(async () => {
          const response = await fetch(`http://127.0.0.1:${system.up.ports.gateway}/readyz`);
          expect(response.status).toBe(200);
          expect((await fetch(`http://127.0.0.1:${system.up.ports.orders}/openapi.yaml`)).status).toBe(200);
          return response.json();
        }, eventually);
        expect(readiness).toMatchObject({ status: 'ready', config: { state: 'stale' } });
        const [, connect] = mcpClients[0] as (typeof mcpClients)[number];
        const client = await connect(system.up.mcp.gateway_url, system.up.mcp.token);
        expect((await client.callTool('orders_getOrder', { orderId: 'ord_1003' })).data).toMatchObject({ id: 'ord_1003' });
        await client.close();
      } finally {
        for (const child of [gateway, orders]) {
          const exited = once(child, 'exit');
          child.kill('SIGKILL');
          await exited;
        }
      }
    },
    severalStartsMs,
  );
});

// Processes can be listed whole on Linux only.
describe.skipIf(process.platform !== 'linux')('make up that is not waited for', () => {
  let state: Awaited<ReturnType<typeof makeStateDir>>;
  let ports: Awaited<ReturnType<typeof freePorts>>;
  beforeAll(async () => {
    state = await makeStateDir();
    ports = await freePorts();
  });
  afterAll(() => state.remove());

  const start = () => {
    const up = runUp(state.path, ports);
    onTestFinished(() => void up.process.kill('SIGKILL'));
    return up;
  };
  const says = (up: ReturnType<typeof runUp>, word: string) =>
    new Promise<void>((resolve, reject) => {
      up.process.stdout?.on('data', () => up.output().includes(word) && resolve());
      up.process.once('exit', () => reject(new Error(up.output())));
    });

  // The other moments are those of experiments/cases/two-signals.ts.
  it.each(['Starting Control Plane', 'Starting Connect', 'Stopping'])(
    'leaves no program behind at a second signal after it said "%s", and no lock: the next one starts in its place',
    async (word) => {
      const up = start();
      if (word === 'Stopping') {
        await says(up, 'Ready.');
        up.process.kill('SIGINT');
      }
      await says(up, word);
      const exited = once(up.process, 'exit');
      up.process.kill('SIGINT');
      up.process.kill('SIGTERM');
      // 0 when all had ended before the second came.
      expect((await exited)[0]).toSatisfy((code: number) => code === 0 || code > 128);
      expect(await processesOf(state.path)).toEqual([]);
    },
    severalStartsMs,
  );

  it(
    'stops everything when its terminal is closed, which is said twice and takes the output along',
    async () => {
      const up = start();
      await says(up, 'Ready.');
      up.process.stdout?.destroy();
      up.process.stderr?.destroy();
      const exited = once(up.process, 'exit');
      up.process.kill('SIGHUP');
      up.process.kill('SIGHUP');
      expect(await exited).toEqual([0, null]);
      expect(await processesOf(state.path)).toEqual([]);
    },
    severalStartsMs,
  );
});
