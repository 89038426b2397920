import type { Pool } from 'pg';
import { credentialPrefixes } from './credentials.ts';
import { findGatewayKey, findOperator, findTeams, findTokenHolder } from './find-principal.ts';
import type { FoundPrincipal, IssuerInForce } from './find-principal.ts';
import type { KeyMaterial } from './master-key.ts';
import type { Principal } from './principal.ts';
import { tenantSuspended } from '../errors.ts';
import { TenantStandings } from './tenant-standings.ts';

/** By the monotonic clock: an expired credential must not come back with a wall clock that is set back. */
type Verdict = { principal: Principal; refreshAtMs: number; untilMs: number };

// "A revoked key is refused everywhere within 5 s" holds even when a notification is lost.
const verdictTtlMs = 3_000;
const refreshAfterMs = 1_500;
const maxVerdicts = 100_000;
const maxDead = 100_000;
const touchEveryMs = 60_000;
const maxJwtLength = 8192;
const jwt = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;
const shape = new RegExp(`^(?:${Object.values(credentialPrefixes).join('|')})[A-Za-z0-9_-]{43}$`);

/** An issuer other than the embedded one, and what it says of sessions and of its own access tokens. */
export type ExternalAccess = IssuerInForce & {
  /** Whether a session goes on, once the issuer was asked. */
  session(id: string): Promise<boolean>;
  bearer(token: string): Promise<FoundPrincipal | undefined>;
};

/**
 * Turns a credential into a principal. Good credentials are remembered for three seconds and looked up again in the background while they are in use;
 * all are forgotten at once when told that one was revoked. Bad ones are remembered apart, so that they cannot drive out the good: one that was
 * refused stays refused for the life of this process, for a credential is only ever told once it is good, and is never good again.
 */
export class Authenticator {
  readonly #pool: Pool;
  readonly #standings: TenantStandings;
  readonly #keys: KeyMaterial;
  readonly #verdicts = new Map<string, Verdict>();
  /** HMACs, the latest last. */
  readonly #dead = new Set<string>();
  readonly #underWay = new Map<string, Promise<Principal | undefined>>();
  readonly #touched = new Map<string, number>();
  readonly #resource: () => string;
  readonly #external: ExternalAccess | undefined;

  /** `resource` is what access tokens of the embedded issuer must be for, which are good while no other takes its place. */
  constructor(pool: Pool, keys: KeyMaterial, resource: () => string, external?: ExternalAccess) {
    this.#pool = pool;
    this.#standings = new TenantStandings(pool);
    this.#keys = keys;
    this.#resource = resource;
    this.#external = external;
  }

  /** The principal if it is known by now: what the heartbeat lane asks first. */
  remembered(credential: string): Principal | undefined {
    const principal = this.#known(credential);
    return principal?.tenant?.isSuspended === true ? undefined : principal;
  }

  /** Undefined for a credential that is unknown, expired or revoked. Rejects with 403 when its tenant is suspended, and when the database is away. */
  async authenticate(credential: string): Promise<Principal | undefined> {
    const principal = this.#known(credential) ?? (await this.#lookUp(credential));
    if (principal?.tenant?.isSuspended === true) throw tenantSuspended();
    return principal;
  }

