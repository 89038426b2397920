/**
 * Who claims what can be given to one only: the claimant whose id comes first has it, whatever the order in which they came. What has one
 * claimant, as nearly everything has, costs one entry of a map.
 */
export class Claims<Claimant> {
  readonly #byName = new Map<string, Claimant | readonly Claimant[]>();
  readonly #idOf: (claimant: Claimant) => string;

  /** `idOf` orders claimants; one claims a name at most once under an id. */
  constructor(idOf: (claimant: Claimant) => string) {
    this.#idOf = idOf;
  }

  add(name: string, claimant: Claimant): void {
    const others = this.all(name);
    if (others.length === 0) return void this.#byName.set(name, claimant);
    const id = this.#idOf(claimant);
    const place = others.findIndex((other) => this.#idOf(other) > id);
    this.#byName.set(name, others.toSpliced(place < 0 ? others.length : place, 0, claimant));
  }

  delete(name: string, claimant: Claimant): void {
    const left = this.all(name).filter((other) => other !== claimant);
    const [only] = left;
    if (only === undefined) this.#byName.delete(name);
    else this.#byName.set(name, left.length === 1 ? only : left);
  }

  /** All claimants in the order of their ids: the first has it. */
  all(name: string): readonly Claimant[] {
    const found = this.#byName.get(name);
    if (found === undefined) return [];
    return Array.isArray(found) ? (found as readonly Claimant[]) : [found as Claimant];
  }
}

/** Names that are in use as long as somebody uses them. */
export class Uses {
  readonly #counts = new Map<string, number>();
  readonly #names: { set(name: string, value: true): void; delete(name: string): void };

  /** `names` is told when a name comes into use and when it goes. */
  constructor(names: { set(name: string, value: true): void; delete(name: string): void }) {
    this.#names = names;
  }

  add(name: string): void {
    const count = this.#counts.get(name) ?? 0;
    this.#counts.set(name, count + 1);
    if (count === 0) this.#names.set(name, true);
  }

  delete(name: string): void {
    const count = this.#counts.get(name) ?? 0;
    if (count > 1) return void this.#counts.set(name, count - 1);
    this.#counts.delete(name);
    this.#names.delete(name);
  }
}
