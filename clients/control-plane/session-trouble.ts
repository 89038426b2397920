import type { Logger } from '@stoa/lib/log.ts';
import type { Decision, Failure } from './decide.ts';

export type CallName = 'registration' | 'heartbeat';

/** What is wrong between an instance and the Control Plane, for the log and for `/readyz`. */
export class SessionTrouble {
  readonly #log: Logger;
  #reason: string | undefined = 'The instance is not registered yet.';
  #lastKind = '';

  constructor(log: Logger) {
    this.#log = log;
  }

  /** Undefined when the last call succeeded. Names no address, since anyone may ask `/readyz`. */
  get reason(): string | undefined {
    return this.#reason;
  }

  /** Says each kind of trouble once; what repeats it is for who debugs. */
  met(name: CallName, failure: Failure, decision: Decision): void {
    const kind = `${name} ${failure.status}`;
    const level = kind === this.#lastKind ? 'debug' : 'warn';
    this.#lastKind = kind;
    const told = `The Control Plane ${decision.say} (${name}: ${failure.detail}).`;
    // Messages of the network name addresses: they go to the log only.
    this.#reason = failure.status === 'none' ? `The Control Plane ${decision.say} (${name}).` : told;
    this.#log[level]({ status: failure.status, retry_in_ms: Math.round(decision.afterMs) }, told);
  }

  over(name: CallName): void {
    if (this.#lastKind !== '') this.#log.info(`The Control Plane answers again (${name}).`);
    this.#lastKind = '';
    this.#reason = undefined;
  }
}
