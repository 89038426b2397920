import type { DoorName, ProblemError } from '@stoa/generated/schemas.ts';
import type { CallMetering, MeteredOutcome } from '../metering/meter.ts';
import type { Caller, KnownArguments, OperationEntry, RouteMatch, Snapshot, TokenDemand } from '../model.ts';
import { admit, isFromThere } from './admit.ts';
import type { AddressOf, DecidingEngine } from './admit.ts';
import { approvalRuleFor } from './approvals.ts';
import type { InvalidArguments, Refusal } from './call-outcome.ts';
import { refuseUnread } from './contents.ts';
import { isAudienceOf, judgeChain } from './chain.ts';
import { bearerToken, credentialIn, identify } from './identify.ts';
import type { SubjectToken } from '../upstream/proofs/prover.ts';
import { callerByCertificate } from './proofs/certificate-caller.ts';
import type { Possession, ProofFault } from './proofs/possession.ts';

export type { MeteredOutcome } from '../metering/meter.ts';

/** Who asks for what. */
export type Asking = {
  readonly snapshot: Snapshot;
  /** What the door found the request to mean. */
  readonly route: RouteMatch;
  /** Headers of the original request, names in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** What `settleCaller` found. */
  readonly proven: Possession;
};

export type AuthorizeQuestion = Asking & {
  readonly addressOf?: AddressOf | undefined;
  /** Size of the original request's body in bytes, where that is told. */
  readonly bodyBytes?: number | undefined;
  /** What its parameters say of the tool's arguments. */
  readonly argumentsOf: (operation: OperationEntry) => KnownArguments;
  /** What of the request's parameters says something against the document; asked only for somebody who may call the operation. */
  readonly faultsOf?: (operation: OperationEntry) => readonly ProblemError[];
};

export type AuthorizeVerdict =
  | { readonly kind: 'allowed'; readonly caller: Caller; readonly operation: OperationEntry }
  | Unauthenticated
  /** No such route, several of them, a path that hides its meaning, or an operation this caller may not use. */
  | { readonly kind: 'forbidden' }
  | InvalidArguments
  /** The decision failed for a reason of our own, or what it needs is away: deny, but do not say that the caller may not. */
  | { readonly kind: 'undecided' }
  | Exclude<Refusal, { kind: 'uncounted' }>;

export type Unauthenticated = {
  readonly kind: 'unauthenticated';
  /** Something was presented, and it is not good. */
  readonly hadCredential: boolean;
  /** By which scheme its token came, if one did. */
  readonly scheme: 'bearer' | 'dpop';
  /** What was wrong with the proof beside the token. */
  readonly proofFault: Exclude<ProofFault, { kind: 'undecided' }> | undefined;
};

/** A verdict on a request, and on whose, for the metering. */
export type Judgement = {
  readonly verdict: AuthorizeVerdict;
  readonly operation: OperationEntry | undefined;
  readonly caller: Caller | null;
  /** What a request that was not allowed counts as; undefined for one that was. */
  readonly refusedAs: MeteredOutcome | undefined;
};

/**
 * Decides on a request by the same steps as `callTool`, for a door that makes it and meters it when it has ended. Never throws nor rejects; answers later only
 * where a limit that replicas count together has to be asked for.
 * `seesContents`: whether the door reads bodies where policies want it to.
 * The route comes first only because the API says which header carries the key; a caller without a key learns nothing of it.
 */
export function judgeRequest(engine: DecidingEngine, question: AuthorizeQuestion, seesContents: boolean): Judgement | Promise<Judgement> {
  const asker = whoAsks(engine, question);
  const { operation, caller } = asker;
  const judged = (verdict: AuthorizeVerdict): Judgement => ({ verdict, operation, caller, refusedAs: refusedAs(verdict, operation) });
  const failed = (error: unknown): Judgement => {
    engine.log.error({ err: error, operation: operation?.operationId }, 'A decision failed for a reason of our own.');
    return judged({ kind: 'undecided' });
  };
  try {
    const verdict = caller === null ? unknownCaller(asker, question) : decideOnRequest(engine, question, { ...asker, caller, seesContents });
    return verdict instanceof Promise ? verdict.then(judged, failed) : judged(verdict);
  } catch (error) {
    return failed(error);
  }
}

/** Decides on a request that another gateway is going to make, and meters the question. Never throws nor rejects. */
export function authorizeRequest(engine: DecidingEngine, question: AuthorizeQuestion, door: DoorName): AuthorizeVerdict | Promise<AuthorizeVerdict> {
  const startedAt = performance.now();
  const told = ({ verdict, operation, caller, refusedAs: outcome = 'ok' }: Judgement): AuthorizeVerdict => {
    recordQuestion(engine, door, { operation, caller, addressOf: question.addressOf, decided: verdict }, outcome, startedAt);
    return verdict;
  };
  const judgement = judgeRequest(engine, question, false);
  return judgement instanceof Promise ? judgement.then(told) : told(judgement);
}

