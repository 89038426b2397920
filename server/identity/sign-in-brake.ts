import { Penalties } from '@stoa/lib/penalties.ts';
import type { Severity } from '@stoa/lib/penalties.ts';
import { ApiError } from '../errors.ts';

/** A password can be guessed and a token cannot: here refusals become slow sooner, slower, and for longer. */
const severity: Severity = { freeFailures: 5, stepMs: 500, maxDelayMs: 5_000, forgivenEveryMs: 60_000 };
/** What somebody alone never has under way at once; with the delays above, from one address five guesses of a password in five seconds at most. */
const maxUnderWay = { pair: 5, account: 20 };

/**
 * Bounds how fast passwords can be tried, by account, and by account and address. Only refusals wait: a good password is let in at once, also from an address, and for
 * an account, of which many were refused. The tries that are under way, waiting refusals among them, are bounded; beyond, a try is not looked at. In memory, so for
 * each process by itself. Of addresses alone the refusals are slowed as those of every bad credential are.
 */
export class SignInBrake {
  readonly #penalties: Penalties;
  readonly #underWay = new Map<string, number>();

  constructor(penalties: Penalties = new Penalties(undefined, severity)) {
    this.#penalties = penalties;
  }

  /** What `judge` answers, once it may be told. @throws ApiError 429 when too many tries are under way */
  async attempt<T>({ address, account }: { address: string; account: string }, judge: () => Promise<T | undefined>): Promise<T | undefined> {
    const pair = `${address} ${account}`;
    if (this.#count(pair) >= maxUnderWay.pair || this.#count(account) >= maxUnderWay.account)
      throw new ApiError(429, 'Too many attempts at once for this account. Wait some seconds, then try again.', { retryAfterS: 5 });
    this.#add(pair, 1);
    this.#add(account, 1);
    try {
      const judged = await judge();
      if (judged === undefined) await Promise.all([this.#penalties.wait(pair), this.#penalties.wait(account)]);
      return judged;
    } finally {
      this.#add(pair, -1);
      this.#add(account, -1);
    }
  }

  #count(key: string): number {
    return this.#underWay.get(key) ?? 0;
  }

  #add(key: string, change: 1 | -1): void {
    const count = this.#count(key) + change;
    if (count === 0) this.#underWay.delete(key);
    else this.#underWay.set(key, count);
  }
}
