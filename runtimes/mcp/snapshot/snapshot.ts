import type { DesiredState } from '@stoa/control-plane-client/types.ts';
import type { AckState, DesiredItem, DoorName, ItemAck } from '@stoa/generated/schemas.ts';
import { atOnce, inSlices, sorted } from '@stoa/lib/slices.ts';
import type { SliceOptions, Steps } from '@stoa/lib/slices.ts';
import type { Assessment, Snapshot, SnapshotChanges, ToolChange, ToolEntry } from '../model.ts';
import { noMcpKnowledge } from './mcp/compile-server.ts';
import type { McpKnowledge } from './mcp/compile-server.ts';
import { noSecrets } from './secrets.ts';
import type { RuntimeSecrets } from './secrets.ts';
import { ApiTable } from './tables/apis.ts';
import { ConsumerTable } from './tables/consumers.ts';
import { apisOf, PolicyTable } from './tables/policies.ts';
import { IssuerTable } from './tables/issuers.ts';
import type { EnforcedAt } from './policies.ts';
import { PlanTable } from './tables/plans.ts';
import { ToolSetTable } from './tables/tool-sets.ts';
import { createLimitsOf, createLister, createPermits, placeOf } from './visibility.ts';

export type { ApiEntry, Caller, ConsumerEntry, OperationEntry, Snapshot, ToolEntry } from '../model.ts';

/** A desired state as a compiler needs it: whose it is plays no part. */
export type StateToServe = Omit<DesiredState, 'gateway_id'>;

export type CompileResult = {
  readonly snapshot: Snapshot;
  /** Of every item that is not plainly applied, in the order of their ids. */
  readonly items: ItemAck[];
  /** `applied`, or `applied_with_warnings` when any item was rejected or warned about: what was rejected is not served, the rest is. */
  readonly state: AckState;
  /** How the snapshot differs from the one before. */
  readonly changes: SnapshotChanges;
};

export type SnapshotCompiler = {
  /**
   * Makes what a runtime serves from a desired state, at the price of what differs from the one before, in slices between which others are
   * served. Never rejects for what the state contains: an item that cannot be served is rejected by name and left out, and an API is left out
   * when a policy on it cannot be enforced, so that `snapshot` is always to be served. One state after the other, in the order of the calls.
   */
  compile(state: StateToServe): Promise<CompileResult>;
  /** The same without interruption. */
  compileAtOnce(state: StateToServe): CompileResult;
};

const maxReasonLength = 2000;

export type CompilerOptions = {
  readonly slices?: SliceOptions;
  readonly secrets?: RuntimeSecrets;
  readonly mcp?: McpKnowledge;
  /** With other replicas, in Redis. */
  readonly countsTogether?: boolean;
};

/** `doors` are those that the runtime opens: what a policy cannot do at one of them is a warning. */
export function createSnapshotCompiler(
  doors: readonly DoorName[] = ['mcp'],
  { slices, secrets = noSecrets, mcp = noMcpKnowledge, countsTogether = false }: CompilerOptions = {},
): SnapshotCompiler {
  let tables = new Tables({ doors, countsTogether }, { secrets, mcp });
  let last: Promise<unknown> = Promise.resolve();

  function* steps(state: StateToServe): Steps<CompileResult> {
    // A change that ended in an error of our own has left half of itself behind, and a revoked key must never stay: then everything is made anew.
    if (tables.isWhole && tables.sizeAfter(state) === state.items.size) return yield* tables.change(state);
    tables = new Tables({ doors, countsTogether }, { secrets, mcp });
    const result = yield* tables.change({ ...state, changed: [...state.items.values()], removed: [] });
    return { ...result, changes: { ...result.changes, everything: true } };
  }

  return {
    compile(state) {
      const compiling = last.then(() => inSlices(steps(state), slices));
      last = compiling.catch(() => undefined);
      return compiling;
    },
    compileAtOnce: (state) => atOnce(steps(state)),
  };
}

/** Everything that is kept from one snapshot to the next. */
class Tables {
  /** False while a change is being made. */
  isWhole = true;
  readonly #items = new Map<string, DesiredItem>();
  readonly #policies: PolicyTable;
  readonly #consumers: ConsumerTable;
  readonly #apis: ApiTable;
  readonly #plans: PlanTable;
  readonly #issuers = new IssuerTable();
  readonly #sets: ToolSetTable;
  /** Of the items that are not plainly applied. */
  readonly #acks = new Map<string, ItemAck>();
  readonly #touched = new Set<string>();
  #concerned = new Set<string>();
  #inOrder: readonly ToolEntry[] = [];
  #lists = new Map<string, readonly ToolEntry[]>();
  #keyHeaders: { of: unknown; readonly names: readonly string[] } = { of: undefined, names: [] };

