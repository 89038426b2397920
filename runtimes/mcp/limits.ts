import type { LimitPolicy } from './model.ts';

export type LimitVerdict = { readonly allowed: true } | { readonly allowed: false; readonly retryAfterS: number; readonly policy: string };

/** Counts calls by policy and consumer. */
export type Limits = {
  /** Takes one call from every limit, or from none and says which refuses and in how many whole seconds (at least 1) it will not. */
  consume(policies: readonly LimitPolicy[], consumerId: string): Promise<LimitVerdict>;
  /** Forgets the counters of policies that are no longer in force. */
  retain(policyIds: ReadonlySet<string>): void;
};

export declare function createMemoryLimits(now?: () => number): Limits;
