import type { ProblemError } from '@stoa/generated/schemas.ts';
import type { RequestOrigin } from '@stoa/lib/client-address.ts';
import type { Logger } from '@stoa/lib/log.ts';
import type { Federation } from '../federation/federation.ts';
import type { Meter } from '../metering/meter.ts';
import type { ApiEntry, Caller, KnownArguments, OperationEntry, Snapshot, TimeRule } from '../model.ts';
import type { Prover } from '../upstream/proofs/prover.ts';
import type { Protector } from '../upstream/protection/protector.ts';
import type { Upstreams } from '../upstream/upstream.ts';
import type { ApprovalSource } from './approvals.ts';
import type { InvalidArguments, Refusal } from './call-outcome.ts';
import type { Limits, LimitVerdict } from './limits.ts';
import type { ProofJudge } from './proofs/proof-judge.ts';
import type { TokenJudge } from './tokens/token-judge.ts';

/** What of an engine decisions are made with. */
export type DecidingEngine = {
  /** Whether there is anything to decide by. */
  readonly ready: boolean;
  readonly limits: Limits;
  readonly meter: Meter;
  readonly upstreams: Upstreams;
  readonly prover: Prover;
  readonly protector: Protector;
  readonly federation: Pick<Federation, 'request' | 'self'>;
  readonly tokens: TokenJudge;
  readonly proofs: ProofJudge;
  /** Says whether calls that wait for a person were approved. */
  readonly approvals: ApprovalSource;
  /** Under which network to count what whoever sent a request does wrong. */
  networkOf(request: RequestOrigin): string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly log: Logger;
};

/** One call, as the steps below see it. */
export type CallToAdmit = {
  readonly snapshot: Snapshot;
  readonly caller: Caller;
  readonly operation: OperationEntry;
  readonly addressOf: AddressOf | undefined;
  readonly bodyBytes: number;
  /** What is wrong with its arguments. */
  readonly faults: readonly ProblemError[];
  /** Whether it is this gateway that makes it. */
  readonly isMadeHere: boolean;
  /** What is known of its arguments, for policies that look at them. */
  readonly argumentsOf: () => KnownArguments;
};

/** From where a call comes; undefined where nobody who is trusted says so. CallToAdmit only where it counts. */
export type AddressOf = () => string | undefined;

/** The policy that lets no calls through at this moment, by its name. */
export function closedBy(times: readonly TimeRule[], nowMs: number): string | undefined {
  return times.length === 0 ? undefined : times.find((rule) => !rule.admits(nowMs))?.policy;
}

/** Whether the policies of an API let calls come from there. */
export const isFromThere = ({ policies: { addresses } }: ApiEntry, addressOf: AddressOf | undefined): boolean => {
  if (addresses.length === 0) return true;
  const address = addressOf?.();
  return address !== undefined && addresses.every((rule) => rule.admits(address));
};

/**
 * The steps between access and the upstream, the same for every door (lesson 22): where it comes from and when, what policies say to this very call, whether its upstream can take it, limits by identity, then what is wrong with the call
 * itself: its arguments, and its size. So a bad call counts like a good one: to find out costs as much, and whoever repeats it is to be told when to come back. Policies are not shown arguments that are none. Answers at once, but where a limit that replicas count
 * together has to be asked for first.
 */
export function admit(engine: DecidingEngine, call: CallToAdmit): Refused | Promise<Refused> {
  const { snapshot, caller, operation, addressOf, faults, isMadeHere } = call;
  const { api } = operation;
  const { times, protection } = api.policies;
  // Before the limits: what is refused for its address or its time uses nothing up.
  if (!isFromThere(api, addressOf)) return { kind: 'address_refused' };
  const closed = closedBy(times, engine.now());
  if (closed !== undefined) return { kind: 'time_refused', policy: closed };
  const unpermitted = faults.length === 0 ? judge(engine, call) : undefined;
  if (unpermitted !== undefined) return unpermitted;
  // What is not made uses nothing up either. Others may be first, so that it is asked once more when it is made.
  const held = protection === undefined || !isMadeHere ? undefined : engine.protector.refusal(operation, protection);
  if (held !== undefined) return held;
  const limits = snapshot.limitsOf(caller.consumerId, api);
  if (limits.length === 0) return refusedAsItIs(call);
  const verdict = engine.limits.consume(limits, caller.consumerId, operation);
  return verdict instanceof Promise ? verdict.then((later) => refusedBy(later) ?? refusedAsItIs(call)) : (refusedBy(verdict) ?? refusedAsItIs(call));
}

type Refused = Refusal | InvalidArguments | undefined;

function refusedBy(verdict: LimitVerdict): Refusal | undefined {
  if (verdict.allowed) return undefined;
  const { policy } = verdict;
  return 'isUncounted' in verdict ? { kind: 'uncounted', policy } : { kind: 'rate_limited', retryAfterS: verdict.retryAfterS, policy };
}

/** What is wrong with the call itself. */
function refusedAsItIs({ operation, bodyBytes, faults }: CallToAdmit): Refused {
  if (faults.length > 0) return { kind: 'invalid_arguments', errors: faults };
  const { maxRequestBytes } = operation.api.policies;
  return maxRequestBytes !== undefined && bodyBytes > maxRequestBytes ? { kind: 'too_large', maxBytes: maxRequestBytes } : undefined;
}

/** What the policies say against the call that look at it itself. Why it is refused, operators learn from the log and the audit, and callers not. */
function judge({ now, log }: DecidingEngine, { snapshot, caller, operation, addressOf, argumentsOf }: CallToAdmit): Refusal | undefined {
  const { judgeCall } = operation.api;
  if (judgeCall === undefined) return undefined;
  const consumer = snapshot.consumers.get(caller.consumerId);
  if (consumer === undefined) return { kind: 'not_permitted' };
  const { permitted, policies } = judgeCall(consumer, operation, () => ({ arguments: argumentsOf(), caller, address: addressOf?.(), nowMs: now() }));
  if (permitted) return undefined;
  log.debug({ consumer: consumer.name, tool: operation.toolName, policies }, 'A call is not permitted by policies that look at it.');
  const [policy] = policies;
  return { kind: 'not_permitted', ...(policy !== undefined && { policy }) };
}