  constructor(at: EnforcedAt, known: { secrets: RuntimeSecrets; mcp: McpKnowledge }) {
    const touch = (itemId: string): void => void this.#touched.add(itemId);
    const concern = (consumerId: string): void => void this.#concerned.add(consumerId);
    this.#policies = new PolicyTable(at);
    this.#consumers = new ConsumerTable({ touch, concern });
    this.#apis = new ApiTable(this.#policies, known, at.doors.includes('authz') || at.doors.includes('grpc'), touch);
    this.#sets = new ToolSetTable(this.#apis.apis, touch);
    this.#plans = new PlanTable(at, this.#apis.limitUses, concern);
  }

  sizeAfter({ changed, removed }: StateToServe): number {
    const gone = removed.filter((id) => this.#items.has(id)).length;
    return this.#items.size - gone + changed.filter(({ id }) => !this.#items.has(id)).length;
  }

  *change(state: StateToServe): Steps<CompileResult> {
    this.isWhole = false;
    for (const id of state.removed) {
      this.#replace(id, undefined);
      yield;
    }
    for (const item of state.changed) {
      this.#replace(item.id, item);
      yield;
    }
    const toolChanges = yield* this.#apis.finish();
    yield* this.#sets.finish(this.#apis.areOthers);
    yield* this.#consumers.finish();
    this.#plans.subscriptions.finish();
    for (const id of this.#touched) {
      this.#acknowledge(id);
      yield;
    }
    this.#touched.clear();
    if (toolChanges.size > 0) yield* this.#order(toolChanges);
    const items = yield* sorted([...this.#acks.values()], (a, b) => (a.id < b.id ? -1 : 1));
    const changes = { tools: toolChanges, consumers: this.#concerned, everything: false };
    this.#concerned = new Set();
    const snapshot = this.#publish(state);
    this.isWhole = true;
    return { snapshot, items, state: items.length === 0 ? 'applied' : 'applied_with_warnings', changes };
  }

  #replace(id: string, item: DesiredItem | undefined): void {
    const former = this.#items.get(id);
    if (former === item) return;
    this.#touched.add(id);
    // What an item was before ends first, also where it has become another kind of thing.
    if (former !== undefined && former.kind !== item?.kind) this.#put(former, undefined);
    if (item !== undefined) this.#put(former?.kind === item.kind ? former : undefined, item);
    if (item === undefined) this.#items.delete(id);
    else this.#items.set(id, item);
  }

  /** `before` and `after` are of one kind, and one of them is there. */
  #put(before: DesiredItem | undefined, after: DesiredItem | undefined): void {
    switch ((after ?? before)?.kind) {
      case 'policy':
        return this.#putPolicy(before as Of<'policy'>, after as Of<'policy'>);
      case 'api':
      case 'mcp_server':
        return this.#apis.replace(before as Of<'api' | 'mcp_server'>, after as Of<'api' | 'mcp_server'>);
      case 'consumer':
        return this.#consumers.replaceConsumer(before as Of<'consumer'>, after as Of<'consumer'>);
      case 'consumer_key':
        return this.#consumers.replaceKey(before as Of<'consumer_key'>, after as Of<'consumer_key'>);
      case 'subscription':
      case 'mcp_server_subscription':
      case 'tool_set_subscription':
        return this.#consumers.replaceSubscription(before as SubscriptionOf, after as SubscriptionOf);
      case 'tool_set':
        return this.#sets.replace(before as Of<'tool_set'>, after as Of<'tool_set'>);
      case 'plan':
        return this.#plans.replace(before as Of<'plan'>, after as Of<'plan'>);
      case 'trusted_issuer':
        return this.#issuers.replace(before as Of<'trusted_issuer'>, after as Of<'trusted_issuer'>);
      case 'plan_subscription':
        return this.#plans.replaceSubscription(before as Of<'plan_subscription'>, after as Of<'plan_subscription'>);
    }
  }

  #putPolicy(before: Of<'policy'>, after: Of<'policy'>): void {
    this.#policies.replace(before, after);
    for (const item of [before, after]) for (const apiId of apisOf(item)) this.#apis.policiesChanged(apiId);
  }

  #acknowledge(id: string): void {
    const item = this.#items.get(id);
    const ack = item && this.#ackOf(item);
    if (ack === undefined) this.#acks.delete(id);
    else this.#acks.set(id, ack);
  }

