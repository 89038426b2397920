import { hash } from 'node:crypto';
import { decodeJwt, errors } from 'jose';
import type { BoundedFetch } from '@stoa/lib/bounded-fetch.ts';
import type { Logger } from '@stoa/lib/log.ts';
import { lastOf } from '@stoa/lib/memo.ts';
import type { BoundTo, Caller, IssuerEntry, Snapshot, TokenFacts } from '../../model.ts';
import { isHeld } from '../proofs/possession.ts';
import type { Possession } from '../proofs/possession.ts';
import { audiencesOf, boundTo, consumerNameOf, faultOfClaims, scopesOf } from './claims.ts';
import type { TokenClaims } from './claims.ts';
import { introspect } from './introspect.ts';
import { IssuerAway, NotAsked, VerificationKeys } from './issuer-keys.ts';
import { QuestionShares } from './question-shares.ts';
import { defaultSkewS, verifyAtOnce, verifyJwt } from './verify-jwt.ts';
import type { Verified } from './verify-jwt.ts';

/** What became of a token: it is good until a time, it is not, or its issuer could not be asked. */
type Verdict =
  | {
      readonly kind: 'good';
      readonly issuer: IssuerEntry;
      readonly keys: VerificationKeys;
      readonly version: number;
      readonly facts: TokenFacts;
      readonly untilMs: number;
      caller?: { of: unknown; is: Caller | null };
    }
  | { readonly kind: 'bad' | 'undecided'; readonly issuers: unknown; readonly untilMs: number };

export type TokenJudgeOptions = { readonly fetch: BoundedFetch; readonly now: () => number; readonly log: Logger };

/** Whether an audience means us, besides those that the issuer's rules accept. */
export type OwnAudience = (audience: string, issuer: string) => boolean;

const maxTokenChars = 16_384;
/** Under which verdicts are kept. Asked for several times for one request. */
const keyOf = lastOf((token) => hash('sha256', token, 'base64'));
/** Of each kind, so that made-up tokens drive out no good ones. */
const maxVerdicts = 10_000;
const badMs = 10_000;
const undecidedMs = 2_000;
/** How long the issuer's word about a token is believed. */
const askedMs = 60_000;
/** Of issuers that are asked about an opaque token, one after the other. */
const maxAsked = 4;
/** Credentials of the Control Plane: no issuer is told of them. */
const ourShape = /^stoa_[a-z]{2}_/;
const jwtShape = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/**
 * Judges tokens of trusted issuers, and keeps the verdicts by the tokens' hashes. A door has a token judged by `judge`, which may take a question to the issuer,
 * and then finds whose it is by `callerOf`, at once and as often as it likes.
 */
export class TokenJudge {
  readonly #options: TokenJudgeOptions;
  readonly #good = new Map<string, Extract<Verdict, { kind: 'good' }>>();
  readonly #others = new Map<string, Exclude<Verdict, { kind: 'good' }>>();
  readonly #judging = new Map<string, Promise<void>>();
  readonly #keys = new Map<string, VerificationKeys>();
  readonly #shares: QuestionShares;

  constructor(options: TokenJudgeOptions) {
    this.#options = options;
    this.#shares = new QuestionShares(options.now);
  }