type FromSomewhere = Asking & Pick<AuthorizeQuestion, 'addressOf'>;

/** Meters a question that a door answers without a decision, for whoever's key came with it and the operation that it names. */
export function meterUndecided(engine: DecidingEngine, question: FromSomewhere, door: DoorName): void {
  const { addressOf } = question;
  recordQuestion(engine, door, { ...whoAsks(engine, question), addressOf }, engine.ready ? 'forbidden' : 'undecided', performance.now());
}

/** Of a request that was let in: it would be again, it would but for its operation, which is served no more, or it would not. */
export type RightLeft = 'as_before' | 'withdrawn' | 'none';

/**
 * What has become of the right to a request `admitted` as that operation, as far as this is about who makes it, and from where: asked of what is still under way when the configuration changes,
 * and from time to time. `route` is what it means now. While the issuer of its token cannot be asked, it is that of who was `known` by it.
 */
export function rightTo(engine: DecidingEngine, question: FromSomewhere, admitted: OperationEntry, known?: Caller): RightLeft {
  const isWithdrawn = question.route.kind !== 'match';
  // Without an API a runtime is told of no consumer either: nothing is said of this one.
  if (isWithdrawn && question.snapshot.apis.size === 0) return 'withdrawn';
  // The credential is where the API had it.
  const route: RouteMatch = isWithdrawn ? { kind: 'match', operation: admitted } : question.route;
  const asks = whoAsks(engine, { ...question, route, proven: { ...question.proven, isOfBefore: true } });
  const { operation = admitted } = asks;
  const caller = known ?? asks.caller;
  if (caller === null || (known === undefined && asks.scopes.length > 0) || !isFromThere(operation.api, question.addressOf)) return 'none';
  if (isWithdrawn) return question.snapshot.consumers.has(caller.consumerId) ? 'withdrawn' : 'none';
  return question.snapshot.permits(caller.consumerId, operation) ? 'as_before' : 'none';
}

function recordQuestion(
  engine: DecidingEngine,
  door: DoorName,
  { operation, caller, addressOf, decided }: Pick<CallMetering, 'operation' | 'addressOf' | 'decided'> & { caller: Caller | null },
  outcome: MeteredOutcome,
  startedAt: number,
): void {
  const durationMs = performance.now() - startedAt;
  const { consumerId, keyId } = caller ?? { consumerId: undefined, keyId: undefined };
  engine.meter.record({ door, operation, consumerId, keyId, outcome, decided, durationMs, requestBytes: 0, responseBytes: 0, addressOf });
}

function whoAsks(engine: DecidingEngine, question: Asking): { operation: OperationEntry | undefined; credentials: string[] } & Asker {
  const operation = question.route.kind === 'match' ? question.route.operation : undefined;
  const credentials = credentialsOf(question, operation);
  return { operation, credentials, ...askerOf(engine, question, operation, credentials) };
}

/** Who asks, as far as it is known; and what a good token of his lacks. */
type Asker = { readonly caller: Caller | null; readonly scopes: readonly string[]; readonly isUndecided: boolean };

function askerOf(engine: DecidingEngine, question: Asking, operation: OperationEntry | undefined, credentials: readonly string[]): Asker {
  const { snapshot } = question;
  const nowMs = engine.now();
  const key = credentials.map((credential) => identify(snapshot, credential, nowMs)).find((found) => found !== null) ?? null;
  const presented = tokenIn(question);
  const demands = operation?.api.policies ?? { tokens: [], keys: 'optional' as const };
  const token = presented === null ? null : tokenCaller(engine, question, presented, demands.tokens);
  const verdict = judgeChain(demands, { key, token, certificate: presented === null && credentials.length === 0 ? certified(question) : null });
  if (verdict.kind === 'refused')
    return { caller: null, scopes: [], isUndecided: presented !== null && isUndecided(engine, question, presented.credential) };
  const missing = verdict.kind === 'scopes_missing' ? verdict.scopes : (verdict.caller.token?.missingScopes ?? []);
  return { caller: verdict.caller, scopes: missing, isUndecided: false };
}

/** Whoever presents nothing else is who his certificate says. */
const certified = ({ snapshot, proven: { certificate } }: Asking): Caller | null =>
  certificate === undefined ? null : callerByCertificate(snapshot, certificate);

type Presented = NonNullable<ReturnType<typeof credentialIn>>;

/** The token that came with a request, or whatever else was presented as one. */
export const tokenIn = ({ headers: { authorization } }: Pick<Asking, 'headers'>): Presented | null => credentialIn(authorization);

function tokenCaller(
  engine: DecidingEngine,
  { snapshot, proven }: Asking,
  { scheme, credential }: Presented,
  demands: readonly TokenDemand[],
): Caller | null {
  if (scheme === 'bearer' && identify(snapshot, credential, engine.now()) !== null) return null;
  return engine.tokens.callerOf(snapshot, credential, isAudienceOf(demands), proven);
}