  /** Undefined for what is plainly applied. */
  #ackOf(item: DesiredItem): ItemAck | undefined {
    const { id } = item;
    switch (item.kind) {
      case 'policy':
        return assessed(id, this.#policies.of(id)?.assessment);
      case 'plan':
        return assessed(id, this.#plans.assessmentOf(id));
      case 'api':
      case 'mcp_server': {
        const fault = this.#apis.faultOf(id);
        return fault === undefined ? warned(id, this.#apis.warningsOf(id)) : rejected(id, fault);
      }
      case 'tool_set':
        return warned(id, this.#sets.warningsOf(id));
      case 'consumer_key': {
        const refusal = this.#consumers.refusalOf(item);
        return warned(id, refusal === undefined ? [] : [refusal]);
      }
      case 'trusted_issuer':
        return this.#issuers.isShadowed(item) ? rejected(id, 'Another item is of the same issuer.') : undefined;
      case 'consumer':
      case 'subscription':
      case 'mcp_server_subscription':
      case 'tool_set_subscription':
      case 'plan_subscription':
        return undefined;
      default:
        return rejected(id, `This runtime does not know items of kind ${String((item as { kind: unknown }).kind)}: it needs an update.`);
    }
  }

  /** Looks for the places of what changed only, and copies what stands between them. */
  *#order(changes: ReadonlyMap<string, ToolChange>): Steps<void> {
    const former = this.#inOrder;
    const next: ToolEntry[] = [];
    let copied = 0;
    for (const [name, { after }] of yield* sorted([...changes], ([a], [b]) => (a < b ? -1 : 1))) {
      const place = placeOf(former, name);
      for (; copied < place; copied += 1) next.push(former[copied] as ToolEntry);
      if (former[place]?.name === name) copied += 1;
      if (after !== undefined) next.push(after);
      yield;
    }
    this.#inOrder = next.concat(former.slice(copied));
    this.#lists = new Map();
  }

  /** In one turn, so that nobody sees a part of it. */
  #publish({ generation, hash }: StateToServe): Snapshot {
    const consumers = this.#consumers.consumers.publish();
    const subscriptions = this.#consumers.subscriptions.byConsumer.publish();
    const plans = this.#plans.plans.publish();
    const planSubscriptions = this.#plans.subscriptions.byConsumer.publish();
    const access = { consumers, subscriptions, plans, planSubscriptions };
    const keyHeaders = this.#apis.keyHeaders.publish();
    if (this.#keyHeaders.of !== keyHeaders) this.#keyHeaders = { of: keyHeaders, names: [...keyHeaders.keys()].sort() };
    const permits = createPermits(access);
    return Object.freeze({
      generation,
      hash,
      tools: this.#apis.tools.publish(),
      apis: this.#apis.apis.publish(),
      mcpServers: this.#apis.mcpServers.publish(),
      toolSets: this.#sets.sets.publish(),
      apisByName: this.#apis.byName.publish(),
      apisByVersion: this.#apis.byVersion.publish(),
      ...access,
      consumersByName: this.#consumers.names.publish(),
      consumersByCertificate: this.#consumers.certificates.publish(),
      issuers: this.#issuers.issuers.publish(),
      consumersByKeyHash: this.#consumers.keys.publish(),
      keyHeaders: this.#keyHeaders.names,
      origins: this.#apis.origins.publish(),
      limits: this.#apis.limits.publish(),
      matchRoute: this.#apis.routes?.publish() ?? noRoute,
      permits,
      limitsOf: createLimitsOf(access),
      visibleTools: createLister({ inOrder: this.#inOrder, ...access, permits, lists: this.#lists }),
    });
  }
}

type Of<Kind extends DesiredItem['kind']> = Extract<DesiredItem, { kind: Kind }> | undefined;

type SubscriptionOf = Of<'subscription' | 'mcp_server_subscription' | 'tool_set_subscription'>;

const noRoute: Snapshot['matchRoute'] = () => ({ kind: 'none' });

const assessed = (id: string, assessment: Assessment | undefined): ItemAck | undefined =>
  assessment === undefined || assessment.state === 'applied' ? undefined : { id, ...assessment };

function rejected(id: string, reason: string): ItemAck {
  return { id, state: 'rejected', phase: 'render', reason: reason.slice(0, maxReasonLength) };
}

function warned(id: string, warnings: readonly string[]): ItemAck | undefined {
  if (warnings.length === 0) return undefined;
  return { id, state: 'applied_with_warnings', phase: 'render', reason: warnings.join(' ').slice(0, maxReasonLength) };
}

/** The snapshot of a runtime that was never given anything. */
export const emptySnapshot: Snapshot = createSnapshotCompiler().compileAtOnce({
  generation: 0,
  hash: '',
  items: new Map(),
  changed: [],
  removed: [],
}).snapshot;
