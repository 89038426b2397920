import { mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, vi } from 'vitest';
import type { GatewayConfig } from '@stoa/generated/schemas.ts';
import { createLogger } from '@stoa/lib/log.ts';
import { Secret } from '@stoa/lib/secret.ts';
import { connectToControlPlane } from '../connection.ts';
import type { ApplyOutcome, ControlPlaneConnection, ControlPlaneConnectionOptions, DesiredState, WritePermit } from '../types.ts';
import { wholeItems } from '../whole-items.ts';
import { createFakeControlPlane, createSigner, gatewayId, json } from './fake-control-plane.ts';

/**
 * A test connection under a clock of the test for each test of a file. `test()` is that of the test that runs; `acks` and `kept` are what it has acknowledged, and the
 * configuration that lies on its disk.
 */
export function testConnections() {
  let test: TestConnection;
  beforeEach(() => {
    vi.useFakeTimers();
    test = createTestConnection();
  });
  afterEach(async () => {
    await test.end();
    vi.useRealTimers();
  });
  return {
    test: () => test,
    acks: () => test.server.named('ack').map(({ body }) => body),
    kept: async () => JSON.parse(await readFile(join(test.stateDir, 'last-known-good.json'), 'utf8')).config as GatewayConfig,
  };
}

/** What a runtime would answer that took everything. */
export const applied: ApplyOutcome = { state: 'applied', items: [] };

/** A desired state that a runtime was given; `items` are all of it by id, with the keys in their consumers. */
export type Given = { state: DesiredState; items: GatewayConfig['items']; permit?: WritePermit };

export const givenOf = (state: DesiredState): Given => ({ state, items: wholeItems(state) });

/**
 * A connection to a Control Plane in memory, over a state directory that outlives it: `start` again for a restart. `desired` is what the config
 * feed serves, with long polls that wake when it is set.
 */
export function createTestConnection() {
  const server = createFakeControlPlane();
  const signer = createSigner();
  const stateDir = mkdtempSync(join(tmpdir(), 'control-plane-client-'));
  const said: string[] = [];
  const given: Given[] = [];
  const restored: Given[] = [];
  const waiting = new Set<() => void>();
  let desired: GatewayConfig | undefined;
  let connection: ControlPlaneConnection | undefined;
  const registered = { gateway_id: gatewayId, heartbeat_interval_s: 30, lease_epoch: 1, lease_ttl_s: 100, signing_keys: [signer.key] };
  server.always('register', () => json(registered));
  server.always('heartbeat', () => json({ lease_ttl_s: 100 }));
  server.always('config', async ({ headers, url }, signal) => {
    const etagOf = () => desired && `"${desired.generation}-${desired.hash.slice(7, 15)}"`;
    if (etagOf() === (headers.get('if-none-match') ?? undefined)) await changeOrTimeout(Number(url.searchParams.get('wait_s') ?? 0), signal, waiting);
    const etag = etagOf();
    if (etag === (headers.get('if-none-match') ?? undefined)) return new Response(null, { status: 304, ...(etag && { headers: { etag } }) });
    return json(desired, etag === undefined ? {} : { headers: { etag } });
  });
  return {
    server,
    signer,
    stateDir,
    said,
    given,
    restored,
    registered,
    /** Makes this the desired state and wakes who waits for it. */
    desire(config: GatewayConfig): void {
      desired = config;
      for (const wake of [...waiting]) wake();
    },
    async start(overrides: Partial<ControlPlaneConnectionOptions> = {}): Promise<ControlPlaneConnection> {
      connection = await connectToControlPlane({
        controlPlaneUrl: 'http://control-plane.test',
        gatewayKey: Secret.of('gateway-key'),
        instance: { instance_name: 'edge-1', gateway_mode: 'edge_mcp', version: '1.0.0', features: ['mcp'], environment: 'production' },
        stateDir,
        log: createLogger({ program: 'test', level: 'info', destination: { write: (line: string) => void said.push(line) } }),
        report: () => ({ status: 'healthy', metrics: {} }),
        restore: async (state) => void restored.push(givenOf(state)),
        apply: async (state, permit) => {
          given.push({ ...givenOf(state), permit });
          return applied;
        },
        fetch: server.fetch,
        random: () => 0.5,
        ...overrides,
      });
      return connection;
    },
    async end(): Promise<void> {
      await connection?.stop({ deregister: false });
      rmSync(stateDir, { recursive: true, force: true });
    },
  };
}

export type TestConnection = ReturnType<typeof createTestConnection>;

function changeOrTimeout(seconds: number, signal: AbortSignal, waiting: Set<() => void>): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(end, seconds * 1000);
    function end(): void {
      clearTimeout(timer);
      waiting.delete(end);
      resolve();
    }
    waiting.add(end);
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        waiting.delete(end);
        reject(signal.reason as Error);
      },
      { once: true },
    );
  });
}
