import { randomUUID } from 'node:crypto';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startKongSimulator } from '@stoa/examples/kong-simulator/main.ts';
import type { KongSimulator } from '@stoa/examples/kong-simulator/main.ts';
import { startOrdersApi } from '@stoa/examples/orders/main.ts';
import type { ConfigItem, GatewayMode } from '@stoa/generated/schemas.ts';
import { runtimeContract } from '../document/contract.ts';
import { responseFaults } from '../document/faults.ts';
import { Harness } from '../harness/harness.ts';
import type { HarnessOptions } from '../harness/harness.ts';
import type { Subject } from '../requirements.ts';
import { consumerItem, listOrdersTool, ordersItem } from '../suite/runtime/items.ts';
import { callByOlderSdk } from './mcp-clients.ts';
import { startRuntimeProcess } from './runtime-process.ts';
import type { Running } from './runtime-process.ts';

/** A product that registers. */
export type RuntimeKind = {
  readonly name: Exclude<Subject, 'control-plane'>;
  readonly product: string;
  readonly mode: GatewayMode;
  readonly servesMcp: boolean;
};

export const runtimeKinds = {
  gateway: { name: 'gateway', product: 'STOA Gateway', mode: 'edge_mcp', servesMcp: true },
  link: { name: 'link', product: 'STOA Link', mode: 'sidecar', servesMcp: true },
  connect: { name: 'connect', product: 'STOA Connect', mode: 'connect', servesMcp: false },
} as const satisfies Record<RuntimeKind['name'], RuntimeKind>;

export type Readiness = { status: number; config?: { state: string; generation: number } };
export type Target = { controlPlaneUrl: string; key: string; env?: Record<string, string> };

/** Everything around one runtime: where it keeps its state, what it serves, and the gateway that a Connect configures. */
export class Bench {
  readonly kind: RuntimeKind;
  readonly instanceName = `contract-${randomUUID()}`;
  /** What calls are made with. */
  consumerKey = `stoa_ck_${randomUUID()}`;
  readonly ordersUrl: string;
  readonly kong: KongSimulator;
  /** An API and a consumer that may call it. */
  readonly items: ConfigItem[];
  readonly #directory: string;
  readonly #closers: (() => Promise<unknown>)[] = [];

  private constructor(kind: RuntimeKind, directory: string, ordersUrl: string, kong: KongSimulator) {
    this.kind = kind;
    this.#directory = directory;
    this.ordersUrl = ordersUrl;
    this.kong = kong;
    this.items = [ordersItem(ordersUrl), consumerItem(this.consumerKey, kind.mode === 'connect')];
  }

  /** Runs `use` with a bench of its own, and removes all of it afterwards, processes first. */
  static async with(kind: RuntimeKind, use: (bench: Bench) => Promise<void>): Promise<void> {
    const directory = await mkdtemp(join(tmpdir(), `stoa-contract-${kind.name}-`));
    const [orders, kong] = await Promise.all([startOrdersApi({ port: 0 }), startKongSimulator({ adminPort: 0, proxyPort: 0 })]);
    const bench = new Bench(kind, directory, orders.url, kong);
    bench.#closers.push(
      () => rm(directory, { recursive: true, force: true }),
      () => orders.close(),
      () => kong.close(),
    );
    try {
      await use(bench);
    } finally {
      for (const close of bench.#closers.reverse()) await close();
    }
  }

  get stateDir(): string {
    return join(this.#directory, 'state');
  }

  get keyFile(): string {
    return join(this.#directory, 'gateway-key');
  }

  /** Puts a key in the file that the runtime reads, as a rotation does: whole or not at all. */
  async writeKey(key: string): Promise<void> {
    await writeFile(`${this.keyFile}.new`, `${key}\n`, { mode: 0o600 });
    await rename(`${this.keyFile}.new`, this.keyFile);
  }

  async startHarness(options: HarnessOptions): Promise<Harness> {
    const harness = await Harness.start(options);
    this.#closers.push(() => harness.close());
    return harness;
  }

  /** Starts the runtime; a second start has the state of the first. */
  async start({ controlPlaneUrl, key, env = {} }: Target): Promise<Running> {
    await this.writeKey(key);
    const running = await startRuntimeProcess(`runtimes/${this.kind.name}/main.ts`, {
      STOA_CONTROL_PLANE_URL: controlPlaneUrl,
      STOA_GATEWAY_KEY_FILE: this.keyFile,
      STOA_INSTANCE_NAME: this.instanceName,
      STOA_ENVIRONMENT: 'production',
      STOA_STATE_DIR: this.stateDir,
      STOA_LISTEN: '127.0.0.1:0',
      ...(this.kind.mode === 'connect' && { STOA_TARGET_GATEWAY_URL: this.kong.adminUrl, STOA_RESYNC_INTERVAL: '1s' }),
      ...env,
    });
    this.#closers.push(() => running.kill());
    return running;
  }

  /** Whether the orders API can be called where this runtime exposes it: as a tool, or through the gateway that Connect configured. */
  async serves(running: Running): Promise<boolean> {
    if (!this.kind.servesMcp) return (await fetch(`${this.kong.proxyUrl}/orders`, { headers: { 'x-api-key': this.consumerKey } })).ok;
    // The client library throws where there is no such tool.
    return callByOlderSdk(`${running.url}/mcp`, this.consumerKey, listOrdersTool).then(
      ({ ok }) => ok,
      () => false,
    );
  }

  /** Asks a probe and holds the answer against the runtime's document. */
  async probe(running: Running, operationId: string): Promise<{ status: number; text: string }> {
    const entry = runtimeContract.entry(operationId);
    const response = await fetch(`${running.url}${entry.path}`);
    const text = await response.text();
    const faults = responseFaults(runtimeContract, entry, { status: response.status, headers: Object.fromEntries(response.headers), text });
    if (faults.length > 0) throw new Error(faults.join('\n'));
    return { status: response.status, text };
  }

  async readiness(running: Running): Promise<Readiness> {
    const { status, text } = await this.probe(running, 'getReadiness');
    return { ...(JSON.parse(text) as Omit<Readiness, 'status'>), status };
  }
}
