import { appendFile, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '@stoa/lib/log.ts';
import { Secret } from '@stoa/lib/secret.ts';
import { startKongSimulator } from '@stoa/examples/kong-simulator/main.ts';
import type { KongSimulator } from '@stoa/examples/kong-simulator/main.ts';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createAgent } from './agent.ts';
import type { Agent, Authority } from './agent.ts';
import { appliedStateFile } from './applied-state.ts';
import { driftLog } from './drift-log.ts';
import { createKongAdapter } from '../vendors/kong/adapter.ts';
import type { ManagedObject } from './model.ts';
import type { PassOutcome } from './outcome.ts';
import type { ObservedReport } from './reconcile.ts';
import { api, config, consumer, gatewayId, keyAuth } from '../testing/config.ts';

const closers: (() => unknown)[] = [];
/** Waits as long as a slow machine may need. */
const eventually = (check: () => unknown): Promise<unknown> => vi.waitFor(check, { timeout: 20_000 });
let stateDir: string;
let kong: KongSimulator;

beforeEach(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'stoa-connect-'));
  kong = await startKongSimulator({ adminPort: 0, proxyPort: 0 });
  closers.push(
    () => rm(stateDir, { recursive: true }),
    () => kong.close(),
  );
});
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const orders = api('orders');
const desired = config([orders, keyAuth(orders), consumer('agent', 'the-agents-key')]);
const permitted = (): boolean => true;

function makeAgent(url = kong.adminUrl, resyncIntervalMs = 20): Agent {
  const adapter = createKongAdapter({ url, timeoutMs: 2000 });
  const log = createLogger({ program: 'test', level: 'silent' });
  const agent = createAgent({ adapter, state: appliedStateFile(stateDir, url), drift: driftLog(stateDir), log, resyncIntervalMs });
  closers.push(
    () => adapter.close(),
    () => agent.stop(),
  );
  return agent;
}

function authority(mayWrite: () => boolean = permitted) {
  const reports: ObservedReport[] = [];
  const amendments: PassOutcome[] = [];
  const given: Authority = { mayWrite, observed: (report) => void reports.push(report), amend: (_config, outcome) => void amendments.push(outcome) };
  return { given, reports, amendments };
}

const writesTo = (): string[] => kong.exchanges.filter(({ method }) => method !== 'GET').map(({ method, path }) => `${method} ${path}`);

async function patchRoute(fields: unknown): Promise<void> {
  const response = await fetch(`${kong.adminUrl}/routes/stoa-orders.getOrder`, {
    method: 'PATCH',
    body: JSON.stringify(fields),
    headers: { 'content-type': 'application/json' },
  });
  expect(response.status).toBe(200);
}

