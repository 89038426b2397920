import { randomUUID } from 'node:crypto';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startKongSimulator } from '@stoa/examples/kong-simulator/simulator.ts';
import type { KongSimulator } from '@stoa/examples/kong-simulator/simulator.ts';
import { startOrdersApi } from '@stoa/examples/orders/orders-api.ts';
import type { ConfigItem, GatewayMode } from '@stoa/generated/schemas.ts';
import { runtimeContract } from '../document/contract.ts';
import { responseFaults } from '../document/faults.ts';
import { Harness } from '../harness/harness.ts';
import type { HarnessOptions, RecordedCall } from '../harness/harness.ts';
import type { Subject } from '../requirements.ts';
import { Unavailable } from '../suite/case.ts';
import { consumerItem, listOrdersTool, ordersItem } from '../suite/runtime/items.ts';
import { callByOlderSdk } from './mcp-clients.ts';
import { startRuntimeProcess } from './runtime-process.ts';
import type { Running } from './runtime-process.ts';

/** What is started as the subject: by `env` alone it learns where its Control Plane is, how it is called, and where it may keep its state. */
export type Launch = (env: Record<string, string>) => Promise<Running>;

/** How a subject that is not ours is met. */
export type Foreign = {
  readonly launch: Launch;
  /** It runs already, and is neither started nor stopped. */
  readonly isAttached?: boolean;
  /** Where the Control Plane that the kit is may listen. */
  readonly listen: () => { host: string; port: number };
  /** Hears of what could not be looked at, and of the exchanges of a case that failed. */
  readonly unseen: (what: string) => void;
};

/** A product that registers. */
export type RuntimeKind = {
  readonly name: Exclude<Subject, 'control-plane'>;
  readonly product: string;
  readonly mode: GatewayMode;
  readonly servesMcp: boolean;
  /** Absent for our own products, which are started from this repository and looked into. */
  readonly foreign?: Foreign;
};

export const runtimeKinds = {
  gateway: { name: 'gateway', product: 'STOA Gateway', mode: 'edge_mcp', servesMcp: true },
  link: { name: 'link', product: 'STOA Link', mode: 'sidecar', servesMcp: true },
  connect: { name: 'connect', product: 'STOA Connect', mode: 'connect', servesMcp: false },
} as const satisfies Record<RuntimeKind['name'], RuntimeKind>;

export type Target = { controlPlaneUrl: string; key: string; env?: Record<string, string> };

/** Why a case failed, with what was said by then. */
export class CaseFailed extends Error {
  readonly exchanges: readonly RecordedCall[];

  constructor(error: unknown, exchanges: readonly RecordedCall[]) {
    super(error instanceof Error ? error.message : String(error), { cause: error });
    this.exchanges = exchanges;
  }
}

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
  readonly #harnesses: Harness[] = [];

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
    } catch (error) {
      throw kind.foreign === undefined ? error : new CaseFailed(error, bench.exchanges);
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

  /** Whether this is a product of ours, whose every side is looked at. Of others only what the contract demands is. */
  get isProduct(): boolean {
    return this.kind.foreign === undefined;
  }

  /** Whether it was started with the names that a case gives. */
  get isStarted(): boolean {
    return this.kind.foreign?.isAttached !== true;
  }

  /** Whether what it keeps on disk lies as ours does: the contract does not say how. */
  get keepsItemsOnDisk(): boolean {
    return this.isProduct;
  }

  get exchanges(): readonly RecordedCall[] {
    return this.#harnesses.flatMap(({ exchanges }) => exchanges);
  }

  /** For a case that consists of calls through the runtime. */
  needsDataPlane(): void {
    if (!this.isProduct) throw new Unavailable('Calls through a runtime that is not ours are not made.');
  }

  async startHarness(options: HarnessOptions): Promise<Harness> {
    const harness = await Harness.start({ ...options, ...this.kind.foreign?.listen() });
    this.#harnesses.push(harness);
    this.#closers.push(() => harness.close());
    return harness;
  }

  /** Starts the runtime; a second start has the state of the first. */
  async start({ controlPlaneUrl, key, env = {} }: Target): Promise<Running> {
    await this.writeKey(key);
    const { foreign } = this.kind;
    const running = await (foreign?.launch ?? ((all) => startRuntimeProcess(`runtimes/${this.kind.name}/main.ts`, all)))({
      STOA_CONTROL_PLANE_URL: controlPlaneUrl,
      STOA_GATEWAY_KEY_FILE: this.keyFile,
      STOA_INSTANCE_NAME: this.instanceName,
      STOA_ENVIRONMENT: 'production',
      STOA_STATE_DIR: this.stateDir,
      STOA_LISTEN: '127.0.0.1:0',
      ...(foreign !== undefined && { CONFORM_GATEWAY_MODE: this.kind.mode }),
      ...(this.kind.mode === 'connect' && { STOA_TARGET_GATEWAY_URL: this.kong.adminUrl, STOA_RESYNC_INTERVAL: '1s' }),
      ...env,
    });
    this.#closers.push(() => running.kill());
    return running;
  }

  /**
   * Whether the orders API can be called where this runtime exposes it, as a tool or through the gateway that Connect configured, and whether that is as
   * `wanted`. True of a runtime that is not ours: what it tells in acknowledgements and heartbeats is held against the contract instead.
   */
  async serves(running: Running, wanted = true): Promise<boolean> {
    if (!this.isProduct) {
      this.kind.foreign?.unseen('calls through the runtime');
      return true;
    }
    return (await this.#isCallable(running)) === wanted;
  }

  async #isCallable(running: Running): Promise<boolean> {
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
    const response = await fetch(`${this.#baseOf(running)}${entry.path}`);
    const text = await response.text();
    const faults = responseFaults(runtimeContract, entry, { status: response.status, headers: Object.fromEntries(response.headers), text });
    if (faults.length > 0) throw new Error(faults.join('\n'));
    return { status: response.status, text };
  }

  /** Where it answers probes: as it says when it starts, or as it announced when it registered. */
  #baseOf(running: Running): string | undefined {
    if (running.url !== undefined) return running.url;
    const announced: unknown = this.exchanges.findLast(({ operationId }) => operationId === 'registerGateway')?.body?.endpoints?.health;
    return typeof announced === 'string' && URL.canParse(announced) ? new URL(announced).origin : undefined;
  }

  seesProbes(running: Running): boolean {
    const sees = this.#baseOf(running) !== undefined;
    if (!sees) this.kind.foreign?.unseen('its probes, of which it announces none as endpoint `health`');
    return sees;
  }

  /** Whether its readiness says all of this; true of a runtime that announces no probes. */
  async isReady(running: Running, wanted: { status?: number; state?: string; generation?: number }): Promise<boolean> {
    if (!this.seesProbes(running)) return true;
    // One that was started a moment ago does not answer yet.
    const probed = await this.probe(running, 'getReadiness').catch((error: unknown) => {
      if (error instanceof TypeError) return undefined;
      throw error;
    });
    if (probed === undefined) return false;
    const { config } = JSON.parse(probed.text) as { config?: { state: string; generation: number } };
    const { status = probed.status, state = config?.state, generation = config?.generation } = wanted;
    return probed.status === status && config?.state === state && config?.generation === generation;
  }
}
