import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { ConfigEntry } from '@stoa/generated/schemas.ts';
import type { StateContent } from './class-state.ts';
import { hashOfNothing, ownBytes } from './rendered-item.ts';
import type { RenderedItem } from './rendered-item.ts';

const compress = promisify(gzip);

/** Lists of states that a runtime may still hold. Of an older one it is sent the whole state. */
const maxEntries = 500_000;
const maxLists = 1_000;
/** Differences that were made, by what they take: lists of entries, and compressed bytes. */
const maxDifferenceBytes = 32 * 1024 * 1024;
/** Below it, a compressed answer is hardly shorter. */
const compressedFromBytes = 2_048;
/** In the answer, a line for each item. */
const lineFeed = Buffer.from('\n');

/**
 * What differs between two states, shared by all gateways that go from one to the other: `rest` is the manifest behind the members that are a gateway's
 * own, `lines` the items.
 */
export class StateDifference {
  readonly #rest: Buffer;
  readonly #items: readonly RenderedItem[];
  #compressed: Promise<Buffer> | undefined;
  #pieces: readonly (Buffer | string)[] | undefined;

  constructor(base: string | undefined, removed: readonly string[], changed: readonly RenderedItem[]) {
    const members = { ...(base === undefined ? {} : { base }), removed, changed: changed.map(({ entry }) => entry) };
    this.#rest = ownBytes(`,${JSON.stringify(members).slice(1)}\n`);
    this.#items = changed;
  }

  /** How many bytes an answer has besides what is a gateway's own. */
  get size(): number {
    return this.#items.reduce((sum, { entry }) => sum + entry.size + 1, this.#rest.length);
  }

  get isWorthCompressing(): boolean {
    return this.size >= compressedFromBytes;
  }

  /** As an answer has them behind what is a gateway's own. Where they are few bytes they are one text, since a text is written together with the head of its answer. */
  get pieces(): readonly (Buffer | string)[] {
    return (this.#pieces ??= this.isWorthCompressing ? this.#buffers() : [Buffer.concat(this.#buffers()).toString('utf8')]);
  }

  /** The items' bytes are not copied. */
  #buffers(): Buffer[] {
    return [this.#rest, ...this.#items.flatMap(({ bytes }) => [bytes, lineFeed])];
  }

  /** A gzip member (RFC 1952 §2.2: members may follow one another), made once. */
  get compressed(): Promise<Buffer> {
    return (this.#compressed ??= compress(Buffer.concat(this.#buffers())).then(ownBytes));
  }
}

/** The states of a tenant that were current lately, and what differs between them and those of now. */
export class Differences {
  /** Least recently used first. Entries alone: the bytes of what is no longer served are not kept. */
  readonly #lists = new Map<string, readonly ConfigEntry[]>([[hashOfNothing, []]]);
  #entries = 0;
  readonly #made = new Map<string, { difference: StateDifference; bytes: number }>();
  #madeBytes = 0;

  /** Keeps the list of a state that is given out. */
  remember({ hash, items }: StateContent): void {
    if (hash === hashOfNothing) return;
    const known = this.#lists.get(hash);
    this.#lists.delete(hash);
    this.#lists.set(hash, known ?? items.map(({ entry }) => entry));
    this.#entries += known ? 0 : items.length;
    for (const [oldest, list] of this.#lists) {
      if (this.#entries <= maxEntries && this.#lists.size <= maxLists) break;
      if (oldest === hashOfNothing || oldest === hash) continue;
      this.#lists.delete(oldest);
      this.#entries -= list.length;
    }
  }

  /** From the state of the hash `base` to `content`; to the whole of it where that base is not known. */
  between(base: string, content: StateContent): StateDifference {
    const from = this.#lists.get(base);
    const key = `${from ? base : ''} ${content.hash}`;
    const known = this.#made.get(key);
    if (known) return known.difference;
    const difference = from ? compare(base, from, content.items) : new StateDifference(undefined, [], content.items);
    this.#keep(key, difference);
    return difference;
  }

  #keep(key: string, difference: StateDifference): void {
    const bytes = difference.size;
    this.#made.set(key, { difference, bytes });
    this.#madeBytes += bytes;
    for (const [oldest, made] of this.#made) {
      if (this.#madeBytes <= maxDifferenceBytes || oldest === key) break;
      this.#made.delete(oldest);
      this.#madeBytes -= made.bytes;
    }
  }
}

/** Merges two lists, both in the order of their ids. */
function compare(base: string, from: readonly ConfigEntry[], to: readonly RenderedItem[]): StateDifference {
  const removed: string[] = [];
  const changed: RenderedItem[] = [];
  let at = 0;
  for (const item of to) {
    for (; at < from.length && (from[at] as ConfigEntry).id < item.entry.id; at += 1) removed.push((from[at] as ConfigEntry).id);
    const before = from[at]?.id === item.entry.id ? from[at++] : undefined;
    if (before?.hash !== item.entry.hash) changed.push(item);
  }
  for (; at < from.length; at += 1) removed.push((from[at] as ConfigEntry).id);
  return new StateDifference(base, removed, changed);
}
