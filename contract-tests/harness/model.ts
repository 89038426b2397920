import { EventEmitter, once } from 'node:events';
import { randomUUID } from 'node:crypto';
import type { ConfigItem, GatewayConfig, RegisterRequest, UsageBatch } from '@stoa/generated/schemas.ts';
import { Packed, problemReply } from './faults.ts';
import type { Reply } from './faults.ts';
import { differenceOf, hashOfList, hashOfNothing, linesOf, packed } from './items.ts';
import type { Difference, Line } from './items.ts';
import { createSigner } from './signer.ts';
import type { Signer } from './signer.ts';

export type Call = {
  path: Record<string, string>;
  query: URLSearchParams;
  headers: Record<string, string | undefined>;
  body: unknown;
  gone: AbortSignal;
};
type Instance = { id: string; bootId: string | undefined; epoch: number; left: boolean; signer: Signer };
/** How a generation is made a bad one: by changing the signed document, or the difference, before it is served. */
export type Spoil = { whole?: (config: GatewayConfig) => unknown; difference?: (answer: Difference) => Difference };
export type Answering = (call: Call) => Reply | Promise<Reply>;

const json = (body: object, headers: Record<string, string> = {}): Reply => ({
  status: 200,
  headers: { 'content-type': 'application/json', ...headers },
  body,
});
const nothing: Reply = { status: 204, headers: {}, body: undefined };

/**
 * The registration protocol in memory, as small as the contract allows. Whatever a newer server may add stands in each answer, so that
 * every test is also one of unknown fields.
 */
export class ProtocolModel {
  /** The newest last. */
  #signers = [createSigner()];
  readonly #instances = new Map<string, Instance>();
  readonly #batches = new Set<string>();
  readonly #changed = new EventEmitter({ captureRejections: false }).setMaxListeners(0);
  readonly counted: UsageBatch['records'] = [];
  /** What a registration tells. */
  intervalS = 5;
  /** What a heartbeat tells, when it is to be another. */
  changedIntervalS: number | undefined;
  #generation = 0;
  #items: ConfigItem[] = [];
  #lines: Line[] = [];
  readonly #states = new Map<string, Line[]>([[hashOfNothing, []]]);
  #spoil: Spoil | undefined;
  /** Whether this is a server that tells differences: one from before them knows no `base`. */
  tellsDifferences = true;

  get generation(): number {
    return this.#generation;
  }

  get isSpoiled(): boolean {
    return this.#spoil !== undefined;
  }

