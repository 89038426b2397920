import type { ApplyOutcome } from '@stoa/control-plane-client/types.ts';
import type { CallApprovalAnswer, DesiredItem, McpServerReport, RuntimeConfigState, UsageRecord } from '@stoa/generated/schemas.ts';
import type { SharedProofs } from '../decide/proofs/proof-memory.ts';
import type { Address } from '@stoa/lib/setting.ts';
import type { CallToApprove } from '../decide/approvals.ts';
import type { LeaseAsk } from '../decide/replicas/lessor.ts';

/** What a thread serves after a change: what became of it, and how much it is. */
export type SwappedIn = { readonly outcome: ApplyOutcome; readonly tools: number; readonly apis: number };

export type StateChange = {
  readonly generation: number;
  readonly hash: string;
  readonly removed: readonly string[];
  readonly whole: boolean;
};

/** What the main thread asks of a worker. */
export type WorkerAnswers = {
  /** Items that the next state has, a part at a time, so that nobody stalls for the whole. */
  items(items: readonly DesiredItem[]): void;
  /** Swaps in a state: the items that came since the last one in place of their former selves, or alone where they are the `whole`. */
  apply(state: StateChange): Promise<SwappedIn>;
  /** Begins to listen and answers the URL. */
  listen(address: Address): Promise<string>;
  /** Lets calls in flight end and hands usage over. */
  stop(argument: undefined): Promise<void>;
};

/** What a worker asks of the main thread. */
export type MainAnswers = {
  configState(argument: undefined): RuntimeConfigState;
  metrics(argument: undefined): Promise<string>;
  /** Resolves once there may be more of a limit that replicas count together. */
  lease(ask: LeaseAsk): Promise<void>;
  /** Whether a call that waits for a person was approved. */
  approval(question: CallToApprove): Promise<CallApprovalAnswer | undefined>;
  /** Whether a proof was used at no replica; undefined where nobody can say. */
  useProof(use: { readonly proof: string; readonly forMs: number }): Promise<boolean | undefined>;
  /** What a worker found at an MCP server. */
  reported(found: FoundAtServer): void;
  /** Resolves once what a part of usage has come to is written down. */
  note(usage: NumberedPart): Promise<void>;
  /** Resolves once the part is a batch on disk. */
  close(usage: NumberedPart): Promise<void>;
};

export type FoundAtServer = { readonly id: string; readonly report: McpServerReport };

/** A part of usage, by the number that its worker gave it. */
export type NumberedPart = { readonly part: number; readonly records: readonly UsageRecord[] | undefined };

/** What a worker is started with. */
export type WorkerData = {
  readonly stoaWorker: true;
  /** From 1; a worker that takes the place of another has its number. */
  readonly number: number;
  readonly limits: SharedArrayBuffer;
  readonly proofs: SharedProofs;
  /** What is held of limits that replicas count together; undefined where each counts alone. */
  readonly leases: SharedArrayBuffer | undefined;
  readonly tally: SharedArrayBuffer;
  readonly tunnels: SharedArrayBuffer;
  /** What is known of upstreams that policies protect. */
  readonly upstreams: SharedArrayBuffer;
};