  #known(credential: string): Principal | undefined {
    const verdict = this.#verdicts.get(credential);
    const now = performance.now();
    if (!verdict || verdict.untilMs <= now) return undefined;
    // When this fails, the verdict runs out and the next to ask is told why.
    if (verdict.refreshAtMs <= now) this.#lookUp(credential).catch(() => {});
    return verdict.principal;
  }

  /** What is being looked up at this moment is not remembered either: it may have been read before the revocation. */
  forget(): void {
    this.#verdicts.clear();
    this.#underWay.clear();
    this.#standings.forget();
  }

  #lookUp(credential: string): Promise<Principal | undefined> {
    if (!shape.test(credential) && !this.#isJwt(credential)) return Promise.resolve(undefined);
    const underWay = this.#underWay.get(credential);
    if (underWay) return underWay;
    const askedAtMs = performance.now();
    const lookUp: Promise<Principal | undefined> = this.#find(credential)
      .then((found) => {
        if (this.#underWay.get(credential) === lookUp) this.#remember(credential, found, askedAtMs);
        return found?.principal;
      })
      .finally(() => {
        if (this.#underWay.get(credential) === lookUp) this.#underWay.delete(credential);
      });
    this.#underWay.set(credential, lookUp);
    return lookUp;
  }

  async #find(credential: string): Promise<FoundPrincipal | undefined> {
    // Looked up by its HMAC: that takes as long for a known one as for an unknown one.
    const hmac = this.#keys.hmac(credential);
    const name = hmac.toString('base64');
    if (this.#dead.has(name)) return undefined;
    const found = await this.#findAsked(credential, hmac);
    if (found?.principal.kind === 'gateway_key') this.#touch('gateway_key', found.principal.keyId);
    // A session counts as a use of the token that it comes from. What the issuer made for a person has no row here.
    const isOfIssuer = credential.startsWith(credentialPrefixes.accessToken) || this.#isJwt(credential);
    if (found?.principal.kind === 'operator' && !(isOfIssuer && found.principal.userId !== undefined))
      for (const id of new Set([found.principal.tokenId, found.principal.issuerId])) this.#touch('operator_token', id);
    // An issuer's keys, and its words of a group, may come later than the first token.
    if (!found && !this.#isJwt(credential)) this.#bury(name);
    const tenant = found && (await this.#standings.of(found.principal.tenantId));
    if (!tenant) return undefined;
    const { principal } = found;
    if (principal.kind === 'gateway_key') return { ...found, principal: { ...principal, tenant } };
    return { ...found, principal: { ...principal, tenant, teams: await findTeams(this.#pool, principal) } };
  }

  #isJwt(credential: string): boolean {
    return this.#external !== undefined && credential.length <= maxJwtLength && jwt.test(credential);
  }

  /** A session that has not asked its issuer for too long asks now, and is what it is after the answer. */
  async #findAsked(credential: string, hmac: Buffer): Promise<FoundPrincipal | undefined> {
    const found = await this.#findKind(credential, hmac);
    if (found?.isOverdue !== true || found.principal.kind !== 'operator') return found;
    const goesOn = await this.#external?.session(found.principal.tokenId);
    return goesOn === true ? this.#findKind(credential, hmac) : undefined;
  }

  #findKind(credential: string, hmac: Buffer): Promise<FoundPrincipal | undefined> {
    if (credential.startsWith(credentialPrefixes.gatewayKey)) return findGatewayKey(this.#pool, hmac);
    if (this.#external !== undefined && this.#isJwt(credential)) return this.#external.bearer(credential);
    if (credential.startsWith(credentialPrefixes.accessToken))
      return this.#external === undefined ? findTokenHolder(this.#pool, this.#keys, credential, this.#resource()) : Promise.resolve(undefined);
    return findOperator(this.#pool, hmac, this.#external);
  }

  #bury(name: string): void {
    if (this.#dead.size >= maxDead) this.#dead.delete(this.#dead.values().next().value as string);
    this.#dead.add(name);
  }

  #remember(credential: string, found: FoundPrincipal | undefined, askedAtMs: number): void {
    this.#verdicts.delete(credential);
    if (!found) return;
    if (this.#verdicts.size >= maxVerdicts) this.#verdicts.clear();
    this.#verdicts.set(credential, {
      principal: found.principal,
      refreshAtMs: askedAtMs + refreshAfterMs,
      untilMs: askedAtMs + Math.min(verdictTtlMs, found.validForMs),
    });
  }

  /** Last use is for people to read, and for the hours after which an unused session ends: once a minute is enough, and a failure to note it is made good by the next. */
  #touch(table: 'gateway_key' | 'operator_token', id: string): void {
    const now = performance.now();
    if ((this.#touched.get(id) ?? -Infinity) + touchEveryMs > now) return;
    if (this.#touched.size >= maxVerdicts) this.#touched.clear();
    this.#touched.set(id, now);
    this.#pool.query(`UPDATE ${table} SET last_used_at = now() WHERE id = $1`, [id]).catch(() => this.#touched.delete(id));
  }
}
