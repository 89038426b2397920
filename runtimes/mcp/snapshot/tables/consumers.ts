import type { ConsumerItem, ConsumerKeyItem, McpServerSubscriptionItem, SubscriptionItem, ToolSetSubscriptionItem } from '@stoa/generated/schemas.ts';
import type { Steps } from '@stoa/lib/slices.ts';
import { VersionedMap } from '@stoa/lib/versioned-map.ts';
import type { ConsumerEntry, KeyEntry } from '../../model.ts';
import { Claims } from './claims.ts';
import { Pairs } from './pairs.ts';

/** A subscription to an API, an MCP server or a tool set. */
type ToOne = SubscriptionItem | McpServerSubscriptionItem | ToolSetSubscriptionItem;

/** Who may come in: consumers, their keys, and the APIs that they are subscribed to. */
export class ConsumerTable {
  readonly consumers = new VersionedMap<string, ConsumerEntry>();
  readonly names = new VersionedMap<string, ConsumerEntry>();
  /** By the names of certificates. */
  readonly certificates = new VersionedMap<string, ConsumerEntry>();
  readonly #certified = new Map<string, Set<string>>();
  /** By the SHA-256 of the key. */
  readonly keys = new VersionedMap<string, KeyEntry>();
  /** To APIs, MCP servers and tool sets. */
  readonly subscriptions = new Pairs();
  readonly #claims = new Claims<ConsumerKeyItem>((item) => item.id);
  readonly #keysOf = new Map<string, Set<ConsumerKeyItem>>();
  /** What to look at again. */
  readonly #hashes = new Set<string>();
  /** Told of each key whose acknowledgement may be another one. */
  readonly #touch: (itemId: string) => void;
  /** Told of each consumer whose permissions may be others. */
  readonly #concern: (consumerId: string) => void;

  constructor(told: { touch(itemId: string): void; concern(consumerId: string): void }) {
    this.#touch = told.touch;
    this.#concern = told.concern;
  }

  replaceConsumer(before: ConsumerItem | undefined, after: ConsumerItem | undefined): void {
    if (before !== undefined && before.consumer_id !== after?.consumer_id) this.#setConsumer(before.consumer_id, undefined);
    if (after !== undefined) this.#setConsumer(after.consumer_id, entryOf(after));
  }

  #setConsumer(id: string, entry: ConsumerEntry | undefined): void {
    const former = this.consumers.get(id);
    if (former?.cedarKey !== entry?.cedarKey) {
      this.#concern(id);
      for (const { sha256 } of this.#keysOf.get(id) ?? []) this.#hashes.add(sha256);
    }
    const isSame =
      former?.cedarKey === entry?.cedarKey &&
      former?.toolExposure === entry?.toolExposure &&
      String(former?.certificates) === String(entry?.certificates);
    if (former !== undefined && former.name !== entry?.name && this.names.get(former.name)?.id === id) this.names.delete(former.name);
    if (entry === undefined) this.consumers.delete(id);
    else if (!isSame) {
      this.consumers.set(id, entry);
      this.names.set(entry.name, entry);
    }
    if (!isSame) this.#certify(id, former?.certificates ?? [], entry?.certificates ?? []);
  }

