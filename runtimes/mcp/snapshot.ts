import type { AckState, GatewayConfig, ItemAck } from '@stoa/generated/schemas.ts';
import type { Snapshot } from './model.ts';

export type { ApiEntry, Caller, ConsumerEntry, OperationEntry, Snapshot, ToolEntry } from './model.ts';

export type CompileResult = {
  readonly snapshot: Snapshot;
  /** One entry for every item of the configuration, in its order. */
  readonly items: ItemAck[];
  /** `applied`, or `applied_with_warnings` when any item was rejected or warned about: what was rejected is not served, the rest is. */
  readonly state: AckState;
};

/**
 * Makes what a runtime serves from a desired state. Never throws for what the state contains: an item that cannot be served is
 * rejected by name and left out, and an API is left out when a policy on it cannot be enforced, so `snapshot` is always to be served.
 * `previous` lends its compiled APIs where neither they nor their policies changed.
 */
export declare function compileSnapshot(config: GatewayConfig, previous?: Snapshot): CompileResult;

/** The snapshot of a runtime that was never given anything. */
export declare const emptySnapshot: Snapshot;
