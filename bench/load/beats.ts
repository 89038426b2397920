import { Histogram } from '../measure/histogram.ts';
import { Connection } from './connection.ts';
import type { HttpAnswer } from './http-reader.ts';
import type { RuntimeRequests, Instance } from './runtime-requests.ts';
import { wrongAnswer } from './workload.ts';

export type BeatsResult = { p99Ms: number; worstMs: number; beats: number; timeouts: number };

const maxConnections = 64;
const retryMs = 200;
const applied = { generation: 1, hash: `sha256:${'5f'.repeat(32)}` };

/** Heartbeats of instances at their interval, over shared connections, each timed from when it was due. */
export class Beats {
  readonly #url: URL;
  readonly #requests: RuntimeRequests;
  readonly #timeoutMs: number;
  readonly #free: Connection[] = [];
  readonly #open = new Set<Connection>();
  readonly #due: (() => void)[] = [];
  readonly #latencies = new Histogram();
  #opening = 0;
  #worstMs = 0;
  #timeouts = 0;
  #isClosed = false;
  #failure: Error | undefined;

  constructor(url: string, requests: RuntimeRequests, timeoutMs: number) {
    this.#url = new URL(url);
    this.#requests = requests;
    this.#timeoutMs = timeoutMs;
  }

  /** Opens all connections, as instances that beat have them open. */
  async openAll(): Promise<void> {
    const lines = await Promise.all(Array.from({ length: maxConnections }, () => Connection.open(this.#url, () => {})));
    for (const line of lines) this.#opened(line);
  }

  /** The first beat of an instance is `afterMs` from now. */
  add(instance: Instance, afterMs: number, intervalMs: number, seq = 1): void {
    setTimeout(() => {
      if (this.#isClosed) return;
      this.#send(this.#requests.heartbeat(instance, seq, applied), performance.now());
      this.add(instance, intervalMs, intervalMs, seq + 1);
    }, afterMs).unref();
  }

  #send(request: Buffer, dueMs: number): void {
    const line = this.#free.pop();
    if (line === undefined) {
      this.#due.push(() => this.#send(request, dueMs));
      this.#openAnother();
      return;
    }
    // A server ends a connection that was idle for a while, at times just as something is sent on it: then it is sent again, as HTTP clients do.
    line.onClosed = () => this.#lost(line, () => this.#send(request, dueMs));
    line.send(request, (answer) => {
      this.#count(answer, performance.now() - dueMs);
      line.onClosed = () => this.#lost(line);
      this.#free.push(line);
      this.#due.shift()?.();
    });
  }

  #openAnother(): void {
    if (this.#isClosed || this.#open.size + this.#opening >= maxConnections) return;
    this.#opening += 1;
    Connection.open(this.#url, () => {}).then(
      (line) => {
        this.#opening -= 1;
        this.#opened(line);
      },
      () => {
        // The time of the beat that waits for it runs on.
        this.#opening -= 1;
        if (this.#due.length > 0) setTimeout(() => this.#openAnother(), retryMs);
      },
    );
  }

  #opened(line: Connection): void {
    this.#open.add(line);
    this.#free.push(line);
    line.onClosed = () => this.#lost(line);
    this.#due.shift()?.();
  }

  #lost(line: Connection, then: () => void = () => {}): void {
    this.#open.delete(line);
    const at = this.#free.indexOf(line);
    if (at >= 0) this.#free.splice(at, 1);
    if (!this.#isClosed) then();
  }

  #count(answer: HttpAnswer, tookMs: number): void {
    if (answer.status !== 200) this.#failure ??= wrongAnswer(answer, 'a heartbeat reply');
    this.#latencies.record(tookMs * 1000);
    this.#worstMs = Math.max(this.#worstMs, tookMs);
    if (tookMs > this.#timeoutMs) this.#timeouts += 1;
  }

  /** Throws when a beat was refused. One that waits still for its answer counts as far as it has waited. */
  result(): BeatsResult {
    if (this.#failure !== undefined) throw this.#failure;
    return { p99Ms: this.#latencies.quantile(0.99) / 1000, worstMs: this.#worstMs, beats: this.#latencies.total, timeouts: this.#timeouts };
  }

  close(): void {
    this.#isClosed = true;
    for (const line of this.#open) line.close();
  }
}
