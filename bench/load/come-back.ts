import { connect } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Beats } from './beats.ts';
import type { BeatsResult } from './beats.ts';
import { HttpReader } from './http-reader.ts';
import type { HttpAnswer } from './http-reader.ts';
import { readRegistration, retryAfterMs } from './register-fleet.ts';
import { RuntimeRequests } from './runtime-requests.ts';
import type { Instance } from './runtime-requests.ts';

export type ComeBackSpec = {
  url: string;
  key: string;
  environment: string;
  names: string;
  count: number;
  /** All of them ask for the first time within so long. */
  withinMs: number;
  /** Instances that were never away; each beats once in `intervalMs`. */
  bystanders: Instance[];
  intervalMs: number;
  giveUpAfterMs: number;
};
export type CameBack = {
  /** Milliseconds from the first attempt of the first instance; `all` is null where some were not registered when it was given up. */
  registered99Ms: number | null;
  registeredAllMs: number | null;
  /** When the last of the first attempts was sent: later than asked for where the generator could not send faster. */
  lastFirstAttemptMs: number;
  timeouts: number;
  brokenConnections: number;
  /** The longest time for which the generator itself was held up: what waits so long may wait for it alone. */
  heldUpMs: number;
  /** Answers that told an instance to come back later. */
  later: number;
  bystanders: BeatsResult;
};

/** What the clients of the product wait for an answer (docs/registration-protocol.md, "Time"). */
const timeoutMs = 10_000;
const maxBackOffMs = 60_000;
/** Fewer than a process may have open. Who finds no room waits as in the queue of a listening socket: its time runs on. */
const maxConnections = 8_000;
/** One address has ports for 28,000 connections, those that have just ended included. */
const sourceAddresses = ['127.0.0.2', '127.0.0.3', '127.0.0.4', '127.0.0.5', '127.0.0.6', '127.0.0.7'];

/** A fleet comes back at once: each instance registers over a connection of its own, with the patience and the back-off of a runtime, and beats from then on. */
export async function comeBack(spec: ComeBackSpec): Promise<CameBack> {
  const requests = new RuntimeRequests(spec.url, spec.key);
  const bystanders = new Beats(spec.url, requests, timeoutMs);
  const returned = new Beats(spec.url, requests, timeoutMs);
  await bystanders.openAll();
  for (const instance of spec.bystanders) bystanders.add(instance, Math.random() * spec.intervalMs, spec.intervalMs);
  const herd = new Herd(spec, requests, (instance) => returned.add(instance, Math.random() * spec.intervalMs, spec.intervalMs));
  const delays = monitorEventLoopDelay();
  delays.enable();
  try {
    await herd.run();
    const result = herd.result();
    const timeouts = result.timeouts + returned.result().timeouts;
    return { ...result, timeouts, heldUpMs: delays.max / 1e6, bystanders: bystanders.result() };
  } finally {
    delays.disable();
    bystanders.close();
    returned.close();
  }
}

class Herd {
  readonly #spec: ComeBackSpec;
  readonly #url: URL;
  readonly #requests: RuntimeRequests;
  readonly #registered: (instance: Instance) => void;
  #registeredCount = 0;
  readonly #queue: (() => void)[] = [];
  #open = 0;
  #firstAttempts = 0;
  #source = 0;
  #counts = { lastFirstAttemptMs: 0, timeouts: 0, brokenConnections: 0, later: 0 };
  #registered99Ms: number | null = null;
  #registeredAllMs: number | null = null;
  readonly #sinceMs = performance.now();
  readonly #done = Promise.withResolvers<void>();
  #over = false;

  constructor(spec: ComeBackSpec, requests: RuntimeRequests, registered: (instance: Instance) => void) {
    this.#spec = spec;
    this.#url = new URL(spec.url);
    this.#requests = requests;
    this.#registered = registered;
  }

  async run(): Promise<void> {
    const { count, withinMs, giveUpAfterMs, names, environment } = this.#spec;
    for (let at = 0; at < count; at += 1) {
      const request = this.#requests.register(`${names}-${at}`, environment);
      setTimeout(() => this.#attempt(request, 0), (at / count) * withinMs);
    }
    const timer = setTimeout(() => this.#done.resolve(), giveUpAfterMs);
    await this.#done.promise;
    this.#over = true;
    clearTimeout(timer);
  }

  result(): Omit<CameBack, 'bystanders' | 'heldUpMs'> {
    return { registered99Ms: this.#registered99Ms, registeredAllMs: this.#registeredAllMs, ...this.#counts };
  }

  #attempt(request: Buffer, attempt: number): void {
    if (this.#over) return;
    if (this.#open >= maxConnections) return void this.#queue.push(() => this.#send(request, attempt));
    this.#send(request, attempt);
  }

  #send(request: Buffer, attempt: number): void {
    this.#open += 1;
    if (attempt === 0 && (this.#firstAttempts += 1) === this.#spec.count) this.#counts.lastFirstAttemptMs = performance.now() - this.#sinceMs;
    this.#source = (this.#source + 1) % sourceAddresses.length;
    const localAddress = sourceAddresses[this.#source] as string;
    const socket = connect({ host: this.#url.hostname, port: Number(this.#url.port), localAddress, noDelay: true });
    let isOver = false;
    const over = (next: () => void): void => {
      if (isOver) return;
      isOver = true;
      clearTimeout(timer);
      socket.destroy();
      this.#open -= 1;
      this.#queue.shift()?.();
      next();
    };
    const timer = setTimeout(() => over(() => this.#failed('timeouts', request, attempt)), timeoutMs);
    const reader = new HttpReader((answer) => over(() => this.#answered(answer, request, attempt)));
    socket.on('data', (data) => reader.push(data));
    socket.on('error', () => over(() => this.#failed('brokenConnections', request, attempt)));
    socket.on('close', () => over(() => this.#failed('brokenConnections', request, attempt)));
    socket.write(request);
  }

  #answered(answer: HttpAnswer, request: Buffer, attempt: number): void {
    if (answer.status === 503 || answer.status === 429) {
      this.#counts.later += 1;
      setTimeout(() => this.#attempt(request, attempt + 1), retryAfterMs(answer));
      return;
    }
    const instance = this.#read(answer);
    if (instance === undefined) return;
    this.#registered(instance);
    this.#registeredCount += 1;
    const sinceMs = performance.now() - this.#sinceMs;
    if (this.#registeredCount >= this.#spec.count * 0.99) this.#registered99Ms ??= sinceMs;
    if (this.#registeredCount < this.#spec.count) return;
    this.#registeredAllMs = sinceMs;
    this.#done.resolve();
  }

  #read(answer: HttpAnswer): Instance | undefined {
    try {
      return readRegistration(answer);
    } catch (error) {
      this.#done.reject(error);
      return undefined;
    }
  }

  /** Full jitter: `rand(200 ms … min(60 s, 2ⁿ s))`. */
  #failed(kind: 'timeouts' | 'brokenConnections', request: Buffer, attempt: number): void {
    this.#counts[kind] += 1;
    setTimeout(() => this.#attempt(request, attempt + 1), 200 + Math.random() * (Math.min(maxBackOffMs, 1000 * 2 ** Math.min(attempt, 6)) - 200));
  }
}
