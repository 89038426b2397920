import type {
  ApiItem,
  ApiOperation,
  ConfigItem,
  ConsumerItem,
  GatewayConfig,
  ItemAck,
  ObservedApi,
  PlanItem,
  PolicyItem,
  TargetGateway,
} from '@stoa/generated/schemas.ts';
import type { Proxies } from '@stoa/lib/proxies.ts';
import type { Secret } from '@stoa/lib/secret.ts';
import type { Capabilities } from './capabilities.ts';
import type { GatewayHealth } from './health.ts';

/** What every adapter is made from. What one vendor needs besides, its own settings say. */
export type AdapterOptions = {
  /** Base address of the gateway's admin API, without trailing slash. */
  readonly url: string;
  readonly proxies?: Proxies;
  /** Sent with every request, for an admin API behind an authenticating proxy. */
  readonly credential?: { readonly header: string; readonly value: Secret } | undefined;
  /** PEM files of the certificate that is shown to the admin API, and of its key. */
  readonly clientCertificate?: { readonly certFile: string; readonly keyFile: string } | undefined;
  /** Says what has expired: never goes back. */
  readonly nowMs?: () => number;
};

/** One object of ours in a third-party gateway: what it shall be, or what was last made of it. */
export type ManagedObject = {
  readonly kind: string;
  /** Chosen by us and stable, so that writing it twice is writing it once. A gateway that chooses ids itself knows it by a mark. */
  readonly id: string;
  /** What an operator calls it, such as `route stoa-orders.getOrder`. Never holds a secret. */
  readonly label: string;
  /** The item whose changes stop when this one fails. */
  readonly owner: string;
  /** Further items that are not applied when this object is not: the policies a plugin carries. */
  readonly alsoFor: readonly string[];
  /** The fields we set. Only these are compared. */
  readonly fields: Readonly<Record<string, unknown>>;
};

export type AckPhase = NonNullable<ItemAck['phase']>;

/** What became of an item: a rejection or a warning, with the reason for an operator. */
export type Finding = { readonly itemId: string; readonly phase: AckPhase; readonly reason: string };

/**
 * A rejected item is either taken out of the gateway (`withdraw`: it may not be served without its policy) or left as it was
 * last applied (`hold`: a bad revision must not end the good one before it, lesson 16).
 */
export type Rejection = Finding & { readonly effect: 'withdraw' | 'hold' };

/** An API that is to be served, with what the vendor's capabilities let through. */
export type ApiIntent = {
  readonly api: ApiItem;
  /** Those that are attached to it, all of which the vendor can express, by their ids. */
  readonly policies: readonly PolicyItem[];
  /** Those that are exposed: what the vendor cannot express, or another API has, is left out. */
  readonly operations: readonly ApiOperation[];
  /** Whoever comes, every consumer of this gateway with a key, or those with a subscription. */
  readonly access: 'anybody' | 'consumers' | 'subscribers';
};

/** A consumer that may call something. `alsoOpen`: every API that is open to all consumers. */
export type CallerIntent = {
  readonly consumer: ConsumerItem;
  readonly alsoOpen: boolean;
  /** The APIs that it is subscribed to, each with the item that says so: the first, where there are several. */
  readonly subscriptions: readonly Subscribed[];
};
export type Subscribed = { readonly apiId: string; readonly itemId: string; readonly plan: PlanItem | undefined };

/** What shall be served and who may call it: the configuration, after everything that needs no knowledge of a gateway's own terms. */
export type Intent = { readonly gatewayId: string; readonly apis: readonly ApiIntent[]; readonly callers: readonly CallerIntent[] };

/** Translates what shall be into a gateway's own terms. Pure: the same intent at the same time gives the same objects. */
export type Transform = {
  /**
   * Which requests an operation takes on this gateway: equal for two that the gateway could not tell apart, and fit to be read by an operator.
   * A `fault` is the end of a sentence that begins with the operation.
   */
  claim(api: ApiItem, operation: ApiOperation): { readonly claim: string } | { readonly fault: string };
  /**
   * The objects of one API. Called anew only for what changed, so it may look at nothing else. With a `fault`, a sentence, the API is held as it was last
   * applied; the objects are then those that guard it, for its policies still change.
   */
  api(
    gatewayId: string,
    intent: ApiIntent,
  ): { readonly objects: readonly ManagedObject[]; readonly warnings: readonly string[]; readonly fault?: string };
  /** Consumers, their keys, and what lets them in. Only called for what is asked for: gateways keep keys in clear. */
  callers(intent: Intent, nowMs: number): { readonly objects: readonly ManagedObject[]; readonly warnings: readonly Finding[] };
};

