import { gunzipSync } from 'node:zlib';
import { setTimeout as delay } from 'node:timers/promises';
import { Connection } from './connection.ts';
import type { HttpAnswer } from './http-reader.ts';
import { registerFleet, retryAfterMs } from './register-fleet.ts';
import type { FleetSpec } from './register-fleet.ts';
import { RuntimeRequests } from './runtime-requests.ts';
import type { Applied, Instance } from './runtime-requests.ts';

/** `differences` where the server said at the registration that it gives them, as runtimes do; else every answer is the whole state. */
type Form = 'differences' | 'whole';

/** What one change came to: when each instance had it, in milliseconds since 1970, what it was sent, and the items in it, as the first of them was told. */
export type Change = { receivedAtMs: number[]; bytes: number[]; items: { id: string; size: number }[]; badAnswers: Record<number, number> };

const waitS = 50;
const heartbeatIntervalMs = 30_000;
const openedAtOnce = 16;
const maxTries = 100;
/** The hash of a state of nothing, which every server knows as a base. */
const nothing = 'sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

type Received = { atMs: number; bytes: number; items: { id: string; size: number }[] };

/** One light client: takes what the feed gives, acknowledges it, and asks again. */
class PollingInstance {
  readonly instance: Instance;
  readonly #requests: RuntimeRequests;
  readonly #form: Form;
  readonly #line: Connection;
  readonly #group: PollingFleet;
  #etag: string | undefined;
  applied: Applied = { generation: 0, hash: nothing };
  received: Received | undefined;

  constructor(instance: Instance, line: Connection, requests: RuntimeRequests, form: Form, group: PollingFleet) {
    this.instance = instance;
    this.#line = line;
    this.#requests = requests;
    this.#form = form;
    this.#group = group;
  }

  /** Asks once, with the hash of a state that another instance has read: the answer to everything would be the same to each. */
  async begin(hash: string | undefined): Promise<void> {
    if (hash !== undefined && this.#form === 'differences') this.applied = { generation: 0, hash };
    let answer = await this.#ask();
    // Before anything is measured a server may have too much to do: each whole state is megabytes.
    for (let tries = 1; answer.status === 503 && tries < maxTries; tries += 1) {
      await delay(retryAfterMs(answer));
      answer = await this.#ask();
    }
    await this.#take(answer);
  }

  async run(): Promise<void> {
    while (!this.#group.isClosed) {
      const answer = await this.#ask();
      if (this.#group.isClosed) return;
      if (answer.status === 200) await this.#take(answer);
      else if (answer.status !== 304) {
        this.#group.countBad(answer.status);
        await delay(retryAfterMs(answer));
      }
    }
  }

  #ask(): Promise<HttpAnswer> {
    const base = this.#form === 'differences' ? this.applied.hash : undefined;
    return this.#line.ask(this.#requests.config(this.instance, { waitS, etag: this.#etag, base }));
  }

  async #take(answer: HttpAnswer): Promise<void> {
    if (answer.status !== 200) throw new Error(`The configuration was answered ${answer.status}: ${answer.body.toString('utf8').slice(0, 300)}`);
    const atMs = performance.timeOrigin + performance.now();
    this.#etag = /\r\netag: *(.*)/i.exec(answer.headers)?.[1]?.trim();
    const { applied, itemIds, items } = this.#form === 'differences' ? readDifference(answer) : this.#group.readWhole(answer.body);
    this.applied = applied;
    const ack = await this.#line.ask(this.#requests.acknowledge(this.instance, applied, itemIds));
    if (ack.status !== 204) this.#group.countBad(ack.status);
    this.received = { atMs, bytes: answer.bytes, items };
    this.#group.tookOne();
  }
}

type Read = { applied: Applied; itemIds: readonly string[] | undefined; items: { id: string; size: number }[] };

/** The manifest is the first line; the items after it are not looked at. */
function readDifference({ body, headers }: HttpAnswer): Read {
  const text = /\r\ncontent-encoding: *gzip/i.test(headers) ? gunzipSync(body) : body;
  const manifest = JSON.parse(text.toString('utf8', 0, text.indexOf('\n'))) as Applied & { changed: { id: string; size: number }[] };
  const { generation, hash, changed } = manifest;
  return { applied: { generation, hash }, itemIds: undefined, items: changed.map(({ id, size }) => ({ id, size })) };
}

/** Light clients that poll one Control Plane, and send it their heartbeats. */
class PollingFleet {
  isClosed = false;
  readonly #members: PollingInstance[] = [];
  readonly #lines: Connection[] = [];
  readonly #badAnswers: Record<number, number> = {};
  readonly #idsByHash = new Map<string, string[]>();
  #missing = 0;
  #allTook = Promise.withResolvers<void>();
  readonly failure = Promise.withResolvers<never>();

  constructor() {
    this.failure.promise.catch(() => {});
  }

