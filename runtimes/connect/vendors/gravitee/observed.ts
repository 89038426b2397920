import type { Entity, Json } from './admin.ts';
import type { Mark } from './names.ts';
import type { GraviteeNode } from './probe.ts';

export type ObservedPlan = { readonly entity: Entity; readonly mark: Mark | undefined };
export type ObservedSubscription = {
  readonly entity: Entity;
  /** Our objects at its two ends. */
  readonly application: string;
  readonly planId: string;
  readonly object: string;
  /** Keys that are good, with whether each is the one that was written. */
  readonly keys: readonly string[];
};

/** An API of ours, with all that hangs on it. */
export type OurApi = {
  readonly entity: Entity;
  readonly mark: Mark;
  /** Those that are not closed. */
  readonly plans: readonly ObservedPlan[];
  readonly subscriptions: readonly ObservedSubscription[];
  /** Subscriptions of other people's applications. */
  readonly strangers: readonly Entity[];
  /** Whether what we set is what was deployed last. */
  readonly isDeployed: boolean;
  /** What somebody else changed there and has not deployed. */
  readonly foreignDraft: string | undefined;
};

export type OurApplication = { readonly entity: Entity; readonly mark: Mark };

/** What an environment of a Gravitee holds: the APIs of everybody, and what hangs on ours. */
export type GraviteeObserved = {
  readonly gatewayId: string;
  readonly node: GraviteeNode;
  readonly others: readonly Entity[];
  readonly apis: ReadonlyMap<string, OurApi>;
  readonly applications: ReadonlyMap<string, OurApplication>;
  /** Further applications that carry the mark of one of the former: made twice, when an answer was lost. */
  readonly doubles: readonly OurApplication[];
  /** Subscriptions to be, by their objects, whose key somebody else has. */
  readonly takenKeys: ReadonlySet<string>;
  find(kind: string, id: string): Found | undefined;
};

/** One object of ours, as it is compared: with the view that has the fields that we set. */
export type Found = { readonly view: Json; readonly entity: Entity; readonly api: OurApi | undefined };
