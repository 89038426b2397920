import type { Logger } from '@stoa/lib/log.ts';
import type { ControlPlaneClient } from '@stoa/generated/client.ts';
import { companionCall } from './companion-call.ts';
import type { CompanionContext } from './companion-call.ts';
import { keepRunning } from './keep-running.ts';
import { Bell, Pause } from './pause.ts';
import { requestTimeoutMs } from './timing.ts';
import type { DiskUsageSpool } from './usage-spool.ts';

export type UsageSenderOptions = { client: ControlPlaneClient; context: CompanionContext; spool: DiskUsageSpool; log: Logger };

const idleMs = 60 * 60_000;

/** Sends what is spooled, oldest first, one batch at a time, and deletes it once it is counted. */
export class UsageSender {
  readonly #options: UsageSenderOptions;
  readonly #pause = new Pause();
  readonly #emptied = new Bell();
  #attempt = 0;

  constructor(options: UsageSenderOptions) {
    this.#options = options;
  }

  /** Something was spooled. A sender that backs off goes on doing so. */
  wake(): void {
    if (this.#attempt === 0) this.#pause.wake();
  }

  async run(signal: AbortSignal): Promise<void> {
    const { context, log } = this.#options;
    await keepRunning({ name: 'sending of usage', step: () => this.#step(signal), pause: this.#pause, signal, log, random: context.random });
  }

  /** Resolves when the spool is empty, or when the signal aborts. */
  async drained(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && this.#options.spool.stats().waiting > 0) await this.#emptied.wait(signal);
  }

  async #step(signal: AbortSignal): Promise<number> {
    const { client, context, spool, log } = this.#options;
    if (spool.stats().waiting === 0) {
      this.#emptied.ring();
      return idleMs;
    }
    const lease = await context.session.active(signal);
    const oldest = lease && (await spool.takeOldest());
    if (lease === undefined || oldest === undefined) return 0;
    const { name, batch } = oldest;
    const body = { ...batch, ...(lease.epoch !== undefined && { lease_epoch: lease.epoch }) };
    const params = { path: { gateway_id: lease.gatewayId } };
    const timeoutMs = requestTimeoutMs(context.session.intervalS);
    const verdict = await companionCall(context, lease, this.#attempt, timeoutMs, signal, (init) => client.reportUsage({ params, body, ...init }));
    if (!verdict.ok && verdict.kind !== 'refused') {
      spool.putBack();
      log[this.#attempt === 0 ? 'warn' : 'debug'](
        { status: verdict.failure.status, retry_in_ms: Math.round(verdict.afterMs) },
        `Usage waits on disk: ${verdict.failure.detail}.`,
      );
      this.#attempt += 1;
      return verdict.afterMs;
    }
    this.#attempt = 0;
    if (verdict.ok) await spool.settle(name);
    else await spool.quarantine(name, `the Control Plane refuses it with ${verdict.failure.status}: ${verdict.failure.detail}`);
    return 0;
  }
}