  /** What several claim proves none of them. */
  #certify(id: string, before: readonly string[], after: readonly string[]): void {
    for (const name of before) this.#certified.get(name)?.delete(id);
    for (const name of after) this.#certified.set(name, (this.#certified.get(name) ?? new Set()).add(id));
    for (const name of new Set([...before, ...after])) {
      const [holder, rival] = this.#certified.get(name) ?? [];
      const consumer = holder === undefined || rival !== undefined ? undefined : this.consumers.get(holder);
      if (consumer === undefined) this.certificates.delete(name);
      else this.certificates.set(name, consumer);
      if (holder === undefined) this.#certified.delete(name);
    }
  }

  /** Kept by ids alone: a key may stand in front of its consumer, and lets nobody in where that is not served. */
  replaceKey(before: ConsumerKeyItem | undefined, after: ConsumerKeyItem | undefined): void {
    if (before !== undefined) {
      this.#hashes.add(before.sha256);
      this.#touchRivals(before.sha256);
      this.#claims.delete(before.sha256, before);
      const keys = this.#keysOf.get(before.consumer_id);
      keys?.delete(before);
      if (keys?.size === 0) this.#keysOf.delete(before.consumer_id);
    }
    if (after === undefined || Number.isNaN(expiryOf(after))) return;
    this.#hashes.add(after.sha256);
    this.#claims.add(after.sha256, after);
    const keys = this.#keysOf.get(after.consumer_id) ?? new Set();
    this.#keysOf.set(after.consumer_id, keys.add(after));
  }

  /** Kept by ids alone, as keys are: it lets nobody in where consumer or API is not served. */
  replaceSubscription(before: ToOne | undefined, after: ToOne | undefined): void {
    if (before !== undefined) this.#count(before, -1);
    if (after !== undefined) this.#count(after, 1);
  }

  #count(item: ToOne, by: 1 | -1): void {
    const consumerId = item.consumer_id;
    this.#concern(consumerId);
    this.subscriptions.count(consumerId, thingOf(item), by);
  }

  /** Finds the holders of the keys that were touched. To be called once all items of a change were replaced. */
  *finish(): Steps<void> {
    this.subscriptions.finish();
    for (const sha256 of this.#hashes) {
      this.#touchRivals(sha256);
      const [holder] = this.#claims.all(sha256);
      const consumer = holder && this.consumers.get(holder.consumer_id);
      if (holder === undefined || consumer === undefined) this.keys.delete(sha256);
      else this.#setKey(holder, consumer);
      yield;
    }
    this.#hashes.clear();
  }

  #setKey(holder: ConsumerKeyItem, { id: consumerId, name: consumerName }: ConsumerEntry): void {
    const { sha256, key_id: keyId } = holder;
    const expiresAtMs = expiryOf(holder);
    const known = this.keys.get(sha256);
    const isKnown =
      known?.keyId === keyId && known.consumerId === consumerId && known.consumerName === consumerName && known.expiresAtMs === expiresAtMs;
    if (!isKnown) this.keys.set(sha256, { consumerId, consumerName, keyId, expiresAtMs });
  }

  #touchRivals(sha256: string): void {
    for (const rival of this.#claims.all(sha256)) this.#touch(rival.id);
  }

  /** Why a key lets nobody in; undefined when it does. */
  refusalOf(item: ConsumerKeyItem): string | undefined {
    const reason = this.#reasonAgainst(item);
    return reason === undefined ? undefined : `The key ${item.key_id} is refused: ${reason}.`;
  }

  #reasonAgainst(item: ConsumerKeyItem): string | undefined {
    if (Number.isNaN(expiryOf(item))) return 'its expiry is no time';
    if (this.#claims.all(item.sha256)[0] !== item) return 'another consumer holds the same one';
    return this.consumers.get(item.consumer_id) === undefined ? 'its consumer is not served' : undefined;
  }
}

function thingOf(item: ToOne): string {
  if (item.kind === 'subscription') return item.api_id;
  return item.kind === 'tool_set_subscription' ? item.tool_set_id : item.mcp_server_id;
}

function entryOf({ consumer_id: id, name, labels = {}, certificates = [], tool_exposure: toolExposure = 'full' }: ConsumerItem): ConsumerEntry {
  const inOrder = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
  return { id, name, labels, certificates, toolExposure, cedarKey: JSON.stringify([name, inOrder]) };
}

/** Milliseconds since 1970; undefined for a key that does not expire. */
function expiryOf({ expires_at: expiresAt }: ConsumerKeyItem): number | undefined {
  return expiresAt === undefined ? undefined : Date.parse(expiresAt);
}
