/** How many tunnels are open, and whose. */
export class Tunnels {
  readonly #most: { readonly all: number; readonly ofOne: number };
  readonly #open = new Map<string, number>();
  #all = 0;

  constructor(most: { readonly all: number; readonly ofOne: number }) {
    this.#most = most;
  }

  /** Why there is no room for one more of this consumer; undefined where it has been given room, until `leave`. */
  enter(consumerId: string): 'full' | 'full_for_one' | undefined {
    const open = this.#open.get(consumerId) ?? 0;
    if (open >= this.#most.ofOne) return 'full_for_one';
    if (this.#all >= this.#most.all) return 'full';
    this.#all += 1;
    this.#open.set(consumerId, open + 1);
    return undefined;
  }

  leave(consumerId: string): void {
    const open = (this.#open.get(consumerId) ?? 0) - 1;
    this.#all -= 1;
    if (open > 0) this.#open.set(consumerId, open);
    else this.#open.delete(consumerId);
  }
}
