import type { ConfigItem, Drift, GatewayConfig, ItemAck, ObservedApi, TargetGateway } from '@stoa/generated/schemas.ts';
import type { Proxies } from '@stoa/lib/proxies.ts';
import type { Secret } from '@stoa/lib/secret.ts';

/** What every adapter is made from. */
export type AdapterOptions = {
  /** Base address of the gateway's admin API, without trailing slash. */
  readonly url: string;
  readonly proxies?: Proxies;
  /** Sent with every request, for an admin API behind an authenticating proxy. */
  readonly credential?: { readonly header: string; readonly value: Secret } | undefined;
  /** Says what has expired: never goes back. */
  readonly nowMs?: () => number;
};

/** One object of ours in a third-party gateway: what it shall be, or what was last made of it. */
export type ManagedObject = {
  readonly kind: string;
  /** Chosen by us and stable, so that writing it twice is writing it once. */
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

/** The desired state in the third-party gateway's own terms, and what could not be expressed. */
export type Rendered = {
  readonly objects: readonly ManagedObject[];
  readonly rejections: readonly Rejection[];
  readonly warnings: readonly Finding[];
};

/** One write. A `patch` changes only the fields that its object has. */
export type Change = {
  readonly action: 'put' | 'patch' | 'delete';
  readonly object: ManagedObject;
  /** Why, for the log and for an operator. */
  readonly detail: string;
  /**
   * Set for a guard of something live: what takes that out of service when the guard cannot be put in place. Such a change is tried even
   * after another of its item failed.
   */
  readonly onFailure?: Change;
};

export type WritePlan = {
  readonly changes: readonly Change[];
  /** Items that what is there stands in the way of. */
  readonly rejections: readonly Finding[];
  /** What there is after the changes: the desired objects, with held items as they were last applied. */
  readonly target: readonly ManagedObject[];
};

export type PlanInput<Observed> = {
  readonly gatewayId: string;
  readonly desired: readonly ManagedObject[];
  readonly lastApplied: readonly ManagedObject[];
  readonly observed: Observed;
  /** Items that stay as they were last applied. */
  readonly held: ReadonlySet<string>;
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
};

/** What one third-party gateway can do for us. `Observed` is whatever its `fetch` reads. */
export type GatewayAdapter<Observed = unknown> = {
  readonly type: string;
  /** Says whether the gateway can be reached, cheaply. Throws as `fetch` does. */
  probe(signal: AbortSignal): Promise<TargetGateway>;
  /** Reads everything that planning needs. Throws a coded error when the gateway cannot be read. */
  fetch(gatewayId: string, signal: AbortSignal): Promise<Observed>;
  transform(config: Pick<GatewayConfig, 'gateway_id' | 'items'>, nowMs: number): Rendered;
  /** The ordered writes from what is there to what is desired. Pure; empty on what it has applied. */
  plan(input: PlanInput<Observed>): WritePlan;
  /** How the gateway differs from what was last applied. Pure. */
  drift(input: Omit<PlanInput<Observed>, 'held'>): Drift[];
  /** Makes the changes one by one. Asks `shouldStop` before each write; finishes the one in hand. */
  apply(changes: readonly Change[], shouldStop: () => boolean): Promise<Applied>;
  describe(observed: Observed): TargetGateway;
  discovered(gatewayId: string, observed: Observed): ObservedApi[];
  close(): void;
};

export type ItemsOf<K extends ConfigItem['kind']> = Extract<ConfigItem, { kind: K }>;
