import type { ConsumerEntry, PlanEntry, Snapshot, SnapshotChanges, ToolChange, ToolEntry } from '../model.ts';

/** Who may call what. */
type Access = Pick<Snapshot, 'consumers' | 'subscriptions' | 'plans' | 'planSubscriptions'>;

/** Places in all remembered lists together: 16 MB. */
const maxPlacesRemembered = 2_000_000;
const none: readonly ToolEntry[] = Object.freeze([]);

/** The one place that says whether a consumer may use an operation; an unknown consumer may use none. */
export function createPermits(access: Access): Snapshot['permits'] {
  const plansOf = rememberingPlans(access);
  return (consumerId, operation, isSubscribedOtherwise = false) => {
    const consumer = access.consumers.get(consumerId);
    if (consumer === undefined) return false;
    const { api } = operation;
    const plans = plansOf(consumerId, api.id);
    // Whom a plan limits is not let in without the limit, whatever else lets him in.
    if (plans.some(({ limits }) => limits === undefined)) return false;
    const isSubscribed = isSubscribedOtherwise || plans.length > 0 || access.subscriptions.get(consumerId)?.has(api.id) === true;
    return (isSubscribed || api.item.subscription_required !== true) && api.permits(consumer, operation);
  };
}

export function createLimitsOf(access: Access): Snapshot['limitsOf'] {
  const plansOf = rememberingPlans(access);
  return (consumerId, { id, policies: { limits } }) => {
    const plans = plansOf(consumerId, id);
    return plans.length === 0 ? limits : [...limits, ...plans.flatMap((plan) => plan.limits ?? [])];
  };
}

/** What was asked for last is asked for again, for the same call. */
function rememberingPlans(access: Access): (consumerId: string, apiId: string) => readonly PlanEntry[] {
  let last: { readonly consumerId: string; readonly apiId: string; readonly plans: readonly PlanEntry[] } | undefined;
  return (consumerId, apiId) => {
    if (last?.consumerId !== consumerId || last.apiId !== apiId) last = { consumerId, apiId, plans: plansWith(access, consumerId, apiId) };
    return last.plans;
  };
}

const noPlans: readonly PlanEntry[] = [];

/** The plans of a consumer that hold an API. */
function plansWith({ plans, planSubscriptions }: Access, consumerId: string, apiId: string): readonly PlanEntry[] {
  const subscribed = planSubscriptions.get(consumerId);
  if (subscribed === undefined) return noPlans;
  return [...subscribed.keys()].flatMap((id) => plans.get(id) ?? []).filter(({ apis }) => apis.has(apiId));
}

/** Where the tool of this name stands in a list, or would stand. */
export function placeOf(tools: readonly Pick<ToolEntry, 'name'>[], name: string): number {
  let [low, high] = [0, tools.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((tools[middle] as { name: string }).name < name) low = middle + 1;
    else high = middle;
  }
  return low;
}

export type ListerParts = Access & {
  readonly permits: Snapshot['permits'];
  /** All tools, by name. */
  readonly inOrder: readonly ToolEntry[];
  /** What was listed before of the same tools, by the kind of consumer: handed on from snapshot to snapshot. */
  readonly lists: Map<string, readonly ToolEntry[]>;
};

/** The tools each consumer sees. Consumers of which nothing tells one from the other share a list, so that a door renders it once. */
export function createLister({ inOrder, permits, lists, ...access }: ListerParts): Snapshot['visibleTools'] {
  let gated: boolean | undefined;
  return (consumerId) => {
    const consumer = access.consumers.get(consumerId);
    if (consumer === undefined) return none;
    gated ??= inOrder.some((tool) => tool.operation.api.policies.toolAccess.length > 0);
    const kind = kindOf(consumer, access, gated);
    const known = lists.get(kind);
    if (known !== undefined) return known;
    const list = permittedOf(inOrder, permits, consumerId);
    if ((lists.size + 1) * inOrder.length > maxPlacesRemembered) lists.clear();
    lists.set(kind, list);
    return list;
  };
}

