import { startKongSimulator } from '@stoa/examples/kong-simulator/main.ts';
import type { KongSimulator } from '@stoa/examples/kong-simulator/main.ts';
import { Secret } from '@stoa/lib/secret.ts';
import { createKongAdapter } from '../vendors/kong/adapter.ts';
import type { ManagedObject } from '../engine/model.ts';
import { reconcile } from '../engine/reconcile.ts';
import { rehearse } from '../engine/rehearse.ts';
import type { RehearsedPass } from '../engine/rehearse.ts';
import { createRenderer } from '../engine/render.ts';
import type { ObservedReport, PassResult, PassReading } from '../engine/reconcile.ts';
import { api, config, consumer, cors, keyAuth, perMinute } from './config.ts';

export const orders = api('orders');
/** An API with a policy of each kind that Kong can express, and somebody who may call it. */
export const everything = [orders, keyAuth(orders), perMinute(100, orders), cors(orders), consumer('agent', 'the-agents-key')];

export const nameOf = (entity: Record<string, unknown>): unknown => entity['name'];
export const ackOf = (result: PassResult, item: { id: string }): unknown => result.outcome.items.find(({ id }) => id === item.id);

/** A Kong simulator with a Connect's passes over it, for tests. */
export type KongBench = {
  readonly simulator: KongSimulator;
  readonly reports: ObservedReport[];
  /** One pass over these items; remembers what was applied for the next, unless the process was `killed` before it could. */
  pass(items: Parameters<typeof config>[0], options?: { shouldStop?: () => boolean; forget?: boolean; killed?: boolean }): Promise<PassResult>;
  /** What a pass would do, in a process that remembers what this one applied. */
  rehearse(items: Parameters<typeof config>[0]): Promise<RehearsedPass>;
  /** What a look needs that writes nothing. */
  reading(items: Parameters<typeof config>[0]): PassReading<unknown>;
  /** The requests since the last call that changed something, as `PUT /services/…`. */
  writes(): string[];
  /** A call of the Admin API as another user of this Kong would make it. */
  admin(method: string, path: string, body?: unknown): Promise<Record<string, unknown>>;
  list(kind: string): Promise<Record<string, unknown>[]>;
  close(): Promise<void>;
};

type BenchOptions = {
  shared?: KongSimulator;
  gatewayId?: string;
  settings?: { kongRedisUrl: Secret | undefined };
  /** Has the proxy asked what it serves, this often. */
  served?: { tries: number; everyMs: number };
  /** A Kong that takes its configuration as a whole. */
  database?: 'off';
  /** By how much the proxy is later. */
  proxyDelayMs?: number;
};

/** @param options a simulator of another bench to work on, and the gateway that this one is for. */
export async function startKongBench(options: BenchOptions = {}): Promise<KongBench> {
  const simulator =
    options.shared ??
    (await startKongSimulator({
      adminPort: 0,
      proxyPort: 0,
      proxyDelayMs: options.proxyDelayMs ?? 0,
      ...(options.database && { database: options.database }),
    }));
  // Without a Redis each limit is a warning, which only some tests are about.
  const settings = options.settings ?? { kongRedisUrl: Secret.of('redis://redis.example:6379/0') };
  const { served } = options;
  const proxy = served && { served, settings: { ...settings, kongProxyUrl: simulator.proxyUrl } };
  const adapter = createKongAdapter({ url: simulator.adminUrl, timeoutMs: 5000, settings, ...proxy });
  const render = createRenderer(adapter);
  const reports: ObservedReport[] = [];
  let lastApplied: readonly ManagedObject[] = [];

  async function admin(method: string, path: string, body?: unknown): Promise<Record<string, unknown>> {
    const response = await fetch(simulator.adminUrl + path, {
      method,
      ...(body !== undefined && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
  }

  const reading = (items: Parameters<typeof config>[0]): PassReading<unknown> => ({
    adapter,
    render: createRenderer(adapter),
    config: config(items),
    lastApplied,
    signal: AbortSignal.timeout(20_000),
    nowMs: Date.now(),
  });

  return {
    simulator,
    reports,
    admin,
    list: async (kind) => (await admin('GET', `/${kind}?size=1000`))['data'] as Record<string, unknown>[],
    async pass(items, { shouldStop = () => false, forget = false, killed = false } = {}) {
      const result = await reconcile({
        adapter,
        render,
        config: { ...config(items), ...(options.gatewayId !== undefined && { gateway_id: options.gatewayId }) },
        lastApplied: forget ? [] : lastApplied,
        onObserved: (report) => void reports.push(report),
        shouldStop,
        signal: AbortSignal.timeout(20_000),
        nowMs: Date.now(),
      });
      if (!killed) lastApplied = result.applied;
      return result;
    },
    rehearse: (items) => rehearse(reading(items)),
    reading,
    writes() {
      const made = simulator.exchanges.filter(({ method }) => method !== 'GET').map(({ method, path }) => `${method} ${path}`);
      simulator.exchanges.length = 0;
      return made;
    },
    async close() {
      adapter.close();
      if (options.shared === undefined) await simulator.close();
    },
  };
}
