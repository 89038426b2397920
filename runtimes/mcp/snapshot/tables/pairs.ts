import { VersionedMap } from '@stoa/lib/versioned-map.ts';

type Things = ReadonlyMap<string, number>;

/** Which consumer is joined to which things, and by how many items: kept by ids alone, whether or not either is served. */
export class Pairs {
  readonly byConsumer = new VersionedMap<string, Things>();
  /** Made since the last change was finished: nobody else holds them yet. */
  #own = new Set<Things>();

  count(consumerId: string, thingId: string, by: 1 | -1): void {
    const former = this.byConsumer.get(consumerId);
    const things = former !== undefined && this.#own.has(former) ? (former as Map<string, number>) : new Map(former);
    this.#own.add(things);
    const count = (things.get(thingId) ?? 0) + by;
    if (count > 0) things.set(thingId, count);
    else things.delete(thingId);
    if (things.size > 0) this.byConsumer.set(consumerId, things);
    else this.byConsumer.delete(consumerId);
  }

  /** Before what was counted is published. */
  finish(): void {
    this.#own = new Set();
  }
}
