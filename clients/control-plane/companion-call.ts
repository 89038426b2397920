import { call } from './call.ts';
import type { Answer, CallResult, Success } from './call.ts';
import type { Credential } from './credential.ts';
import { decide } from './decide.ts';
import type { Failure } from './decide.ts';
import type { Lease } from './lease.ts';
import type { GatewaySession } from './session.ts';
import { stretchedMs } from './timing.ts';
import type { Random } from './timing.ts';

export type CompanionContext = { session: GatewaySession; credential: Credential; random: Random };
export type Verdict =
  | Success
  /** To be sent again, after a wait. */
  | { ok: false; kind: 'later'; failure: Failure; afterMs: number; say: string }
  /** This body will not be taken, however often it is sent. */
  | { ok: false; kind: 'refused'; failure: Failure }
  /** There is no such gateway, or no such call on this server: only a heartbeat can tell which. */
  | { ok: false; kind: 'unknown'; failure: Failure; afterMs: number };

/** What every companion call hands to the generated operation. */
export type CompanionInit = { headers: { authorization: string }; signal: AbortSignal; parseAs: 'text' };

/** 404, and what a router of a server that does not know the call may say in its place. Nothing is given up because of it. */
const saysNoSuchCall: ReadonlySet<number | 'none'> = new Set([404, 405, 501]);
const longestAbsenceMs = 10 * 60_000;

/**
 * One try of a call that accompanies the session (config feed, ack, observed, usage), with the status table applied: what concerns the lease or
 * the credential is passed on to them, the rest is the caller's.
 */
export async function companionCall(
  context: CompanionContext,
  lease: Lease,
  attempt: number,
  timeoutMs: number,
  signal: AbortSignal,
  send: (init: CompanionInit) => Promise<Answer>,
): Promise<Verdict> {
  const { session, credential, random } = context;
  const headers = { authorization: credential.header() };
  const outcome: CallResult = await call((sendSignal) => send({ headers, signal: sendSignal, parseAs: 'text' }), timeoutMs, signal);
  if (outcome.ok) return outcome;
  // A 409 of another kind is about the body.
  if (outcome.status === 409 && outcome.code !== 'stale_epoch') return { ok: false, kind: 'refused', failure: outcome };
  if (saysNoSuchCall.has(outcome.status)) return { ok: false, kind: 'unknown', failure: outcome, afterMs: absenceMs(attempt, random) };
  const { effect, afterMs, say } = decide(outcome, attempt, random);
  if (effect === 'reread-credential') await credential.refused(headers.authorization);
  if (effect === 'fence') session.fenced(lease);
  if (effect === 'end') session.decommissioned();
  if (effect === 'refuse-body' || effect === 'drop-extras') return { ok: false, kind: 'refused', failure: outcome };
  return { ok: false, kind: 'later', failure: outcome, afterMs: effect === 'fence' || effect === 'end' ? 0 : afterMs, say };
}

/** 5 s, doubled up to 10 minutes: a server that has no such call is asked rarely whether it was brought up to date. */
function absenceMs(attempt: number, random: Random): number {
  return stretchedMs(Math.min(longestAbsenceMs, 5000 * 2 ** Math.min(attempt, 20)), random);
}
