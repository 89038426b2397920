import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import type { ConfigItem } from '@stoa/generated/schemas.ts';
import { startGraviteeSimulator } from '@stoa/examples/gravitee-simulator/main.ts';
import type { GraviteeSimulator } from '@stoa/examples/gravitee-simulator/main.ts';
import { Secret } from '@stoa/lib/secret.ts';
import type { GatewayAdapter } from '../engine/model.ts';
import type { PassResult } from '../engine/reconcile.ts';
import { connectTo } from '../laws/run.ts';
import type { Connect } from '../laws/run.ts';
import { createGraviteeAdapter } from '../vendors/gravitee/adapter.ts';
import { api, closed, consumer, keyAuth, perMinute, subscription } from './config.ts';

export const v2 = '/management/v2/environments/DEFAULT';
export const v1 = '/management/organizations/DEFAULT/environments/DEFAULT';
export const credential = (value: string) => ({ header: 'Authorization', value: Secret.of(value) });

export const ann = consumer('ann', 'the-key-of-ann');

export const reasons = ({ outcome }: PassResult): string => outcome.items.map(({ state, reason }) => `${state}: ${reason ?? ''}`).join('\n');

/** A simulator of Gravitee and an upstream for the tests of a file, and a Connect for each of them. Registers what starts and ends them. */
export function graviteeBench() {
  let upstream: Server;
  let simulator: GraviteeSimulator;
  let adapter: GatewayAdapter;
  let connect: Connect;

  beforeAll(async () => {
    upstream = createServer((request, response) => response.end(JSON.stringify({ path: request.url, key: request.headers['x-api-key'] ?? null })));
    await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
    const ports = { managementPort: 0, gatewayPort: 0 };
    simulator = await startGraviteeSimulator({ ...ports, tokens: ['good'], apiKeyHeader: 'X-API-Key', customApiKeys: true });
  });
  afterAll(async () => {
    await simulator.close();
    await new Promise((resolve) => upstream.close(resolve));
  });
  beforeEach(() => {
    simulator.clear();
    simulator.forgetFaults();
    simulator.exchanges.length = 0;
    simulator.state.customApiKeys = true;
    const settings = { graviteeApiKeyHeader: 'X-API-Key' };
    adapter = createGraviteeAdapter({ url: simulator.managementUrl, credential: credential('good'), timeoutMs: 5000, settings });
    connect = connectTo(adapter);
  });
  afterEach(() => adapter.close());

  const orders = (): ReturnType<typeof api> => api('orders', { url: `http://127.0.0.1:${(upstream.address() as AddressInfo).port}` });
  /** For its subscribers, with a limit. */
  function everything(limit = 100): ConfigItem[] {
    const own = closed(orders());
    return [own, keyAuth(own), perMinute(limit, own), ann, subscription(own, ann)];
  }
  const made = () => {
    const [one] = [...simulator.state.apis.values()].filter(({ name }) => name === 'stoa-orders');
    if (one === undefined) throw new Error('The API was not made.');
    return one;
  };
  /** What was asked for since the last call that changes something, without ids. */
  function writes(): string[] {
    const changing = simulator.exchanges.filter(({ method, path }) => method !== 'GET' && !path.endsWith('_verify'));
    simulator.exchanges.length = 0;
    return changing.map(({ method, path }) => `${method} ${path.replace(/^.*DEFAULT/, '').replace(/[0-9a-f-]{36}/g, '*')}`);
  }
  async function person(method: string, path: string, body?: unknown): Promise<Record<string, unknown>> {
    const headers = { 'content-type': 'application/json', authorization: 'Bearer good' };
    const response = await fetch(simulator.managementUrl + path, { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
  }
  /** Changes an API of ours as somebody does in the console of Gravitee. */
  async function edit(change: (body: Record<string, unknown>) => Record<string, unknown>): Promise<void> {
    const body = await person('GET', `${v2}/apis/${made().id}`);
    await person('PUT', `${v2}/apis/${made().id}`, { ...body, ...change(body) });
    simulator.exchanges.length = 0;
  }
  const get = (path: string, headers: Record<string, string> = {}) => fetch(simulator.gatewayUrl + path, { headers });

  return {
    orders,
    everything,
    made,
    writes,
    person,
    edit,
    get,
    get simulator() {
      return simulator;
    },
    get adapter() {
      return adapter;
    },
    get connect() {
      return connect;
    },
  };
}
