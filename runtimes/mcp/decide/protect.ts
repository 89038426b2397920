import type { OperationEntry, Protection, RetryRule } from '../model.ts';
import type { Cancellation } from '../upstream/cancellation.ts';
import type { HeldBack, UpstreamVerdict } from '../upstream/protection/protector.ts';
import type { UpstreamAnswer } from '../upstream/upstream.ts';
import type { DecidingEngine } from './admit.ts';
import { callProven } from './prove.ts';
import type { ProvenCall } from './prove.ts';

/** What became of a call, or why it was not made. */
export type MadeAnswer = UpstreamAnswer | HeldBack;

/** RFC 9110 §9.2.2. */
const idempotent: ReadonlySet<OperationEntry['method']> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE']);
export const isIdempotent = (method: string | undefined): boolean => idempotent.has(method as OperationEntry['method']);

/** How long to wait before the retry of this number, from 0: a random part of what doubles each time, so that those who failed together do not come back together. */
export const pauseMs = ({ baseMs, maxMs }: RetryRule, retries: number): number => Math.random() * Math.min(maxMs, baseMs * 2 ** retries);

/**
 * Makes a call as its API's policies for the upstream let it be made: not while the circuit is open or the upstream has enough to do, and once more where it failed and may be repeated.
 * Without such a policy nothing is asked. `settle` is called once: it must not throw.
 */
export function callProtected(engine: DecidingEngine, call: ProvenCall, settle: (answer: MadeAnswer) => void): void {
  const { protection } = call.operation.api.policies;
  if (protection === undefined) callProven(engine, call, settle);
  else attempt(engine, call, { protection, retries: 0, last: undefined, settle });
}

type Attempt = {
  readonly protection: Protection;
  readonly retries: number;
  /** What the call before came to: better than to say why there is no other. */
  readonly last: UpstreamAnswer | undefined;
  readonly settle: (answer: MadeAnswer) => void;
};

function attempt(engine: DecidingEngine, call: ProvenCall, { protection, retries, last, settle }: Attempt): void {
  const { operation, cancellation } = call;
  const passage = engine.protector.enter(operation, protection);
  if ('kind' in passage) return settle(last ?? passage);
  callProven(engine, call, (answer) => {
    passage.judge(verdictOf(answer, protection));
    passage.leave();
    const { retry } = protection;
    if (retry === undefined || !mayBeRepeated(answer, retry, operation) || retries >= retry.maxRetries) return settle(answer);
    if (cancellation?.isCancelled === true || !engine.protector.mayRetry(operation, protection)) return settle(answer);
    wait(pauseMs(retry, retries), cancellation, (isCancelled) => {
      if (isCancelled) settle({ kind: 'cancelled' });
      else attempt(engine, call, { protection, retries: retries + 1, last: answer, settle });
    });
  });
}

function verdictOf(answer: UpstreamAnswer, { circuit }: Protection): UpstreamVerdict {
  if (answer.kind === 'cancelled') return 'unknown';
  if (answer.kind === 'failed') return answer.isUpstreams === true ? 'failed' : 'unknown';
  return circuit?.isFailure(answer.status) === true ? 'failed' : 'ok';
}

/** One that took too long is not: whoever waits for it has waited long enough. */
function mayBeRepeated(answer: UpstreamAnswer, retry: RetryRule, { method }: OperationEntry): boolean {
  if (answer.kind === 'cancelled' || !idempotent.has(method)) return false;
  return answer.kind === 'answered' ? retry.isWorthIt(answer.status) : answer.isUpstreams === true && !answer.timeout;
}

function wait(ms: number, cancellation: Cancellation | undefined, go: (isCancelled: boolean) => void): void {
  const told = {
    cancel(): void {
      clearTimeout(timer);
      go(true);
    },
  };
  const timer = setTimeout(() => {
    cancellation?.forget(told);
    go(false);
  }, ms);
  cancellation?.tell(told);
}