  async open(spec: FleetSpec, form: Form, instances: readonly Instance[]): Promise<void> {
    const requests = new RuntimeRequests(spec.url, spec.key);
    const failed = (error: Error): void => {
      if (!this.isClosed) this.failure.reject(error);
    };
    const open = async (instance: Instance, hash: string | undefined): Promise<PollingInstance> => {
      const line = await Connection.open(new URL(spec.url), failed);
      this.#lines.push(line);
      const member = new PollingInstance(instance, line, requests, form, this);
      await member.begin(hash);
      this.#members.push(member);
      return member;
    };
    const [first, ...others] = instances;
    if (first === undefined) return;
    const { applied } = await open(first, undefined);
    for (let at = 0; at < others.length; at += openedAtOnce) {
      await Promise.all(others.slice(at, at + openedAtOnce).map((instance) => open(instance, applied.hash)));
    }
    for (const member of this.#members) member.run().catch(this.failure.reject);
    await this.#startHeartbeats(spec, requests, failed);
  }

  /** One after the other, so that all have beaten within an interval. */
  async #startHeartbeats({ url }: FleetSpec, requests: RuntimeRequests, failed: (error: Error) => void): Promise<void> {
    const line = await Connection.open(new URL(url), failed);
    this.#lines.push(line);
    const beat = async (): Promise<void> => {
      for (let seq = 1; !this.isClosed; seq += 1) {
        for (const { instance, applied } of this.#members) {
          await delay(heartbeatIntervalMs / this.#members.length);
          if (this.isClosed) break;
          const { status } = await line.ask(requests.heartbeat(instance, seq, applied));
          if (status !== 200) this.countBad(status);
        }
      }
    };
    beat().catch(this.failure.reject);
  }

  /** The ids of the items of a whole state are read once for all who get the same. */
  readWhole(body: Buffer): Read {
    const head = body.toString('utf8', 0, 1_000);
    const generation = Number(/"generation":(\d+)/.exec(head)?.[1]);
    const hash = /"hash":"(sha256:[0-9a-f]{64})"/.exec(head)?.[1];
    if (hash === undefined || Number.isNaN(generation)) throw new Error(`Not a configuration: ${head.slice(0, 300)}`);
    const itemIds = this.#idsByHash.get(hash) ?? (JSON.parse(body.toString('utf8')) as { items: { id: string }[] }).items.map(({ id }) => id);
    this.#idsByHash.set(hash, itemIds);
    return { applied: { generation, hash }, itemIds, items: [] };
  }

  close(): void {
    this.isClosed = true;
    for (const line of this.#lines) line.close();
  }

  countBad(status: number): void {
    this.#badAnswers[status] = (this.#badAnswers[status] ?? 0) + 1;
  }

  expect(): void {
    for (const member of this.#members) member.received = undefined;
    this.#missing = this.#members.length;
    this.#allTook = Promise.withResolvers();
  }

  tookOne(): void {
    this.#missing -= 1;
    if (this.#missing === 0) this.#allTook.resolve();
  }

  async changed(withinMs: number): Promise<Change> {
    const tooLate = delay(withinMs).then(() => {
      throw new Error(`${this.#missing} of ${this.#members.length} instances had not got the change after ${withinMs / 1000} s.`);
    });
    tooLate.catch(() => {});
    await Promise.race([this.#allTook.promise, this.failure.promise, tooLate]);
    const all = this.#members.flatMap(({ received }) => (received === undefined ? [] : [received]));
    return {
      receivedAtMs: all.map(({ atMs }) => atMs),
      bytes: all.map(({ bytes }) => bytes),
      items: all[0]?.items ?? [],
      badAnswers: { ...this.#badAnswers },
    };
  }
}

const fleets = new Map<string, PollingFleet>();

/** Registers a fleet and has each instance take its configuration and poll for the next one. Answers the name to speak of it by. */
export async function openPolls(spec: FleetSpec): Promise<string> {
  const { instances, features } = await registerFleet(spec);
  const form = features.includes('config_base') ? 'differences' : 'whole';
  const fleet = new PollingFleet();
  await Promise.race([fleet.open(spec, form, instances), fleet.failure.promise]);
  const name = `${spec.url} ${spec.names}`;
  fleets.set(name, fleet);
  return name;
}

/** From now on what arrives is the change that `untilChanged` waits for. */
export function expectChange(name: string): void {
  fleetOf(name).expect();
}

/** Resolves once every instance has got the change and has acknowledged it. */
export function untilChanged({ name, withinMs }: { name: string; withinMs: number }): Promise<Change> {
  return fleetOf(name).changed(withinMs);
}

export function closePolls(name: string): void {
  fleetOf(name).close();
  fleets.delete(name);
}

function fleetOf(name: string): PollingFleet {
  const fleet = fleets.get(name);
  if (fleet === undefined) throw new Error(`There are no polls named ${name}.`);
  return fleet;
}
