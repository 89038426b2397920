import { Penalties } from '@stoa/lib/penalties.ts';
import type { Severity } from '@stoa/lib/penalties.ts';
import { ApiError } from '../errors.ts';

/** A password can be guessed and a token cannot: here refusals become slow sooner, slower, and for longer. */
const severity: Severity = { freeFailures: 5, stepMs: 500, maxDelayMs: 5_000, forgivenEveryMs: 60_000 };
/**
 * What nobody honest has under way at once: many persons may come from one address, and one person has one account. With the delays above, one address
 * makes five guesses at one account in five seconds at most, and forty at all accounts together.
 */
const maxUnderWay = { pair: 5, account: 20, address: 40 };
type Measure = keyof typeof maxUnderWay;

/**
 * Bounds how fast passwords can be tried, by account, by address, and by both together. Only refusals wait: a good password is let in at once, also from an address,
 * and for an account, of which many were refused. The tries that are under way, waiting refusals among them, are bounded; beyond, a try is not looked at. In
 * memory, so for each process by itself.
 */
export class SignInBrake {
  readonly #penalties: Penalties;
  readonly #underWay = new Map<string, number>();

  constructor(penalties: Penalties = new Penalties(undefined, severity)) {
    this.#penalties = penalties;
  }

  /** What `judge` answers, once it may be told. @throws ApiError 429 when too many tries are under way */
  async attempt<T>({ address, account }: { address: string; account: string }, judge: () => Promise<T | undefined>): Promise<T | undefined> {
    const keys: [Measure, string][] = [
      ['pair', `pair ${address} ${account}`],
      ['account', `account ${account}`],
      ['address', `address ${address}`],
    ];
    if (keys.some(([measure, key]) => this.#count(key) >= maxUnderWay[measure]))
      throw new ApiError(429, 'Too many attempts at once. Wait some seconds, then try again.', { retryAfterS: 5 });
    for (const [, key] of keys) this.#add(key, 1);
    try {
      const judged = await judge();
      if (judged === undefined) await Promise.all(keys.map(([, key]) => this.#penalties.wait(key)));
      return judged;
    } finally {
      for (const [, key] of keys) this.#add(key, -1);
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
