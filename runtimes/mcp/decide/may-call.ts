import type { ProblemError } from '@stoa/generated/schemas.ts';
import type { Caller, KnownArguments, OperationEntry, Snapshot } from '../model.ts';
import { admit } from './admit.ts';
import type { AddressOf, DecidingEngine } from './admit.ts';
import type { CallOutcome } from './call-outcome.ts';
import { judgeChain, presentedBy } from './chain.ts';
import type { KeyIn } from './chain.ts';

/** Who makes a call, and what there was to call when it began. */
export type Calling = {
  readonly snapshot: Snapshot;
  readonly caller: Caller;
  readonly addressOf?: AddressOf | undefined;
  /** Finds a key that the request carries beside a token. */
  readonly keyIn?: KeyIn | undefined;
};

/** What is known of a call before it is decided on. */
export type WouldBe = { readonly faults: readonly ProblemError[]; readonly bodyBytes: number; readonly argumentsOf: () => KnownArguments };

/**
 * Whether a call may be made: by subscription and policies, by what the caller presents, and by the steps that every door has. `describe` is asked only for somebody who may. Undefined
 * where it may; answers later only where a limit that replicas count together has to be asked for.
 */
export function refusalOf<Described extends WouldBe>(
  engine: DecidingEngine,
  { snapshot, caller, addressOf, keyIn }: Calling,
  operation: OperationEntry | undefined,
  describe: () => Described,
):
  | { readonly refused: CallOutcome }
  | { readonly described: Described }
  | Promise<{ readonly refused: CallOutcome } | { readonly described: Described }> {
  if (operation === undefined || !snapshot.permits(caller.consumerId, operation)) return { refused: { kind: 'unknown_tool' } };
  const { policies } = operation.api;
  const chain = judgeChain(policies, presentedBy(caller, policies, keyIn));
  if (chain.kind === 'refused') return { refused: { kind: 'unknown_tool' } };
  if (chain.kind === 'scopes_missing') return { refused: { kind: 'scopes_missing', scopes: chain.scopes } };
  const described = describe();
  const refusal = admit(engine, { snapshot, caller, operation, addressOf, isMadeHere: true, ...described });
  const decided = (refused: Awaited<typeof refusal>) => (refused === undefined ? { described } : { refused });
  return refusal instanceof Promise ? refusal.then(decided) : decided(refusal);
}
