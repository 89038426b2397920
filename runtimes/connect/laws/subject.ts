import type { PolicySpec } from '@stoa/generated/schemas.ts';
import type { Capabilities } from '../engine/capabilities.ts';
import type { GatewayAdapter } from '../engine/model.ts';

/** How one write of an adapter goes wrong. `lied`: the gateway says that it was made, and it was not. */
export type FaultKind = 'refused' | 'error' | 'cut' | 'error_after' | 'cut_after' | 'lied';

/** An API of ours as it can be reached through the gateway, with the policy kinds that are in force there. Asked of the gateway itself, and not of the adapter. */
export type Exposed = { readonly api: string; readonly guards: readonly PolicySpec['kind'][] };

/** A gateway, real or simulated, that the laws are tried on. */
export type LawBench = {
  /** An adapter of its own, as a Connect that starts has it. */
  adapter(): GatewayAdapter;
  /** Leaves the gateway as it was when it was set up: nothing of ours, nothing foreign. */
  reset(): Promise<void>;
  /** Puts there what is not ours; the number says what. */
  plantForeign(seed: number): Promise<void>;
  /** All that is not of these gateways of ours, byte for byte, but for times that the gateway itself keeps. */
  foreign(gatewayIds: readonly string[]): Promise<string>;
  /** What is of one gateway of ours, byte for byte, but for times that the gateway itself keeps; empty when there is nothing. */
  ours(gatewayId: string): Promise<string>;
  /** The APIs of one gateway of ours that can be reached now. */
  exposed(gatewayId: string): Exposed[] | Promise<Exposed[]>;
  /** Calls this after each change of the gateway, before the one who made it is answered; undefined ends it. */
  watch(look: (() => void) | undefined): void;
  /** The write with this number from now on, counted from one, goes wrong. */
  fail(nth: number, kind: FaultKind): void;
  /** Forgets faults that nothing has met. */
  heal(): void;
  /** How many writes came since the last call. */
  writes(): number;
  close(): Promise<void>;
};

/** The place of a vendor in the suite. */
export type LawSubject = {
  /** What it is tried on: the real gateway with its version, or the simulator and what that was made from. */
  readonly on: string;
  /** What it can express as it is set up here, where that is more than a vendor's usual. */
  readonly capabilities?: Capabilities;
  /** Faults that the bench can bring about. */
  readonly faults: readonly FaultKind[];
  start(): Promise<LawBench>;
};

/** The same on a gateway that this machine may have. Each of its cases takes long: it gets a share of them, and one at least. */
export type RealSubject = LawSubject & { readonly share: number; readonly missing: string | undefined };