describe('resync', () => {
  it('finds drift by itself, reports it and repairs it', async () => {
    const agent = makeAgent();
    const { given, reports } = authority();
    expect((await agent.apply(desired, permitted)).state).toBe('applied');
    agent.start(given);
    await patchRoute({ methods: ['DELETE'] });
    await eventually(() => expect(agent.status().driftRepaired).toBe(1));
    expect(reports.flatMap(({ drift }) => drift)).toContainEqual(
      expect.objectContaining({ object: 'route stoa-orders.getOrder', kind: 'changed', detail: 'methods: GET → DELETE' }),
    );
    const route = (await (await fetch(`${kong.adminUrl}/routes/stoa-orders.getOrder`)).json()) as { methods: string[] };
    expect(route.methods).toEqual(['GET']);
    // At once, and with what was found: a report that waits is replaced by the next.
    const told = reports.filter(({ drift }) => drift.length > 0).map(({ drift_history: history }) => history?.map(({ state }) => state));
    expect(told).toEqual([['found'], ['repaired']]);
  });

  it('finds drift also while one configuration after the other comes', async () => {
    const agent = makeAgent(kong.adminUrl, 300);
    const { given } = authority();
    await agent.apply(desired, permitted);
    agent.start(given);
    await eventually(() => expect(agent.status().passes).toBe(2));
    await patchRoute({ methods: ['DELETE'] });
    await eventually(async () => {
      await agent.apply(desired, permitted);
      expect(agent.status().driftRepaired).toBe(1);
    });
  });

  it('lesson 14: writes nothing while nothing has changed, and reports the same only once', async () => {
    const agent = makeAgent();
    const { given, reports, amendments } = authority();
    await agent.apply(desired, permitted);
    const before = writesTo().length;
    agent.start(given);
    await eventually(() => expect(agent.status().passes).toBeGreaterThan(3));
    expect(writesTo()).toHaveLength(before);
    expect(reports).toHaveLength(1);
    expect(amendments).toEqual([]);
  });

  it('says anew what became of an item that failed and was repaired later', async () => {
    const agent = makeAgent();
    const { given, amendments } = authority();
    kong.failNext({ method: 'PUT', path: /^\/routes\//, status: 500 });
    agent.start(given);
    const first = await agent.apply(desired, permitted);
    expect(first.items[0]).toMatchObject({ id: orders.id, state: 'rejected', phase: 'apply' });
    await eventually(() => expect(amendments.at(-1)?.state).toBe('applied'));
  });

  it('lesson 19: a process without the lease writes nothing and reports nothing', async () => {
    const agent = makeAgent();
    await agent.apply(desired, permitted);
    await patchRoute({ methods: ['DELETE'] });
    const before = writesTo().length;
    const reads = kong.exchanges.length;
    const { given, reports } = authority(() => false);
    agent.start(given);
    await eventually(() => expect(kong.exchanges.length).toBeGreaterThan(reads + 2));
    expect(writesTo()).toHaveLength(before);
    expect(reports).toEqual([]);
  });
});

it('a key that has expired does not come back when the wall clock is set back', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  closers.push(() => vi.useRealTimers());
  const caller = consumer('agent', 'the-agents-key');
  const expires_at = new Date(Date.now() + 3_600_000).toISOString();
  const expiring = config([orders, keyAuth(orders), { ...caller, keys: caller.keys.map((key) => ({ ...key, expires_at })) }]);
  const keysInKong = async () => ((await (await fetch(`${kong.adminUrl}/key-auths`)).json()) as { data: unknown[] }).data.length;
  const agent = makeAgent();
  await agent.apply(expiring, permitted);
  expect(await keysInKong()).toBe(1);
  vi.setSystemTime(Date.now() + 3_600_001);
  await agent.apply(expiring, permitted);
  expect(await keysInKong()).toBe(0);
  vi.setSystemTime(Date.now() - 3_600_001);
  await agent.apply(expiring, permitted);
  expect(await keysInKong()).toBe(0);
});

describe('a gateway that is not there', () => {
  it('lesson 20: is tried again until it is, said meanwhile in status and in the outcome, and configured then', async () => {
    const { adminPort, adminUrl } = await freedAddress();
    const agent = makeAgent(adminUrl);
    const { given, amendments } = authority();
    agent.start(given);
    const outcome = await agent.apply(desired, permitted);
    expect(outcome.state).toBe('rejected');
    expect(outcome.items).toEqual(desired.items.map(({ id }) => expect.objectContaining({ id, state: 'rejected', phase: 'fetch' })));
    expect(agent.status()).toMatchObject({ targetReachable: false, problem: expect.stringContaining('ECONNREFUSED') });
    const late = await startKongSimulator({ adminPort, proxyPort: 0 });
    closers.push(() => late.close());
    await eventually(() => expect(amendments.at(-1)?.state).toBe('applied'));
    expect(agent.status()).toMatchObject({ targetReachable: true, problem: undefined });
  });

  it('lesson 20: is noticed before there is any configuration', async () => {
    const { adminUrl } = await freedAddress();
    const agent = makeAgent(adminUrl);
    agent.start(authority().given);
    await eventually(() => expect(agent.status().targetReachable).toBe(false));
  });

  async function freedAddress(): Promise<{ adminPort: number; adminUrl: string }> {
    const gone = await startKongSimulator({ adminPort: 0, proxyPort: 0 });
    await gone.close();
    return { adminPort: Number(new URL(gone.adminUrl).port), adminUrl: gone.adminUrl };
  }
});

describe('what was last applied', () => {
  it('is kept over a restart, readable by its owner only', async () => {
    await makeAgent().apply(desired, permitted);
    expect((await stat(join(stateDir, 'applied.json'))).mode & 0o777).toBe(0o600);
    await patchRoute({ methods: ['DELETE'] });
    const { given, reports } = authority();
    const next = makeAgent();
    next.start(given);
    await next.apply(desired, permitted);
    expect(reports.at(-1)?.drift).toMatchObject([{ object: 'route stoa-orders.getOrder', kind: 'changed' }]);
  });

  const keptOf = () => appliedStateFile(stateDir, kong.adminUrl);
  const appliedPath = () => join(stateDir, 'applied.json');
  const objectOf = (id: string, fields = {}): ManagedObject => ({ kind: 'service', id, label: `service ${id}`, owner: 'api:1', alsoFor: [], fields });

  it('is not used for another gateway, nor when it is damaged', async () => {
    await makeAgent().apply(desired, permitted);
    expect(await keptOf().load(gatewayId)).not.toEqual([]);
    expect(await keptOf().load('another')).toEqual([]);
    expect(await appliedStateFile(stateDir, 'http://elsewhere').load(gatewayId)).toEqual([]);
    await writeFile(appliedPath(), (await readFile(appliedPath(), 'utf8')).slice(0, 20));
    expect(await keptOf().load(gatewayId)).toEqual([]);
  });

  it('grows by what a change changes, and is written anew before it is much longer than what it holds', async () => {
    const all = [...'abcdefghij'].map((id) => objectOf(id));
    const file = keptOf();
    await file.save(gatewayId, all);
    const before = await readFile(appliedPath(), 'utf8');
    const changed = [...all.slice(2), objectOf('a', { port: 81 })];
    await file.save(gatewayId, changed);
    expect((await readFile(appliedPath(), 'utf8')).startsWith(before)).toBe(true);
    expect((await keptOf().load(gatewayId)).map(({ id, fields }) => [id, fields])).toEqual(
      expect.arrayContaining([
        ['a', { port: 81 }],
        ['c', {}],
        ['j', {}],
      ]),
    );
    expect(await keptOf().load(gatewayId)).toHaveLength(9);
    for (let port = 82; port < 100; port += 1) await file.save(gatewayId, [...all.slice(2), objectOf('a', { port })]);
    expect((await readFile(appliedPath(), 'utf8')).trimEnd().split('\n').length).toBeLessThanOrEqual(18);
    expect(await keptOf().load(gatewayId)).toHaveLength(9);
  });

  it('is what was whole where a process was killed while it wrote, and is whole again after', async () => {
    await keptOf().save(gatewayId, [objectOf('a'), objectOf('b')]);
    await appendFile(appliedPath(), JSON.stringify(objectOf('c')).slice(0, 30));
    const file = keptOf();
    expect((await file.load(gatewayId)).map(({ id }) => id)).toEqual(['a', 'b']);
    await file.save(gatewayId, [objectOf('d')]);
    expect((await keptOf().load(gatewayId)).map(({ id }) => id)).toEqual(['d']);
  });

  it('of a version that kept it as one document is read', async () => {
    const document = { format: 1, gatewayId, targetUrl: kong.adminUrl, objects: [objectOf('a')] };
    await writeFile(appliedPath(), JSON.stringify(document));
    const file = keptOf();
    expect(await file.load(gatewayId)).toEqual([objectOf('a')]);
    await file.save(gatewayId, [objectOf('a'), objectOf('b')]);
    expect(await keptOf().load(gatewayId)).toHaveLength(2);
  });
});

it('says no key in its log or its outcome, whatever Kong answers', async () => {
  const lines: string[] = [];
  const adapter = createKongAdapter({
    url: kong.adminUrl,
    timeoutMs: 2000,
    credential: { header: 'Kong-Admin-Token', value: Secret.of('the-admin-token') },
  });
  const log = createLogger({ program: 'test', level: 'trace', destination: { write: (line) => void lines.push(line) } });
  const agent = createAgent({ adapter, state: appliedStateFile(stateDir, kong.adminUrl), drift: driftLog(stateDir), log, resyncIntervalMs: 20 });
  closers.push(
    () => adapter.close(),
    () => agent.stop(),
  );
  const taken = `UNIQUE violation detected on '{key="the-agents-key"}'`;
  for (const status of [400, 409, 500])
    kong.failNext({ method: 'PUT', path: /^\/key-auths\//, status, body: { message: taken, fields: { key: 'the-agents-key' } } });
  kong.failNext({ method: 'PUT', path: /^\/key-auths\//, status: 502, body: '<html>the-agents-key</html>' });
  const outcomes: PassOutcome[] = [];
  for (let attempt = 0; attempt < 5; attempt += 1) outcomes.push(await agent.apply(desired, permitted));
  expect(outcomes.map(({ state }) => state)).toEqual([...Array<string>(4).fill('applied_with_warnings'), 'applied']);
  const said = JSON.stringify(outcomes) + lines.join('\n') + JSON.stringify(agent.status());
  expect(lines).not.toEqual([]);
  expect(said).not.toMatch(/the-agents-key|the-admin-token/);
});

it('lesson 19: stopping finishes the write in hand and begins no other', async () => {
  const agent = makeAgent();
  let asked = 0;
  let stopped: Promise<void> | undefined;
  const outcome = await agent.apply(desired, () => {
    asked += 1;
    if (asked === 2) stopped = agent.stop();
    return true;
  });
  await stopped;
  // The first write was done; the second was not begun.
  expect(writesTo()).toHaveLength(1);
  expect(outcome.state).not.toBe('applied');
});

it('applied means served: what was written just now is acknowledged with the delay that the vendor documents, and nothing is amended for it', async () => {
  const agent = makeAgent();
  const { given, amendments } = authority();
  const first = await agent.apply(desired, permitted);
  expect(first.items[0]).toEqual({ id: orders.id, state: 'applied', phase: 'verify', reason: expect.stringContaining('up to 5 s later') });
  agent.start(given);
  await eventually(() => expect(agent.status().passes).toBeGreaterThan(2));
  expect(amendments).toEqual([]);
  expect((await agent.apply(desired, permitted)).items[0]).toEqual({ id: orders.id, state: 'applied' });
});