/** What a consumer may call of some tools. A list of all of them is the same as any other list of all, so that a door renders it once. */
export function permittedOf(inOrder: readonly ToolEntry[], permits: Snapshot['permits'], consumerId: string): readonly ToolEntry[] {
  const list = inOrder.filter(({ operation }) => permits(consumerId, operation));
  return list.length === inOrder.length ? inOrder : list;
}

const nothing: ReadonlyMap<string, unknown> = new Map();
const subscriptionTexts = new WeakMap<ReadonlyMap<string, unknown>, string>();

/** Everything that a list depends on: what a Cedar policy sees of the consumer counts only where there is one. */
function kindOf(consumer: ConsumerEntry, { subscriptions, plans, planSubscriptions }: Access, gated: boolean): string {
  const offered = [...(planSubscriptions.get(consumer.id) ?? nothing).keys()].map((id) => `+${plans.get(id)?.access ?? ''}`).sort();
  const subscribed = [textOf(subscriptions.get(consumer.id) ?? nothing), ...offered].join(' ');
  return gated ? `${subscribed} ${consumer.cedarKey}` : subscribed;
}

function textOf(subscribed: ReadonlyMap<string, unknown>): string {
  const known = subscriptionTexts.get(subscribed);
  if (known !== undefined) return known;
  const text = [...subscribed.keys()].sort().join(' ');
  subscriptionTexts.set(subscribed, text);
  return text;
}

/**
 * Whose list of tools is another one in the next of two snapshots, by the consumer's id: asked of the tools that changed, and of all only for
 * a consumer who changed itself. `isListedAlike` says whether two tools of one name look the same in a list.
 */
export function listChanges(
  { previous, next, changes }: { previous: Snapshot; next: Snapshot; changes: SnapshotChanges },
  isListedAlike: (one: ToolEntry, other: ToolEntry) => boolean,
): (consumerId: string) => boolean {
  const tools = [...changes.tools.values()].filter(({ before, after }) => before !== undefined || after !== undefined);
  const alike = new Map(tools.map((change) => [change, isAlike(change, isListedAlike)]));
  const known = new Map<string, boolean>();
  const differs = (consumerId: string): boolean => {
    if (changes.everything) return true;
    const [was, is] = [previous, next].map((snapshot) => exposureOf(snapshot, consumerId));
    if (was !== is) return true;
    // Whoever searches is listed the same, whatever there is to find.
    if (is === 'search') return false;
    if (changes.consumers.has(consumerId)) return !isSameList(previous.visibleTools(consumerId), next.visibleTools(consumerId), isListedAlike);
    return tools.some((change) => {
      const did = change.before !== undefined && previous.permits(consumerId, change.before.operation);
      const does = change.after !== undefined && next.permits(consumerId, change.after.operation);
      return did !== does || (does && alike.get(change) !== true);
    });
  };
  return (consumerId) => {
    const told = known.get(consumerId) ?? differs(consumerId);
    known.set(consumerId, told);
    return told;
  };
}

/** How a consumer reaches tools: as the set says whose they are, or else as is usual for him. */
export const exposureOf = ({ set, consumers }: Snapshot, consumerId: string): 'full' | 'search' =>
  set?.exposure ?? consumers.get(consumerId)?.toolExposure ?? 'full';

function isAlike({ before, after }: ToolChange, isListedAlike: (one: ToolEntry, other: ToolEntry) => boolean): boolean {
  return before !== undefined && after !== undefined && isListedAlike(before, after);
}

function isSameList(one: readonly ToolEntry[], other: readonly ToolEntry[], isListedAlike: (one: ToolEntry, other: ToolEntry) => boolean): boolean {
  if (one === other) return true;
  return one.length === other.length && one.every((tool, index) => tool === other[index] || isListedAlike(tool, other[index] as ToolEntry));
}