  /**
   * Resolves once it can be said whose a token is; undefined when that can be said already, or nobody's tokens are trusted. Never rejects.
   * @param from tells the network of who presents it
   */
  judge(snapshot: Snapshot, token: string, from: () => string): Promise<void> | undefined {
    if (!this.needsJudging(snapshot, token)) return undefined;
    const key = keyOf(token);
    const under = this.#judging.get(key);
    if (under !== undefined) return under;
    const atOnce = this.#decideAtOnce(snapshot, token);
    if (atOnce !== undefined) return void this.#keep(key, atOnce);
    // What was good before is no guess of somebody's.
    const address = this.#good.has(key) ? undefined : from();
    const judging = this.#decide(snapshot, token, address)
      .then((verdict) => this.#keep(key, verdict))
      .finally(() => this.#judging.delete(key));
    this.#judging.set(key, judging);
    return judging;
  }

  /** Whether whose a token is cannot be said before it was judged. */
  needsJudging(snapshot: Snapshot, token: string): boolean {
    if (snapshot.issuers.size === 0 || token.length > maxTokenChars || ourShape.test(token)) return false;
    return this.#known(snapshot, keyOf(token)) === undefined;
  }

  /** What who presents a token that was judged has to prove; undefined for one that is not good, or bound to nothing. */
  bindingOf(snapshot: Snapshot, token: string): (BoundTo & { readonly isNonceDemanded: boolean }) | undefined {
    if (token.length > maxTokenChars) return undefined;
    const verdict = this.#known(snapshot, keyOf(token));
    if (verdict?.kind !== 'good' || verdict.facts.bound === undefined) return undefined;
    return { ...verdict.facts.bound, isNonceDemanded: verdict.issuer.rules.dpop_nonce_required === true };
  }

  /** Whose a token is that was judged; null when it is nobody's, was not judged, is not for us, or bound to what who presents it has not proven to hold. */
  callerOf(snapshot: Snapshot, token: string, isOurs: OwnAudience, proven: Possession): Caller | null {
    if (snapshot.issuers.size === 0 || token.length > maxTokenChars) return null;
    const verdict = this.#known(snapshot, keyOf(token));
    if (verdict?.kind !== 'good') return null;
    const { issuer, facts } = verdict;
    if (!isHeld(facts.bound, proven)) return null;
    const accepted = issuer.rules.audiences ?? [];
    if (!facts.audiences.some((audience) => accepted.includes(audience) || isOurs(audience, facts.issuer))) return null;
    return callerIn(snapshot, verdict);
  }

  /** Whether nothing can be said of a token because its issuer could not be asked. */
  isUndecided(snapshot: Snapshot, token: string): boolean {
    return token.length <= maxTokenChars && this.#known(snapshot, keyOf(token))?.kind === 'undecided';
  }

  #known(snapshot: Snapshot, key: string): Verdict | undefined {
    const nowMs = this.#options.now();
    const good = this.#good.get(key);
    if (good !== undefined) {
      good.keys.touch();
      const holds = nowMs < good.untilMs && snapshot.issuers.get(good.facts.issuer) === good.issuer && good.version === good.keys.version;
      if (holds) return good;
    }
    const other = this.#others.get(key);
    if (other !== undefined && nowMs < other.untilMs && other.issuers === snapshot.issuers) return other;
    this.#others.delete(key);
    return undefined;
  }

  #keep(key: string, verdict: Verdict): void {
    if (verdict.kind === 'good') return put(this.#good, key, verdict);
    if (verdict.kind === 'bad') this.#good.delete(key);
    put(this.#others, key, verdict);
  }

  async #decide(snapshot: Snapshot, token: string, address: string | undefined): Promise<Verdict> {
    const { log, now } = this.#options;
    const { issuers } = snapshot;
    try {
      if (jwtShape.test(token)) return await this.#ofJwt(snapshot, token);
      const ask = () => this.#ofOpaque(snapshot, token);
      return await (address === undefined ? ask() : this.#shares.putFor(address, ask));
    } catch (error) {
      if (!(error instanceof IssuerAway)) return this.#refused(snapshot, error);
      // A flood of them is to be no flood of the log's.
      log[error instanceof NotAsked ? 'debug' : 'warn']({ err: error }, 'A token could not be judged: its issuer cannot be asked.');
      return { kind: 'undecided', issuers, untilMs: now() + undecidedMs };
    }
  }

  #refused({ issuers }: Snapshot, error: unknown): Verdict {
    const { log, now } = this.#options;
    if (!(error instanceof errors.JOSEError || error instanceof TokenRefusal))
      log.error({ err: error }, 'A token could not be judged for a reason of our own.');
    else log.debug({ reason: error.message }, 'A token was refused.');
    return { kind: 'bad', issuers, untilMs: now() + badMs };
  }

  /** The verdict on a token for which nothing has to be asked for; undefined for others. */
  #decideAtOnce(snapshot: Snapshot, token: string): Verdict | undefined {
    if (!jwtShape.test(token)) return undefined;
    try {
      const issuer = issuerOf(snapshot, token);
      const keys = this.#keysOf(issuer);
      const known = keys.atHand();
      const told = known && verifyAtOnce(token, issuer.rules, known, this.#options.now());
      return told === undefined || isToAsk(issuer, told) ? undefined : this.#ofVerified(issuer, keys, told);
    } catch (error) {
      return this.#refused(snapshot, error);
    }
  }

  #ofVerified(issuer: IssuerEntry, keys: VerificationKeys, { claims, headerType, version }: Verified): Verdict {
    const fault = faultOfClaims(claims, headerType, issuer.rules);
    if (fault !== undefined) throw new TokenRefusal(fault);
    return this.#good_(issuer, keys, version, claims);
  }

  async #ofJwt(snapshot: Snapshot, token: string): Promise<Verdict> {
    const issuer = issuerOf(snapshot, token);
    const keys = this.#keysOf(issuer);
    const told = await verifyJwt(token, issuer.rules, keys, this.#options.now());
    if (!isToAsk(issuer, told)) return this.#ofVerified(issuer, keys, told);
    const { claims, headerType, version } = told;
    return this.#toldGood(issuer, keys, version, { ...(await this.#ask(issuer, keys, token)), ...claims }, headerType);
  }