/** The desired state in the third-party gateway's own terms, and what could not be expressed. */
export type Rendered = {
  readonly objects: readonly ManagedObject[];
  readonly rejections: readonly Rejection[];
  readonly warnings: readonly Finding[];
};

/** What becomes of one object. A `patch` changes only the fields that its object has. */
export type Change = {
  readonly action: 'put' | 'patch' | 'delete';
  readonly object: ManagedObject;
  /** Why, for the log and for an operator. */
  readonly detail: string;
};

/**
 * One step of a plan, which is made or not made: one object of a gateway that takes them one by one, or every change at once for one that takes a document
 * or files. A vendor that needs several requests for it asks `permit` before each.
 */
export type Write<Payload = unknown> = {
  /** What it does, object by object: never empty. Acknowledgements, drift and dry runs are told from these. */
  readonly changes: readonly Change[];
  /** Writes of a stage may be made side by side. A stage begins when the one before has ended. */
  readonly stage: number;
  /** What the vendor needs to make it, as data. */
  readonly payload: Payload;
  /** Takes access away, or guards what is live: it is tried even after another write of the same item failed. */
  readonly always?: boolean;
  /** What takes that out of service which this write was to guard, should it fail. */
  readonly onFailure?: Write<Payload>;
};

export type WritePlan<Payload = unknown> = {
  /** In the order of their stages. Empty when the gateway is as desired. */
  readonly writes: readonly Write<Payload>[];
  /** Items that what is there stands in the way of. */
  readonly rejections: readonly Finding[];
  /**
   * Before each of these stages what was written so far is read back, and what is not there counts as failed: an admin API may have lied, and the next stage would
   * open what is not guarded, or take the guard from what is open.
   */
  readonly checkpoints?: readonly number[];
  /** What there is after the writes: the desired objects, with held items as they were last applied. */
  readonly target: readonly ManagedObject[];
};

export type PlanInput<Observed> = {
  readonly gatewayId: string;
  readonly desired: readonly ManagedObject[];
  readonly lastApplied: readonly ManagedObject[];
  readonly observed: Observed;
  /** Items that stay as they were last applied. */
  readonly held: ReadonlySet<string>;
  /** Objects that the gateway refused in this pass, and why: the plan goes on without these, and its APIs are held or closed. */
  readonly refused: ReadonlyMap<string, string>;
  /** All that is desired, where `desired` is the part of it that a change is about. */
  readonly everything?: readonly ManagedObject[];
};

export type FailedChange = {
  readonly change: Change;
  readonly reason: string;
  /** The gateway understood and said no; otherwise the same write may succeed later. */
  readonly refused: boolean;
};

export type Applied = {
  readonly done: readonly Change[];
  readonly failed: readonly FailedChange[];
  /** Not tried, because an earlier change of the same item failed or the run was stopped. */
  readonly skipped: readonly Change[];
  /** Why the rest was not tried at all: the lease was lost, or the gateway went away. */
  readonly stopped?: { readonly cause: 'no_lease' | 'gateway_away'; readonly reason: string };
  /** What the gateway said that a document was refused for, by the ids of its objects. */
  readonly culprits: ReadonlyMap<string, string>;
  /** The gateway was changed by somebody since it was read: nothing of that write was made. */
  readonly stale: boolean;
};

/** How writes reach one third-party gateway, for the time of one plan. */
export type Writer<Payload> = {
  /**
   * Makes one write. Throws an `AdminError` when the gateway did not make it. `permit` throws once the lease is lost: a write of several requests asks before
   * each of those after the first.
   */
  write(write: Write<Payload>, permit: () => void): Promise<void>;
};

/** A third-party gateway, as the search for drift sees it. `E` is what its admin API calls an object. */
export type Inspected<E = unknown> = {
  find(kind: string, id: string): E | undefined;
  /** Where an object that is there differs from what it should be, in words. */
  mismatch(object: ManagedObject, found: E): string | undefined;
  /** All objects that are marked as ours. */
  readonly marked: readonly Marked[];
  readonly meddling?: readonly Meddling[];
};
export type Marked = { readonly id: string; readonly itemId: string | undefined; readonly label: string };
/** Something that is not ours and changes what ours does: it is reported, and left to whoever made it. */
export type Meddling = { readonly itemId: string | undefined; readonly label: string; readonly kind: 'changed' | 'extra'; readonly detail: string };

