import type { WritePermit } from './types.ts';

type Renewal = { monotonicMs: number; wallMs: number; ttlMs: number };

/** When a request is about to be sent: a lease counts from there, since the server received it later. */
export type Moment = { monotonicMs: number; wallMs: number };

export function now(): Moment {
  return { monotonicMs: performance.now(), wallMs: Date.now() };
}

/**
 * What a registration gave: an identity, an epoch, and the right to write until it runs out. It runs out by the monotonic clock or by the
 * wall clock, whichever is first: the one stands still while a virtual machine is suspended, the other can be set back (lesson 19).
 */
export class Lease {
  readonly gatewayId: string;
  readonly epoch: number | undefined;
  /** Whether the config feed of this server takes `base`. */
  takesBase: boolean;
  /** Whether this server asks for dry runs. */
  asksDryRuns: boolean;
  #renewal: Renewal;
  #controller = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #over = false;

  /** Without `ttlS`, from a server that has no leases, it never runs out. */
  constructor(gatewayId: string, epoch: number | undefined, sentAt: Moment, ttlS: number | undefined, features: readonly string[] = []) {
    this.takesBase = features.includes('config_base');
    this.asksDryRuns = features.includes('dry_run');
    this.gatewayId = gatewayId;
    this.epoch = epoch;
    this.#renewal = { ...sentAt, ttlMs: ttlS === undefined ? Infinity : ttlS * 1000 };
    this.#watch();
  }

  /** Whether a registration told of this lease again. */
  isOf({ gateway_id, lease_epoch }: { gateway_id: string; lease_epoch?: number }): boolean {
    return !this.#over && this.gatewayId === gateway_id && this.epoch === lease_epoch;
  }

  /** `features` are those of the server that was registered with. */
  renew(sentAt: Moment, ttlS: number | undefined, features?: readonly string[]): void {
    if (this.#over) return;
    if (features !== undefined) this.takesBase = features.includes('config_base');
    if (features !== undefined) this.asksDryRuns = features.includes('dry_run');
    this.#renewal = { ...sentAt, ttlMs: ttlS === undefined ? this.#renewal.ttlMs : ttlS * 1000 };
    if (this.#controller.signal.aborted) this.#controller = new AbortController();
    this.#watch();
  }

  /** For good: the instance was fenced, forgotten, forbidden or stopped. */
  end(reason: string): void {
    this.#over = true;
    clearTimeout(this.#timer);
    this.#controller.abort(new Error(reason));
  }

  /** Until the next renewal. */
  suspend(reason: string): void {
    this.#controller.abort(new Error(reason));
  }

  /** Undefined when the lease is over or has run out. */
  permit(): WritePermit | undefined {
    const { signal } = this.#controller;
    if (signal.aborted || !this.#current()) return undefined;
    return { signal, valid: () => !signal.aborted && this.#current() };
  }

  #current(): boolean {
    const { monotonicMs, wallMs, ttlMs } = this.#renewal;
    return !this.#over && performance.now() - monotonicMs < ttlMs && Date.now() - wallMs < ttlMs;
  }

  #watch(): void {
    clearTimeout(this.#timer);
    const { monotonicMs, ttlMs } = this.#renewal;
    if (ttlMs === Infinity) return;
    this.#timer = setTimeout(() => this.#controller.abort(new Error('The lease ran out.')), Math.max(0, monotonicMs + ttlMs - performance.now()));
    this.#timer.unref();
  }
}