/** The token of a request that may be exchanged: that by which its caller was recognised, or a good one of his beside his key. */
export function tokenOf(
  engine: DecidingEngine,
  question: AuthorizeQuestion,
  { caller, operation }: { caller: Caller; operation: OperationEntry },
): SubjectToken | undefined {
  const presented = tokenIn(question);
  if (presented === null) return undefined;
  const owner = caller.token === undefined ? tokenCaller(engine, question, presented, operation.api.policies.tokens) : caller;
  if (owner?.token === undefined || owner.consumerId !== caller.consumerId) return undefined;
  return { text: presented.credential, issuer: owner.token.issuer };
}

/** The issuer could not be asked, or whoever remembers proofs. */
const isUndecided = ({ tokens }: DecidingEngine, { snapshot, proven }: Asking, token: string): boolean =>
  tokens.isUndecided(snapshot, token) || proven.fault?.kind === 'undecided';

/** Of whom it can't be said who he is, because his issuer is away, it is not said that he is nobody: he would sign in anew. */
function unknownCaller({ isUndecided, credentials }: { isUndecided: boolean; credentials: readonly string[] }, question: Asking): AuthorizeVerdict {
  if (isUndecided) return { kind: 'undecided' };
  const presented = tokenIn(question);
  const { fault } = question.proven;
  const proofFault = fault?.kind === 'undecided' ? undefined : fault;
  return { kind: 'unauthenticated', hadCredential: credentials.length > 0 || presented !== null, scheme: presented?.scheme ?? 'bearer', proofFault };
}

function decideOnRequest(
  engine: DecidingEngine,
  { snapshot, addressOf, bodyBytes, faultsOf, argumentsOf }: AuthorizeQuestion,
  {
    caller,
    operation,
    scopes,
    seesContents,
  }: { caller: Caller; operation: OperationEntry | undefined; scopes: readonly string[]; seesContents: boolean },
): AuthorizeVerdict | Promise<AuthorizeVerdict> {
  if (operation === undefined || !snapshot.permits(caller.consumerId, operation)) return { kind: 'forbidden' };
  if (scopes.length > 0) return { kind: 'scopes_missing', scopes, isBound: caller.token?.bound?.jkt !== undefined };
  const faults = faultsOf?.(operation) ?? [];
  const call = {
    snapshot,
    caller,
    operation,
    addressOf,
    bodyBytes: bodyBytes ?? 0,
    faults,
    isMadeHere: seesContents,
    argumentsOf: () => argumentsOf(operation),
  };
  const refusal = admit(engine, call);
  const decided = (refused: Awaited<typeof refusal>): AuthorizeVerdict => {
    if (refused !== undefined) return refused.kind === 'uncounted' ? { kind: 'undecided' } : refused;
    const waiting = approvalRuleFor(operation);
    if (waiting !== undefined) return { kind: 'approval_needed', policy: waiting.policy };
    const { request, response } = operation.api.policies.contents;
    if (seesContents || (request.length === 0 && response.length === 0)) return { kind: 'allowed', caller, operation };
    return { kind: 'content_refused', reason: refuseUnread(engine, 'request', [...request, ...response]) };
  };
  return refusal instanceof Promise ? refusal.then(decided) : decided(refusal);
}

/**
 * What may be the consumer key. Where no operation says which header carries it, that of any API does: whoever has a good key is told that
 * there is nothing, not that the key is none.
 */
function credentialsOf({ snapshot, headers }: Asking, operation: OperationEntry | undefined): string[] {
  const choices = operation === undefined ? [...snapshot.keyHeaders.map((name) => [name]), []] : [operation.api.policies.keyHeaders];
  return choices.map((names) => credentialOf(headers, names)).filter((credential) => credential !== null);
}

/** The consumer key in one of the headers named, else in `Authorization`. Headers that state an identity are never looked at (lesson 31). */
function credentialOf(headers: Asking['headers'], names: readonly string[]): string | null {
  for (const name of names) {
    const value = headers[name];
    if (typeof value === 'string' && value !== '') return name === 'authorization' ? (bearerToken(value) ?? value) : value;
  }
  const { authorization } = headers;
  return typeof authorization === 'string' ? bearerToken(authorization) : null;
}

function refusedAs({ kind }: AuthorizeVerdict, operation: OperationEntry | undefined): MeteredOutcome | undefined {
  switch (kind) {
    case 'allowed':
      return undefined;
    case 'forbidden':
      return operation === undefined ? 'unknown' : 'forbidden';
    case 'address_refused':
    case 'not_permitted':
    case 'time_refused':
    case 'scopes_missing':
      return 'forbidden';
    case 'circuit_open':
    case 'upstream_busy':
      return 'upstream_error';
    case 'approval_needed':
      return 'unapproved';
    default:
      return kind;
  }
}
