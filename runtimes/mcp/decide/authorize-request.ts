import type { DoorName, ProblemError } from '@stoa/generated/schemas.ts';
import type { MeteredOutcome } from '../metering/meter.ts';
import type { Caller, OperationEntry, RouteMatch, Snapshot } from '../model.ts';
import { admit } from './admit.ts';
import type { AddressOf, DecidingEngine } from './admit.ts';
import type { Refusal } from './call-outcome.ts';
import { bearerToken, identify } from './identify.ts';

export type { MeteredOutcome } from '../metering/meter.ts';

export type AuthorizeQuestion = {
  readonly snapshot: Snapshot;
  /** What the door found the request to mean. */
  readonly route: RouteMatch;
  /** Headers of the original request, names in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly addressOf?: AddressOf | undefined;
  /** Size of the original request's body in bytes, where that is told. */
  readonly bodyBytes?: number | undefined;
  /** What of the request's parameters says something against the document; asked only for somebody who may call the operation. */
  readonly faultsOf?: (operation: OperationEntry) => readonly ProblemError[];
};

export type AuthorizeVerdict =
  | { readonly kind: 'allowed'; readonly caller: Caller; readonly operation: OperationEntry }
  /** `hadCredential`: a key was presented, and it is not good. */
  | { readonly kind: 'unauthenticated'; readonly hadCredential: boolean }
  /** No such route, several of them, a path that hides its meaning, or an operation this caller may not use. */
  | { readonly kind: 'forbidden' }
  | { readonly kind: 'invalid_arguments'; readonly errors: readonly ProblemError[] }
  /** The decision failed for a reason of our own: deny, but do not say that the caller may not. */
  | { readonly kind: 'undecided' }
  | Refusal;

/** A verdict on a request, and on whose, for the metering. */
export type Judgement = {
  readonly verdict: AuthorizeVerdict;
  readonly operation: OperationEntry | undefined;
  readonly caller: Caller | null;
  /** What a request that was not allowed counts as; undefined for one that was. */
  readonly refusedAs: MeteredOutcome | undefined;
};

/**
 * Decides on a request by the same steps as `callTool`, for a door that makes it and meters it when it has ended. Never throws.
 * The route comes first only because the API says which header carries the key; a caller without a key learns nothing of it.
 */
export function judgeRequest(engine: DecidingEngine, question: AuthorizeQuestion): Judgement {
  const { operation, credentials, caller } = whoAsks(engine, question);
  let verdict: AuthorizeVerdict;
  try {
    verdict =
      caller === null ? { kind: 'unauthenticated', hadCredential: credentials.length > 0 } : decideOnRequest(engine, question, caller, operation);
  } catch (error) {
    engine.log.error({ err: error, operation: operation?.operationId }, 'A decision failed for a reason of our own.');
    verdict = { kind: 'undecided' };
  }
  return { verdict, operation, caller, refusedAs: refusedAs(verdict, operation) };
}

/** Decides on a request that another gateway is going to make, and meters the question. Never throws. */
export function authorizeRequest(engine: DecidingEngine, question: AuthorizeQuestion, door: DoorName): AuthorizeVerdict {
  const startedAt = performance.now();
  const { verdict, operation, caller, refusedAs: outcome = 'ok' } = judgeRequest(engine, question);
  recordQuestion(engine, door, { operation, caller }, outcome, startedAt);
  return verdict;
}

/** Meters a question that a door answers without a decision, for whoever's key came with it and the operation that it names. */
export function meterUndecided(engine: DecidingEngine, question: AuthorizeQuestion, door: DoorName): void {
  recordQuestion(engine, door, whoAsks(engine, question), engine.ready ? 'forbidden' : 'undecided', performance.now());
}

/** Whether a request that was let in would be let in once more, as far as this is about who makes it: asked of what is still under way when the configuration changes. */
export function isStillLetIn(engine: DecidingEngine, question: AuthorizeQuestion): boolean {
  const { operation, caller } = whoAsks(engine, question);
  return operation !== undefined && caller !== null && question.snapshot.permits(caller.consumerId, operation);
}

function recordQuestion(
  engine: DecidingEngine,
  door: DoorName,
  { operation, caller }: { operation: OperationEntry | undefined; caller: Caller | null },
  outcome: MeteredOutcome,
  startedAt: number,
): void {
  const durationMs = performance.now() - startedAt;
  const { consumerId, keyId } = caller ?? { consumerId: undefined, keyId: undefined };
  engine.meter.record({ door, operation, consumerId, keyId, outcome, durationMs, requestBytes: 0, responseBytes: 0 });
}

function whoAsks(engine: DecidingEngine, question: AuthorizeQuestion) {
  const { snapshot, route } = question;
  const operation = route.kind === 'match' ? route.operation : undefined;
  const credentials = credentialsOf(question, operation);
  const caller = credentials.map((credential) => identify(snapshot, credential, engine.now())).find((found) => found !== null) ?? null;
  return { operation, credentials, caller };
}

function decideOnRequest(
  engine: DecidingEngine,
  { snapshot, addressOf, bodyBytes, faultsOf }: AuthorizeQuestion,
  caller: Caller,
  operation: OperationEntry | undefined,
): AuthorizeVerdict {
  if (operation === undefined || !snapshot.permits(caller.consumerId, operation)) return { kind: 'forbidden' };
  const errors = faultsOf?.(operation) ?? [];
  if (errors.length > 0) return { kind: 'invalid_arguments', errors };
  return admit(engine, { snapshot, caller, operation, addressOf, bodyBytes: bodyBytes ?? 0 }) ?? { kind: 'allowed', caller, operation };
}

/**
 * What may be the consumer key. Where no operation says which header carries it, that of any API does: whoever has a good key is told that
 * there is nothing, not that the key is none.
 */
function credentialsOf({ snapshot, headers }: AuthorizeQuestion, operation: OperationEntry | undefined): string[] {
  const choices = operation === undefined ? [...snapshot.keyHeaders.map((name) => [name]), []] : [operation.api.policies.keyHeaders];
  return choices.map((names) => credentialOf(headers, names)).filter((credential) => credential !== null);
}

/** The consumer key in one of the headers named, else in `Authorization`. Headers that state an identity are never looked at (lesson 31). */
function credentialOf(headers: AuthorizeQuestion['headers'], names: readonly string[]): string | null {
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
      return 'forbidden';
    default:
      return kind;
  }
}
