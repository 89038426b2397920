import type { JWK } from 'oidc-provider';
import type Provider from 'oidc-provider';
import type { Logger } from '@stoa/lib/log.ts';
import type { IssuerKeys } from './signing-keys.ts';

type Parts = { read: () => Promise<IssuerKeys>; make: (jwks: JWK[]) => Provider; log: Pick<Logger, 'warn'> };

/** So long after another replica replaced the keys it is known here, also when its word was lost. */
const readAgainMs = 30_000;

/**
 * The embedded issuer, made when it is first asked for, and made anew when other keys are published or sign: the library takes its keys once. All that it knows of
 * persons, clients and tokens is in the database, so that nobody notices.
 */
export class CurrentIssuer {
  readonly #parts: Parts;
  #made: { name: string; provider: Provider } | undefined;
  #untilMs = -Infinity;
  #reading: Promise<Provider> | undefined;
  #heard = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  readonly get = (): Promise<Provider> => {
    if (this.#made !== undefined && performance.now() < this.#untilMs) return Promise.resolve(this.#made.provider);
    return (this.#reading ??= this.#read().finally(() => (this.#reading = undefined)));
  };

  /** The next to ask reads the keys. */
  forget(): void {
    this.#untilMs = -Infinity;
    this.#heard += 1;
  }

  async #read(): Promise<Provider> {
    const [askedMs, heard] = [performance.now(), this.#heard];
    try {
      const { jwks, name, changesInMs } = await this.#parts.read();
      if (this.#made?.name !== name) this.#made = { name, provider: this.#parts.make(jwks) };
      // What was read while somebody told of a change may be from before it.
      if (heard === this.#heard) this.#untilMs = askedMs + Math.min(readAgainMs, changesInMs);
    } catch (error) {
      if (this.#made === undefined) throw error;
      this.#parts.log.warn({ err: error }, 'The keys of the issuer cannot be read: it goes on with those that it has.');
    }
    return this.#made.provider;
  }
}