  /** Of an opaque token nobody can say whose it is: those who answer questions are asked, in the order of their names. */
  async #ofOpaque(snapshot: Snapshot, token: string): Promise<Verdict> {
    const answering = [...snapshot.issuers.values()].filter(({ introspection }) => introspection !== undefined).slice(0, maxAsked);
    let away: IssuerAway | undefined;
    for (const issuer of answering) {
      const keys = this.#keysOf(issuer);
      try {
        const told = await this.#ask(issuer, keys, token);
        return this.#toldGood(issuer, keys, keys.version, told, undefined);
      } catch (error) {
        if (error instanceof IssuerAway) away = error;
        else if (!(error instanceof NotActive)) throw error;
      }
    }
    throw away ?? new TokenRefusal('no issuer knows it');
  }

  #toldGood(issuer: IssuerEntry, keys: VerificationKeys, version: number, claims: TokenClaims, headerType: string | undefined): Verdict {
    const { rules } = issuer;
    const fault = faultOfClaims(claims, headerType, rules);
    if (fault !== undefined) throw new TokenRefusal(fault);
    if (claims['iss'] !== undefined && claims['iss'] !== rules.issuer) throw new TokenRefusal('it is of another issuer');
    const { exp, nbf } = claims;
    const [nowMs, skewMs] = [this.#options.now(), (rules.clock_skew_s ?? defaultSkewS) * 1000];
    if (typeof exp === 'number' && exp * 1000 + skewMs <= nowMs) throw new TokenRefusal('it has expired');
    if (typeof nbf === 'number' && nbf * 1000 > nowMs + skewMs) throw new TokenRefusal('it is of the future');
    return this.#good_(issuer, keys, version, claims, nowMs + askedMs);
  }

  async #ask({ introspection, rules }: IssuerEntry, keys: VerificationKeys, token: string): Promise<TokenClaims> {
    if (introspection === undefined) throw new TokenRefusal('it says too little, and its issuer is not asked');
    return this.#shares.put(rules.issuer, async () => {
      const endpoint = introspection.endpoint ?? (await keys.get()).introspectionEndpoint;
      const told = await introspect(this.#options.fetch, endpoint, introspection, token);
      if (told === undefined) throw new NotActive('its issuer says that it is not active');
      return told;
    });
  }

  /** `version`: of the keys that it was verified by; they may have become others since. */
  #good_(issuer: IssuerEntry, keys: VerificationKeys, version: number, claims: TokenClaims, mostMs = Infinity): Verdict {
    const { issuer: iss, scopes = [], clock_skew_s: skewS = defaultSkewS } = issuer.rules;
    const { exp } = claims;
    const expiresAtMs = typeof exp === 'number' ? (exp + skewS) * 1000 : Infinity;
    const given = scopesOf(claims);
    const facts: TokenFacts = {
      issuer: iss,
      audiences: audiencesOf(claims),
      scopes: given,
      missingScopes: scopes.filter((scope) => !given.has(scope)),
      bound: boundTo(claims) ?? undefined,
      claims,
    };
    return { kind: 'good', issuer, keys, version, facts, untilMs: Math.min(expiresAtMs, mostMs) };
  }

  #keysOf({ rules: { issuer, discovery_url, jwks_uri } }: IssuerEntry): VerificationKeys {
    const name = JSON.stringify([issuer, discovery_url, jwks_uri]);
    const known = this.#keys.get(name);
    if (known !== undefined) return known;
    if (this.#keys.size >= maxVerdicts) this.#keys.clear();
    const keys = new VerificationKeys(
      { issuer, ...(discovery_url !== undefined && { discovery_url }), ...(jwks_uri !== undefined && { jwks_uri }) },
      this.#options.fetch,
    );
    this.#keys.set(name, keys);
    return keys;
  }
}

function issuerOf({ issuers }: Snapshot, token: string): IssuerEntry {
  const { iss } = decodeJwt(token);
  const issuer = typeof iss === 'string' ? issuers.get(iss) : undefined;
  if (issuer === undefined) throw new TokenRefusal('it is of no issuer that is trusted');
  return issuer;
}

/** What says too little may say the rest when it is asked about. */
const isToAsk = ({ introspection }: IssuerEntry, { claims }: Verified): boolean =>
  introspection !== undefined && (introspection.when === 'always' || claims['sub'] === undefined || claims['aud'] === undefined);

/** A token that is not good; the message is the end of a sentence. */
class TokenRefusal extends Error {}
class NotActive extends TokenRefusal {}

function put<T>(verdicts: Map<string, T>, key: string, verdict: T): void {
  verdicts.delete(key);
  verdicts.set(key, verdict);
  if (verdicts.size > maxVerdicts) verdicts.delete(verdicts.keys().next().value as string);
}

/** Found once for as long as the consumers are the same. */
function callerIn({ consumersByName }: Snapshot, verdict: Extract<Verdict, { kind: 'good' }>): Caller | null {
  if (verdict.caller?.of === consumersByName) return verdict.caller.is;
  const name = consumerNameOf(verdict.facts.claims, verdict.issuer.rules.consumers);
  const consumer = name === undefined ? undefined : consumersByName.get(name);
  const is = consumer === undefined ? null : { consumerId: consumer.id, consumerName: consumer.name, keyId: undefined, token: verdict.facts };
  verdict.caller = { of: consumersByName, is };
  return is;
}
