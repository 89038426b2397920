const absent = Symbol('absent');

/**
 * A map that is changed from one version to the next at the price of the change, while whoever holds an earlier version goes on reading that.
 * The newest version is JavaScript's own `Map`, so that what is looked up with each call costs what it costs there (a tree with shared
 * branches costs four to ten times that). Each earlier version knows only how it differs from the next, and is gone when nobody holds it.
 */
export class VersionedMap<K, V> {
  #published = new Version<K, V>();
  #draft: Version<K, V> | undefined;

  /** What was written last, published or not. */
  get(key: K): V | undefined {
    return this.#newest.get(key);
  }

  set(key: K, value: V): void {
    if (this.#newest.get(key) === value && this.#newest.has(key)) return;
    this.#writable().write(key, value);
  }

  delete(key: K): void {
    if (this.#newest.has(key)) this.#writable().remove(key);
  }

  /** The version with all that was written until now; the same as before when that is nothing. It never changes. */
  publish(): ReadonlyMap<K, V> {
    this.#published = this.#newest;
    this.#draft = undefined;
    return this.#published;
  }

  get #newest(): Version<K, V> {
    return this.#draft ?? this.#published;
  }

  #writable(): Version<K, V> {
    return (this.#draft ??= this.#published.succeed());
  }
}

class Version<K, V> implements ReadonlyMap<K, V> {
  /** Of the newest version only. */
  #entries: Map<K, V> | undefined;
  #next: Version<K, V> | undefined;
  #previous: WeakRef<Version<K, V>> | undefined;
  /** What was here and is another in the next version. */
  readonly #undo = new Map<K, V | typeof absent>();
  #size = 0;

  constructor(entries: Map<K, V> = new Map()) {
    this.#entries = entries;
  }

  /** Makes the next version, which has the entries from now on. */
  succeed(): Version<K, V> {
    if (this.#entries === undefined) throw new Error('Only the newest version has a next one.');
    const next = new Version(this.#entries);
    // Weak, so that versions that nobody reads cost nothing.
    next.#previous = new WeakRef(this);
    this.#size = this.#entries.size;
    this.#next = next;
    this.#entries = undefined;
    return next;
  }

  write(key: K, value: V): void {
    this.#remember(key);
    this.#entries?.set(key, value);
  }

  remove(key: K): void {
    this.#remember(key);
    this.#entries?.delete(key);
  }

  #remember(key: K): void {
    const previous = this.#previous?.deref();
    if (previous === undefined || previous.#undo.has(key)) return;
    previous.#undo.set(key, this.#entries?.has(key) === true ? (this.#entries.get(key) as V) : absent);
  }

  get(key: K): V | undefined {
    return this.#entries === undefined ? this.#find(key).value : this.#entries.get(key);
  }

  has(key: K): boolean {
    return this.#entries === undefined ? this.#find(key).found : this.#entries.has(key);
  }

  #find(key: K): { found: boolean; value: V | undefined } {
    for (const version of Version.#from(this)) {
      const values: ReadonlyMap<K, V | typeof absent> = version.#entries ?? version.#undo;
      if (!values.has(key)) continue;
      const value = values.get(key);
      return value === absent ? { found: false, value: undefined } : { found: true, value };
    }
    return { found: false, value: undefined };
  }

  /** This version and all after it. */
  static *#from<K, V>(first: Version<K, V>): Generator<Version<K, V>> {
    for (let version: Version<K, V> | undefined = first; version !== undefined; version = version.#next) yield version;
  }

  get size(): number {
    return this.#entries?.size ?? this.#size;
  }

  *entries(): MapIterator<[K, V]> {
    if (this.#entries !== undefined) return yield* this.#entries;
    const differing = new Map<K, V | typeof absent>();
    for (const version of Version.#from(this)) {
      for (const [key, former] of version.#undo) if (!differing.has(key)) differing.set(key, former);
      for (const entry of version.#entries ?? []) if (!differing.has(entry[0])) yield entry;
    }
    for (const [key, former] of differing) if (former !== absent) yield [key, former];
  }

  *keys(): MapIterator<K> {
    for (const [key] of this.entries()) yield key;
  }

  *values(): MapIterator<V> {
    for (const [, value] of this.entries()) yield value;
  }

  [Symbol.iterator](): MapIterator<[K, V]> {
    return this.entries();
  }

  forEach(callback: (value: V, key: K, map: ReadonlyMap<K, V>) => void): void {
    for (const [key, value] of this.entries()) callback(value, key, this);
  }
}
