import type { BuiltRequest, OperationEntry } from '../model.ts';
import type { Cancellation } from '../upstream/cancellation.ts';
import { ProofFailure } from '../upstream/proofs/proof-failure.ts';
import type { ProofOf } from '../upstream/proofs/prover.ts';
import type { Settle, UpstreamFailure } from '../upstream/upstream.ts';
import type { DecidingEngine } from './admit.ts';

export type ProvenCall = {
  readonly operation: OperationEntry;
  readonly request: BuiltRequest;
  readonly by: ProofOf;
  readonly cancellation: Cancellation | undefined;
};

/**
 * Makes a call with what proves the gateway to its upstream. Where that is the same in every request it is part of the request already, and nothing is waited for. A token
 * that the upstream answers with 401 is got anew once. `settle` is called once: it must not throw.
 */
export function callProven({ upstreams, prover }: DecidingEngine, { operation, request, by, cancellation }: ProvenCall, settle: Settle): void {
  if (operation.proofs.length === 0) return upstreams.call(operation, request, cancellation, settle);
  const send = (mayRepeat: boolean): void => {
    prover.prove(operation, by).then(
      (proven) => {
        const sent = { ...request, headers: [...request.headers, ...proven.headers] };
        upstreams.call(operation, sent, cancellation, (answer) => {
          if (mayRepeat && answer.kind === 'answered' && answer.status === 401 && prover.wasRefused(proven)) send(false);
          else settle(answer);
        });
      },
      (error: unknown) => settle(unproven(error)),
    );
  };
  send(true);
}

/** What to say of a request that cannot be made, because what proves it cannot be had. */
export function unproven(error: unknown): UpstreamFailure {
  const reason = error instanceof ProofFailure ? error.message : 'What proves the gateway to the upstream could not be made.';
  return { kind: 'failed', reason, timeout: false, cause: error as Error };
}
