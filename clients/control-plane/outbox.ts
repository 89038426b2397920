import type { Logger } from '@stoa/lib/log.ts';
import type { Answer } from './call.ts';
import { companionCall } from './companion-call.ts';
import type { CompanionContext, CompanionInit } from './companion-call.ts';
import { keepRunning } from './keep-running.ts';
import type { Lease } from './lease.ts';
import { Pause } from './pause.ts';
import { requestTimeoutMs } from './timing.ts';

export type OutboxOptions<T> = {
  name: string;
  context: CompanionContext;
  send(letter: T, lease: Lease, init: CompanionInit): Promise<Answer>;
  log: Logger;
};

const idleMs = 60 * 60_000;

/** Sends the newest of a kind of report until it is taken or refused. One that waits is replaced by a newer one, since only the newest describes what is. */
export class Outbox<T> {
  readonly #options: OutboxOptions<T>;
  readonly #pause = new Pause();
  #waiting: { letter: T } | undefined;
  #attempt = 0;

  constructor(options: OutboxOptions<T>) {
    this.#options = options;
  }

  put(letter: T): void {
    this.#waiting = { letter };
    this.#pause.wake();
  }

  async run(signal: AbortSignal): Promise<void> {
    const { name, log, context } = this.#options;
    await keepRunning({ name: `sending of the ${name}`, step: () => this.#step(signal), pause: this.#pause, signal, log, random: context.random });
  }

  async #step(signal: AbortSignal): Promise<number> {
    if (this.#waiting === undefined) return idleMs;
    const { context, send, name, log } = this.#options;
    const lease = await context.session.active(signal);
    const waiting = this.#waiting;
    if (lease === undefined) return 0;
    const timeoutMs = requestTimeoutMs(context.session.intervalS);
    const verdict = await companionCall(context, lease, this.#attempt, timeoutMs, signal, (init) => send(waiting.letter, lease, init));
    if (!verdict.ok && verdict.kind !== 'refused') {
      log.debug(
        { status: verdict.failure.status, retry_in_ms: Math.round(verdict.afterMs) },
        `The ${name} did not arrive: ${verdict.failure.detail}.`,
      );
      this.#attempt += 1;
      return verdict.afterMs;
    }
    if (!verdict.ok)
      log.error({ status: verdict.failure.status }, `The Control Plane refuses the ${name}, which is given up: ${verdict.failure.detail}.`);
    this.#attempt = 0;
    if (this.#waiting === waiting) this.#waiting = undefined;
    return 0;
  }
}
