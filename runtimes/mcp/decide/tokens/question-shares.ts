import { Penalties } from '@stoa/lib/penalties.ts';
import { NotAsked } from './issuer-keys.ts';

/** Questions to issuers about tokens, at once: in all, to each issuer, and for each address about tokens that nobody knows yet. Those beyond are answered 503. */
const most = { inAll: 64, ofIssuer: 32, ofAddress: 16 };
/** Of an address so many questions are free of which nothing comes, and one a second more. */
const severity = { freeFailures: 20, stepMs: 1, maxDelayMs: 1, forgivenEveryMs: 1000 };

/** What issuers are asked about at once, in shares: whoever makes up tokens uses up his own, and neither keeps those of others waiting nor sets us on an issuer. */
export class QuestionShares {
  readonly #ofIssuer = new Map<string, number>();
  readonly #ofAddress = new Map<string, number>();
  readonly #fruitless: Penalties;
  #inAll = 0;

  constructor(now: () => number) {
    this.#fruitless = new Penalties(now, severity);
  }

  /**
   * Puts a question to an issuer.
   * @throws NotAsked while there are too many
   */
  async put<T>(issuer: string, question: () => Promise<T>): Promise<T> {
    if (this.#inAll >= most.inAll) throw new NotAsked(`${most.inAll} questions about tokens are under way already`);
    this.#inAll += 1;
    try {
      return await within(this.#ofIssuer, issuer, most.ofIssuer, question);
    } finally {
      this.#inAll -= 1;
    }
  }

  /**
   * Has somebody at an address find out about a token of which nobody knows yet whether it is anybody's.
   * @throws NotAsked while there is too much of the same address, or nothing came of what it has asked
   */
  async putFor<T>(address: string, question: () => Promise<T>): Promise<T> {
    if (this.#fruitless.isSpent(address)) throw new NotAsked(`nothing came of what ${address} had asked`);
    try {
      return await within(this.#ofAddress, address, most.ofAddress, question);
    } catch (error) {
      if (!(error instanceof NotAsked)) this.#fruitless.count(address);
      throw error;
    }
  }
}

async function within<T>(counts: Map<string, number>, name: string, atMost: number, question: () => Promise<T>): Promise<T> {
  const count = counts.get(name) ?? 0;
  if (count >= atMost) throw new NotAsked(`${atMost} questions about tokens are under way for ${name} already`);
  counts.set(name, count + 1);
  try {
    return await question();
  } finally {
    const left = (counts.get(name) ?? 1) - 1;
    if (left > 0) counts.set(name, left);
    else counts.delete(name);
  }
}
