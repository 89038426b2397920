import type { ConsumerEntry, Snapshot, ToolEntry } from './model.ts';

type Consumers = Snapshot['consumers'];
type Subscriptions = Snapshot['subscriptions'];

const maxListsRemembered = 1000;
const none: readonly ToolEntry[] = Object.freeze([]);

/** The one place that says whether a consumer may use an operation; an unknown consumer may use none. */
export function createPermits(consumers: Consumers, subscriptions: Subscriptions): Snapshot['permits'] {
  return (consumerId, operation) => {
    const consumer = consumers.get(consumerId);
    if (consumer === undefined) return false;
    const { api } = operation;
    if (api.item.subscription_required === true && subscriptions.get(consumerId)?.has(api.id) !== true) return false;
    return api.permits(consumer, operation);
  };
}

/** The tools each consumer sees. Consumers of which nothing tells one from the other, share a list, so that a door renders it once. */
export function createLister(
  all: readonly ToolEntry[],
  consumers: Consumers,
  subscriptions: Subscriptions,
  permits: Snapshot['permits'],
): Snapshot['visibleTools'] {
  const gated = all.some((tool) => tool.operation.api.policies.cedarTexts.length > 0);
  const byConsumer = new Map<string, readonly ToolEntry[]>();
  const byKind = new Map<string, readonly ToolEntry[]>();
  return (consumerId) => {
    const consumer = consumers.get(consumerId);
    if (consumer === undefined) return none;
    const known = byConsumer.get(consumerId);
    if (known !== undefined) return known;
    const kind = kindOf(consumer, subscriptions, gated);
    const list = byKind.get(kind) ?? all.filter((tool) => permits(consumerId, tool.operation));
    for (const lists of [byConsumer, byKind]) if (lists.size >= maxListsRemembered) lists.clear();
    byConsumer.set(consumerId, list);
    byKind.set(kind, list);
    return list;
  };
}

/** Everything that a list depends on: what a Cedar policy sees of the consumer counts only where there is one. */
function kindOf(consumer: ConsumerEntry, subscriptions: Subscriptions, gated: boolean): string {
  const subscribed = [...(subscriptions.get(consumer.id) ?? [])].sort().join(' ');
  return gated ? `${subscribed} ${consumer.cedarKey}` : subscribed;
}

/**
 * Whose list of tools may differ between two snapshots, by the consumer's id. Entries that did not change are handed on from one snapshot
 * to the next, so that identity tells; what a consumer is permitted also depends on its name, its labels and its subscriptions.
 */
export function listChanges(previous: Snapshot, next: Snapshot): (consumerId: string) => boolean {
  if (!hasSameTools(previous, next)) return () => true;
  return (consumerId) =>
    previous.consumers.get(consumerId)?.cedarKey !== next.consumers.get(consumerId)?.cedarKey ||
    !isSameSet(previous.subscriptions.get(consumerId), next.subscriptions.get(consumerId));
}

function hasSameTools(previous: Snapshot, next: Snapshot): boolean {
  if (previous.tools.size !== next.tools.size) return false;
  for (const [name, entry] of next.tools) if (previous.tools.get(name) !== entry) return false;
  return true;
}

function isSameSet(one: ReadonlySet<string> = new Set(), other: ReadonlySet<string> = new Set()): boolean {
  return one.size === other.size && [...one].every((id) => other.has(id));
}
