import { createHmac } from 'node:crypto';

/** So long a nonce is given out, and so long again it is taken. */
const windowMs = 60_000;

/**
 * Nonces for proofs (RFC 9449 §8), which whoever has the secret makes and knows without keeping any: threads of a process, and replicas that are told the same
 * secret, take those of each other.
 */
export class Nonces {
  readonly #secret: Uint8Array;
  readonly #now: () => number;

  constructor(secret: Uint8Array, now: () => number) {
    this.#secret = secret;
    this.#now = now;
  }

  current(): string {
    return this.#of(this.#window());
  }

  /** Whether it is of now, of a moment ago, or of another replica whose clock is a little ahead. */
  isGood(nonce: string): boolean {
    const now = this.#window();
    return [now, now - 1, now + 1].some((window) => this.#of(window) === nonce);
  }

  #window(): number {
    return Math.floor(this.#now() / windowMs);
  }

  #of(window: number): string {
    return createHmac('sha256', this.#secret).update(`dpop ${window}`).digest('base64url');
  }
}
