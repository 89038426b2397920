import type { Proxies } from '@stoa/lib/proxies.ts';
import type { Logger } from '@stoa/lib/log.ts';
import type { Secret } from '@stoa/lib/secret.ts';
import type {
  AckState,
  AdoptionQuestion,
  CallApprovalAnswer,
  CallApprovalQuestion,
  DesiredItem,
  DryRunAnswer,
  GatewayStatus,
  ItemAck,
  McpServerReport,
  ObservedState,
  RegisterRequest,
  RuntimeConfigState,
  UsageRecord,
} from '@stoa/generated/schemas.ts';

/** What an instance says of itself at each heartbeat. */
export type InstanceReport = { status: GatewayStatus; metrics: Record<string, number> };

/** Items by id, in no order that means anything. It shares what did not change with the one before it, and is never copied whole. */
export type DesiredItems = Pick<ReadonlyMap<string, DesiredItem>, 'size' | 'get' | 'has'> & { values(): Iterable<DesiredItem> };

/** Which desired state: an old one, or another gateway's, differs in one of them. */
export type StateName = { readonly gateway_id: string; readonly generation: number; readonly hash: string };

/**
 * A desired state, verified and validated: what it does not have is to be removed. Items that are not understood are not in it, and neither is an
 * API that one of them guards. An item that did not change is the same object from one state to the next.
 */
export type DesiredState = StateName & {
  readonly items: DesiredItems;
  /** What is new or replaced since the last state that was taken, by `restore` or by `apply`; everything in the first. */
  readonly changed: readonly DesiredItem[];
  /** The ids of what is gone since then. */
  readonly removed: readonly string[];
};

/**
 * What became of a generation. `rejected` says that nothing of it took effect and that the generation before is still served;
 * a generation of which a part took effect is `applied_with_warnings`, with the items that did not marked `rejected`. `items` are those of which
 * there is more to say than that they were applied.
 */
export type ApplyOutcome = { state: AckState; items: ItemAck[] };

/** What would come of a desired state: the items that would not plainly be applied, and what would be written. */
export type Rehearsal = Omit<DryRunAnswer, 'dry_run_id' | 'lease_epoch'>;

/**
 * The right to write to a third-party gateway. It ends when a newer process takes the lease over, when the lease runs out
 * unrenewed, and when an operator takes the instance out. Ask `valid()` before each write: a process that was suspended and
 * resumed sees the clock before it sees the signal (lesson 19).
 */
export type WritePermit = { readonly signal: AbortSignal; valid(): boolean };

export type ControlPlaneConnectionOptions = {
  /** The Control Plane's base URL. */
  controlPlaneUrl: string;
  /** Read again from its file whenever the Control Plane refuses it. */
  gatewayKey: Secret;
  instance: Omit<RegisterRequest, 'boot_id'>;
  /** A directory of this instance alone; made when it is missing. */
  stateDir: string;
  /** How long the state directory may take to be opened and read; 10 s when absent. */
  stateTimeoutMs?: number;
  /** Called once the state directory was found good and what it held was restored: begins to listen, and answers the endpoints to announce. */
  listen?(): Promise<Readonly<Record<string, string>>>;
  log: Logger;
  /** Called before each heartbeat. Must not throw. */
  report(): InstanceReport;
  /**
   * Called at most once, before any network traffic, with the last configuration that was applied and verified. Gateway and Link serve
   * from it; Connect, which has no lease yet, may only remember it. A rejection leaves the runtime without a configuration.
   */
  restore(state: DesiredState): Promise<void>;
  /**
   * Called with each new desired state, verified and validated, never twice at once. `applied` may only be said of what was read back.
   * A rejection of the promise is acknowledged as `rejected` in phase `apply`.
   */
  apply(state: DesiredState, permit: WritePermit): Promise<ApplyOutcome>;
  /**
   * Answers what would come of a desired state, writing nothing. May take a few seconds: who asks waits for eight. Without it nobody asks. The instance names the feature `dry_run`
   * with it. `adopt`: what of the gateway somebody wants to take over besides.
   */
  rehearse?(state: Pick<DesiredState, 'gateway_id' | 'items'>, adopt?: AdoptionQuestion): Promise<Rehearsal>;
  /** None when absent. */
  proxies?: Proxies;
  /** How requests are sent; `createHttpFetch()` when absent. */
  fetch?: (request: Request) => Promise<Response>;
  /** Uniform in [0, 1); `Math.random` when absent. */
  random?: () => number;
};

/** A batch of usage in the making, of at most 1000 records. */
export type UsagePart = {
  /**
   * Resolves when the records are written down, each as it stands: what is noted last of a window, door, API, operation and consumer holds. A
   * process that is killed afterwards loses only what it did not note; the next one makes the batch. Rejects when the disk fails.
   */
  note(records: readonly UsageRecord[]): Promise<void>;
  /**
   * Resolves when the records, or what was noted when none are given, are a batch on disk that will be counted exactly once; none make no
   * batch. When the spool exceeds its bound the oldest batches are dropped, counted and logged. Rejects when the disk fails: try again.
   */
  close(records?: readonly UsageRecord[]): Promise<void>;
};

/** Where metered calls are put. */
export type UsageSpool = {
  open(): UsagePart;
  stats(): UsageStats;
};

/** `waiting` and `bytes` describe the spool now; the others count batches (and the calls in them) since the process started. */
export type UsageStats = { waiting: number; bytes: number; sent: number; quarantined: number; dropped: number; droppedCalls: number };

/** One lifetime of session, config feed, acknowledgements and usage. */
export type ControlPlaneConnection = {
  /** One per process start. */
  readonly bootId: string;
  /** Undefined before the first registration. */
  gatewayId(): string | undefined;
  /** For `/readyz`: whether a configuration is there and how fresh it is. Readiness does not depend on `stale` (lesson 28). */
  state(): RuntimeConfigState;
  /** Resolves when the first configuration, restored or applied, is in force. Never rejects; at once after a restore. */
  readonly firstConfig: Promise<void>;
  /** The right to write to a third-party gateway, or undefined while this process does not have it. */
  permit(): WritePermit | undefined;
  readonly usage: UsageSpool;
  /** Asks whether a call was approved that waits for a person: `granted` says that it is to be made now, once. Undefined where the Control Plane cannot be asked. Never rejects. */
  askCallApproval(question: Omit<CallApprovalQuestion, 'lease_epoch'>): Promise<CallApprovalAnswer | undefined>;
  /**
   * Says anew what became of the newest configuration given to `apply`, when the runtime has since repaired what had failed or found it no
   * longer in force. Ignored for any other configuration, whose own acknowledgement says more.
   */
  amend(state: StateName, outcome: ApplyOutcome): void;
  /** Queues a report of what a third-party gateway holds; a newer report replaces one that waits. */
  observed(report: Omit<ObservedState, 'lease_epoch'>): void;
  /** Queues a report of what an MCP server offers, by its id; a newer one of the same server replaces one that waits. */
  reportMcpServer(serverId: string, report: McpServerReport): void;
  /**
   * Ends every loop and waits for it. Spooled usage gets a few seconds to be sent, and stays on disk otherwise. With `deregister` the
   * Control Plane is told that the instance leaves on purpose; without, it sees a process that will come back.
   */
  stop(options: { deregister: boolean }): Promise<void>;
};
