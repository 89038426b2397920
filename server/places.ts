import { ApiError } from './errors.ts';

/** So many at a time of what waits at this server for one and the same: whoever comes beyond that is told when to come again, and holds nothing meanwhile. */
export class Places {
  readonly #most: number;
  readonly #retryAfterS: number;
  readonly #words: string;
  readonly #taken = new Map<string, number>();

  /** @param words why there is no place, and what to do */
  constructor(most: number, retryAfterS: number, words: string) {
    this.#most = most;
    this.#retryAfterS = retryAfterS;
    this.#words = words;
  }

  /** Has a place of `key` while it works. @throws ApiError 429 when there is none */
  async within<T>(key: string, work: () => Promise<T>): Promise<T> {
    const taken = this.#taken.get(key) ?? 0;
    if (taken >= this.#most) throw new ApiError(429, this.#words, { code: 'too_many_at_once', retryAfterS: this.#retryAfterS });
    this.#taken.set(key, taken + 1);
    try {
      return await work();
    } finally {
      const left = (this.#taken.get(key) ?? 1) - 1;
      if (left === 0) this.#taken.delete(key);
      else this.#taken.set(key, left);
    }
  }
}

/** What of one tenant, or of one instance, may wait here at a time. */
export type WaitingPlaces = { readonly dryRuns: Places; readonly polls: Places; readonly callApprovals: Places };

export const waitingPlaces = (): WaitingPlaces => ({
  dryRuns: new Places(
    8,
    8,
    'Eight questions of this tenant to its gateways, dry runs of deployments or previews of what is taken over, wait for their answers already. Ask again when one has ended.',
  ),
  // Of each kind. A process that starts again may still have some open that nobody reads any more.
  polls: new Places(
    8,
    10,
    'This instance has eight long polls open already, and needs one: is it running several times under one name, or does it not end those that it gave up?',
  ),
  callApprovals: new Places(16, 1, 'Sixteen questions of this tenant, whether a call was approved, are answered already. Ask again in a second.'),
});