/** Who takes some requests on the gateway now: one of our items, or something that is not ours. */
export type Incumbent = { readonly itemId?: string | undefined; readonly label: string };

/** Something on a gateway that is not ours, as it would be kept when it is. */
export type Adoptable = {
  readonly name: string;
  readonly upstreamUrl: string;
  /** What it takes, as far as a document can say it. */
  readonly operations: readonly { readonly method: string; readonly path: string }[];
  /** Itself and what leads to it, each with every field that it has: marked as ours, they are the objects of its API. */
  readonly objects: NonNullable<ApiItem['adopted']>;
  /** What stays on it, in force and not ours, in words. */
  readonly stays: readonly string[];
};

/** What a pass wrote, and what there is after it. */
export type Served<Observed> = { readonly done: readonly Change[]; readonly target: readonly ManagedObject[]; readonly observed: Observed };

/** What one third-party gateway can do for us. `Observed` is whatever its `fetch` reads, `Payload` whatever its plan tells its writer. */
export type GatewayAdapter<Observed = unknown, Payload = unknown> = {
  readonly type: string;
  readonly capabilities: Capabilities;
  /** Says whether the gateway can be reached, cheaply. Throws as `fetch` does. */
  reach(signal: AbortSignal): Promise<TargetGateway>;
  /** What whoever sets it up should know of how the gateway is run, as a sentence without its end: told by `check`, and when a machine is enrolled. */
  advise?(signal: AbortSignal): Promise<string>;
  /** How the gateway is, as far as it tells; of a vendor without it nothing is known. Asked about once a minute, beside the passes. Throws as `fetch` does. */
  health?(signal: AbortSignal): Promise<GatewayHealth>;
  /** Reads everything that planning needs. Throws an `AdminError` when the gateway cannot be read. */
  fetch(gatewayId: string, signal: AbortSignal): Promise<Observed>;
  /** Reads these objects anew and takes the rest as it was: for a gateway of thousands of objects of which few change. Answers `observed` itself where they are as they were. */
  refresh?(observed: Observed, objects: readonly ManagedObject[], signal: AbortSignal): Promise<Observed>;
  /**
   * What is observed without `outside`, which a change is not about, and which is as it was applied. What is of others, and what is ours and unexpected, is kept: it may stand in the way of the
   * rest. Undefined where a plan needs everything.
   */
  narrow?(observed: Observed, outside: readonly ManagedObject[]): Observed | undefined;
  /** Reads what may stand in the way of objects that are not there, where `fetch` cannot know what to look for: somebody else's consumer of the same name. */
  scout?(observed: Observed, desired: readonly ManagedObject[], signal: AbortSignal): Promise<Observed>;
  readonly transform: Transform;
  /** Who takes which requests now, by claims. What is in force stays: an API that comes later does not get them. */
  incumbents?(gatewayId: string, observed: Observed): ReadonlyMap<string, Incumbent>;
  /** The ordered writes from what is there to what is desired. Pure; empty on what it has applied. */
  plan(input: PlanInput<Observed>): WritePlan<Payload>;
  inspect(gatewayId: string, observed: Observed): Inspected;
  /** What makes the writes of a plan that was made from `observed`. */
  writer(observed: Observed): Writer<Payload>;
  /** Whether what was applied is served, asked through the gateway's own traffic, once it reads back as written. Also asked where a pass had nothing to write. */
  probe?(applied: Served<Observed>, signal: AbortSignal): Promise<{ readonly rejections: readonly Finding[]; readonly warnings: readonly Finding[] }>;
  describe(observed: Observed): TargetGateway;
  discovered(gatewayId: string, observed: Observed): ObservedApi[];
  /** What taking over one of `discovered` by its `object_id` would be. Without it, an API with `adopted` objects is rejected. */
  adopt?(observed: Observed, objectId: string): Adoptable | { readonly refusal: string };
  close(): void;
};

export type ItemsOf<K extends ConfigItem['kind']> = Extract<ConfigItem, { kind: K }>;
export type DesiredConfig = Pick<GatewayConfig, 'gateway_id' | 'items'>;