  /** Of the list of items that are desired now. */
  get hash(): string {
    return hashOfList(this.#lines);
  }

  /** Makes a new generation. */
  publish(items: ConfigItem[], spoil?: Spoil): number {
    this.#generation += 1;
    this.#items = items;
    this.#lines = linesOf(items);
    this.#states.set(this.hash, this.#lines);
    this.#spoil = spoil;
    this.#changed.emit('news');
    return this.#generation;
  }

  /** From now on there is another key to sign with, beside those before. */
  rotateSigningKey(): void {
    this.#signers = [...this.#signers, createSigner(`harness-${this.#signers.length + 1}`)];
  }

  /** Gives up all signing keys but the newest. */
  retireSigningKeys(): void {
    this.#signers = this.#signers.slice(-1);
  }

  /** Forgets which states there were: the present one is not known as a base either. */
  forgetStates(): void {
    this.#states.clear();
  }

  /** Forgets every instance: what a Control Plane does that lost its memory. */
  forgetInstances(): void {
    this.#instances.clear();
    this.#changed.emit('news');
  }

  readonly answers: Readonly<Record<string, Answering>> = {
    registerGateway: ({ body }) => this.#register(body as RegisterRequest),
    heartbeat: (call) =>
      this.#holding(call, ({ epoch }) => {
        const intervalS = this.changedIntervalS ?? this.intervalS;
        return json({
          heartbeat_interval_s: intervalS,
          lease_epoch: epoch,
          lease_ttl_s: 3 * intervalS + 10,
          config_generation: this.#generation,
          signing_keys_id: this.#keysId,
          tomorrow: { is: 'another day' },
        });
      }),
    getGatewayConfig: (call) => this.#config(call),
    getConfigItem: (call) => this.#holding(call, () => this.#item(call.path['hash'] ?? '')),
    ackGatewayConfig: (call) => this.#holding(call, () => nothing),
    reportObservedState: (call) => this.#holding(call, () => nothing),
    reportUsage: (call) => this.#holding(call, ({ id }) => this.#count(id, call.body as UsageBatch)),
    deregisterGateway: (call) =>
      this.#holding(call, (instance) => {
        instance.left = true;
        return nothing;
      }),
  };

  get #newestSigner(): Signer {
    return this.#signers.at(-1) ?? createSigner();
  }

  get #keysId(): string {
    return this.#signers.map(({ key }) => key.key_id).join('+');
  }

  #register({ environment, instance_name, boot_id }: RegisterRequest): Reply {
    const name = `${environment}/${instance_name}`;
    const known = this.#instances.get(name);
    const instance = known ?? { id: randomUUID(), bootId: boot_id, epoch: 1, left: false, signer: this.#newestSigner };
    if (instance.bootId !== boot_id) instance.epoch += 1;
    instance.bootId = boot_id;
    instance.left = false;
    instance.signer = this.#newestSigner;
    // Who waits for news is given what he has under the new signature.
    this.#changed.emit('news');
    this.#instances.set(name, instance);
    return json({
      gateway_id: instance.id,
      heartbeat_interval_s: this.intervalS,
      lease_epoch: instance.epoch,
      lease_ttl_s: 3 * this.intervalS + 10,
      signing_keys: this.#signers.map(({ key }) => key),
      signing_keys_id: this.#keysId,
      ...(this.tellsDifferences && { features: ['tomorrow', 'config_base'] }),
      tomorrow: [{ is: 'another day' }],
    });
  }

  #holding({ path, query, body }: Call, answer: (instance: Instance) => Reply): Reply {
    const instance = [...this.#instances.values()].find(({ id, left }) => id === path['gateway_id'] && !left);
    if (instance === undefined) return problemReply(404);
    const epoch =
      (body as { lease_epoch?: number } | undefined)?.lease_epoch ?? (query.has('lease_epoch') ? Number(query.get('lease_epoch')) : undefined);
    return epoch !== undefined && epoch !== instance.epoch ? problemReply(409, { code: 'stale_epoch' }) : answer(instance);
  }

  async #config(call: Call): Promise<Reply> {
    const base = this.tellsDifferences ? call.query.get('base') : null;
    if (!this.tellsDifferences && call.query.has('base')) return problemReply(400);
    const untilMs = performance.now() + Number(call.query.get('wait_s') ?? 0) * 1000;
    for (;;) {
      const known = [...this.#instances.values()].find(({ id }) => id === call.path['gateway_id']);
      const etag = `"generation-${this.#generation}-${known?.signer.key.key_id}"`;
      if (call.headers['if-none-match'] !== etag)
        return this.#holding(call, (instance) => (base === null ? this.#document(instance, etag) : this.#difference(instance, etag, base, call)));
      const leftMs = untilMs - performance.now();
      if (leftMs <= 0 || call.gone.aborted || known === undefined)
        return this.#holding(call, () => ({ status: 304, headers: { etag }, body: undefined }));
      await once(this.#changed, 'news', { signal: AbortSignal.any([call.gone, AbortSignal.timeout(Math.ceil(leftMs))]) }).catch(() => undefined);
    }
  }

  #document({ id, signer }: Instance, etag: string): Reply {
    const config = signer.sign(id, this.#generation, this.#items);
    return json(this.#spoil?.whole?.(config) ?? { ...config, tomorrow: 'is another day' }, { etag });
  }

  #difference({ id, signer }: Instance, etag: string, base: string, { headers: { 'accept-encoding': encoding } }: Call): Reply {
    const before = this.#states.get(base);
    const { removed, changed, lines } = differenceOf(before, this.#lines);
    const name = signer.name(id, this.#generation, this.hash);
    const manifest = { ...name, ...(before !== undefined && { base }), removed, changed, tomorrow: 'is another day' };
    const { headers, body } = packed(this.#spoil?.difference?.({ manifest, lines }) ?? { manifest, lines }, encoding);
    return { status: 200, headers: { ...headers, etag }, body };
  }

  #item(hash: string): Reply {
    const line = this.#lines.find((one) => one.hash === hash);
    if (line === undefined) return problemReply(404);
    return { status: 200, headers: { 'content-type': 'application/json' }, body: new Packed(line.bytes.toString()) };
  }

  #count(gatewayId: string, { boot_id, seq, records }: UsageBatch): Reply {
    const key = `${gatewayId} ${boot_id} ${seq}`;
    const duplicate = this.#batches.has(key);
    this.#batches.add(key);
    if (!duplicate) this.counted.push(...records);
    return json({ duplicate, tomorrow: true });
  }
}
