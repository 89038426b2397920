import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startWebmethodsSimulator } from '@stoa/examples/webmethods-simulator/main.ts';
import type { WebmethodsSimulator } from '@stoa/examples/webmethods-simulator/main.ts';
import { Secret } from '@stoa/lib/secret.ts';
import type { GatewayAdapter } from '../../engine/model.ts';
import type { PassResult } from '../../engine/reconcile.ts';
import { connectTo } from '../../laws/run.ts';
import { api, keyAuth, perMinute, policy } from '../../testing/config.ts';
import { createWebmethodsAdapter } from './adapter.ts';
import { webmethodsCapabilities } from './capabilities.ts';

let simulator: WebmethodsSimulator;
let adapter: GatewayAdapter;
/** Called after each change of the simulator. */
let look = (): void => undefined;
const signal = () => AbortSignal.timeout(5000);
const adapterFor = (credential: string) =>
  createWebmethodsAdapter({ url: simulator.url, credential: { header: 'Authorization', value: Secret.of(credential) }, timeoutMs: 5000 });

beforeAll(async () => {
  simulator = await startWebmethodsSimulator({ port: 0, onChange: () => look() });
});
afterAll(() => simulator.close());
beforeEach(() => {
  simulator.clear();
  simulator.exchanges.length = 0;
  adapter = adapterFor('Administrator:manage');
});
afterEach(() => {
  look = () => undefined;
  adapter.close();
});

const reasons = ({ outcome }: PassResult): string => outcome.items.map(({ state, reason }) => `${state}: ${reason ?? ''}`).join('\n');
const writes = (): string[] =>
  simulator.exchanges.flatMap(({ method, path }) =>
    method === 'GET' ? [] : [`${method} ${path.slice('/rest/apigateway'.length).replace(/[0-9a-f-]{36}/g, '*')}`],
  );
const orders = api('orders');

describe('an API on webMethods', () => {
  it('is made inactive, guarded, and activated last', async () => {
    expect(reasons(await connectTo(adapter).pass([orders, perMinute(5, orders)]))).not.toContain('rejected');
    const made = writes();
    expect(made.slice(0, 2)).toEqual(['POST /alias', 'POST /apis']);
    expect(made.at(-1)).toBe('PUT /apis/*/activate');
    expect(made.indexOf('PUT /policies/*')).toBeGreaterThan(made.indexOf('POST /policyActions'));
  });

  it('that asks for keys is rejected, because the gateway makes keys itself', async () => {
    expect(reasons(await connectTo(adapter).pass([orders, keyAuth(orders)]))).toContain('webMethods makes the keys of applications itself');
    expect(writes()).toEqual([]);
  });

  it('is changed while it is active, and keeps what was there from the start', async () => {
    const connect = connectTo(adapter);
    await connect.pass([orders, perMinute(5, orders)]);
    simulator.exchanges.length = 0;
    await connect.pass([orders, perMinute(9, orders)]);
    expect(writes()).toEqual(['PUT /policyActions/*']);
    const [policy] = [...simulator.state.policies.values()];
    expect(policy?.policyEnforcements.map(({ stageKey }) => stageKey)).toEqual(['transport', 'routing', 'LMT']);
  });

  it('of a name and version that somebody else has, is rejected without a write', async () => {
    const headers = { 'content-type': 'application/json', authorization: `Basic ${btoa('Administrator:manage')}` };
    const body = JSON.stringify({ apiName: 'stoa-orders', apiVersion: '1.0', type: 'REST', apiDefinition: { type: 'rest', paths: {} } });
    await fetch(`${simulator.url}/rest/apigateway/apis`, { method: 'POST', headers, body });
    simulator.exchanges.length = 0;
    expect(reasons(await connectTo(adapter).pass([orders]))).toContain('an API of this name and version is there');
    expect(writes()).toEqual([]);
  });

  it('that became inactive by itself is activated again', async () => {
    const connect = connectTo(adapter);
    await connect.pass([orders]);
    for (const one of simulator.state.apis.values()) one.isActive = false;
    const { drift } = await connect.pass([orders]);
    expect(drift.map(({ detail }) => detail)).toEqual(['isActive: true → false']);
    expect([...simulator.state.apis.values()].map(({ isActive }) => isActive)).toEqual([true]);
  });
});

describe('a limit of another window, which is another action', () => {
  const another = policy('limit', { kind: 'rate_limit', config: { limit: 9, window_s: 3600 } }, orders);
  const limits = (): string[] =>
    [...simulator.state.policies.values()].flatMap(({ policyEnforcements }) =>
      policyEnforcements.flatMap(({ stageKey, enforcements }) =>
        stageKey === 'LMT' ? enforcements.flatMap(({ enforcementObjectId: id }) => (simulator.state.actions.has(id) ? [id] : [])) : [],
      ),
    );

  it.each([
    ['confirms the new one and does not make it', { method: 'POST', path: /policyActions$/, status: 200, body: { policyAction: { id: 'none' } } }],
    ['confirms that the policy names the new one and does not change it', { method: 'PUT', path: /policies\//, status: 200, body: {} }],
  ])('leaves the API at no moment active without either, where the gateway %s', async (_what, lie) => {
    const connect = connectTo(adapter);
    await connect.pass([orders, perMinute(5, orders)]);
    const seen: boolean[] = [];
    look = () => void seen.push(limits().length > 0 || [...simulator.state.apis.values()].every((one) => !one.isActive));
    simulator.failNext(lie);
    await connect.pass([orders, another]);
    await connect.pass([orders, another]);
    expect(seen.length).toBeGreaterThan(1);
    expect(seen).not.toContain(false);
    expect(limits()).toHaveLength(1);
  });
});

describe('the account of Connect', () => {
  it('is told of with the setting, where it is refused', async () => {
    const other = adapterFor('Administrator:wrong');
    await expect(other.reach(signal())).rejects.toThrow(/STOA_TARGET_GATEWAY_TOKEN/);
    other.close();
  });

  it('reaches the gateway, which tells its version', async () => {
    expect(await adapter.reach(signal())).toEqual({ type: 'webmethods', version: '10.15.0.0', url: simulator.url });
  });
});

it('is said to be proven by documents alone', () => {
  expect(webmethodsCapabilities.proven).toContain('never run against the real system');
  expect(webmethodsCapabilities.notes.join(' ')).toContain('never run against the real system');
});
