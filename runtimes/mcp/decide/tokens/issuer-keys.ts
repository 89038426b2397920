import { createLocalJWKSet } from 'jose';
import type { JSONWebKeySet } from 'jose';
import type { TokenRules } from '@stoa/generated/schemas.ts';
import type { BoundedFetch } from '@stoa/lib/bounded-fetch.ts';
import { isReadableOnTheWay } from '@stoa/lib/plain-http.ts';
import { plainKeysOf } from './plain-keys.ts';
import type { PlainKeys } from './plain-keys.ts';

/** An issuer that cannot be asked, or says what cannot be believed; the message is the end of a sentence. */
export class IssuerAway extends Error {}

/** A question that was not put, because others are, or because it came to nothing a moment ago; the message is the end of a sentence. */
export class NotAsked extends IssuerAway {}

export type KeySet = ReturnType<typeof createLocalJWKSet>;
export type KnownKeys = {
  readonly keySet: KeySet;
  readonly plainKeys: PlainKeys;
  readonly text: string;
  readonly version: number;
  readonly introspectionEndpoint: string | undefined;
  readonly atMs: number;
};

/** When keys are asked for again, by a clock that never goes back. */
const times = {
  /** Those that are older are used, and others fetched meanwhile. */
  freshMs: 10 * 60_000,
  /** Those that are older are used no more. */
  staleMs: 24 * 3_600_000,
  /** Between two attempts: after a failure, to renew old ones, and for tokens that name others. */
  againMs: 10_000,
};

const maxKeys = 64;

/** The keys of one issuer, and where it is asked about tokens. */
export class VerificationKeys {
  readonly #rules: Pick<TokenRules, 'issuer' | 'discovery_url' | 'jwks_uri'>;
  readonly #fetch: BoundedFetch;
  readonly #now: () => number;
  #known: KnownKeys | undefined;
  #reading: Promise<KnownKeys> | undefined;
  #triedAtMs = -Infinity;
  #renewedAtMs = -Infinity;
  #failure: IssuerAway | undefined;
  /** Rises whenever the keys are others. */
  version = 0;

  constructor(rules: Pick<TokenRules, 'issuer' | 'discovery_url' | 'jwks_uri'>, fetch: BoundedFetch, now: () => number = () => performance.now()) {
    this.#rules = rules;
    this.#fetch = fetch;
    this.#now = now;
  }

  /** @throws IssuerAway while there are none */
  async get(): Promise<KnownKeys> {
    return this.atHand() ?? this.#read();
  }

  /** Those that need not be asked for. */
  atHand(): KnownKeys | undefined {
    const known = this.#known;
    if (known === undefined || this.#now() - known.atMs > times.staleMs) return undefined;
    this.touch();
    return known;
  }

  /** Has old keys renewed, without waiting for that: a failure leaves those that there are. */
  touch(): void {
    if (this.#known !== undefined && this.#now() - this.#known.atMs > times.freshMs && this.#mayTry()) this.#read().catch(() => undefined);
  }

  /**
   * Keys that were fetched just now, for a token whose key is not among those at hand; undefined when they were asked for a moment ago.
   * @throws IssuerAway when they cannot be had: whether the token is good is then not known
   */
  async renewed(): Promise<KnownKeys | undefined> {
    if (this.#reading === undefined) {
      if (this.#now() - this.#renewedAtMs < times.againMs) {
        if (this.#failure !== undefined) throw new NotAsked(this.#failure.message);
        return undefined;
      }
      this.#renewedAtMs = this.#now();
    }
    return this.#read();
  }

  #mayTry = (): boolean => this.#now() - this.#triedAtMs >= times.againMs;

  #read(): Promise<KnownKeys> {
    if (this.#reading !== undefined) return this.#reading;
    if (this.#failure !== undefined && !this.#mayTry()) return Promise.reject(this.#failure);
    this.#triedAtMs = this.#now();
    return (this.#reading = this.#ask().finally(() => (this.#reading = undefined)));
  }

  async #ask(): Promise<KnownKeys> {
    try {
      const { jwks_uri, introspection_endpoint } = await this.#metadata();
      const text = await this.#json(jwks_uri);
      const { keys } = text as unknown as JSONWebKeySet;
      if (!Array.isArray(keys)) throw new IssuerAway(`what is at ${jwks_uri} is no key set`);
      // A shared secret in a public place is no key, and one for encryption signs nothing.
      const usable = keys.slice(0, maxKeys).filter((key) => typeof key === 'object' && key !== null && key.kty !== 'oct' && key.use !== 'enc');
      const content = JSON.stringify(usable);
      const isSame = this.#known?.text === content;
      if (!isSame) this.version += 1;
      const { keySet, plainKeys } =
        isSame && this.#known ? this.#known : { keySet: createLocalJWKSet({ keys: usable }), plainKeys: plainKeysOf(usable) };
      this.#failure = undefined;
      return (this.#known = {
        keySet,
        plainKeys,
        text: content,
        version: this.version,
        introspectionEndpoint: introspection_endpoint,
        atMs: this.#now(),
      });
    } catch (error) {
      this.#failure = error instanceof IssuerAway ? error : new IssuerAway((error as Error).message);
      throw this.#failure;
    }
  }

  async #metadata(): Promise<{ jwks_uri: string; introspection_endpoint: string | undefined }> {
    const { issuer, discovery_url, jwks_uri } = this.#rules;
    if (jwks_uri !== undefined) return { jwks_uri, introspection_endpoint: undefined };
    let fault = new IssuerAway('it has no metadata');
    for (const url of discovery_url === undefined ? wellKnownPlaces(issuer) : [discovery_url]) {
      try {
        return metadataFrom(await this.#json(url), issuer);
      } catch (error) {
        fault = error instanceof IssuerAway ? error : new IssuerAway((error as Error).message);
      }
    }
    throw fault;
  }

  async #json(url: string): Promise<Record<string, unknown>> {
    if (isReadableOnTheWay(url)) throw new IssuerAway(`${url} is not of https`);
    const answer = await this.#fetch(url, { headers: { accept: 'application/json' } });
    if (answer.status !== 200) throw new IssuerAway(`${url} answered ${answer.status}`);
    const value: unknown = await answer.json();
    if (typeof value !== 'object' || value === null) throw new IssuerAway(`${url} answered no JSON object`);
    return value as Record<string, unknown>;
  }
}

/** OpenID Connect Discovery §4, then RFC 8414 §3.1, which puts the path last. */
function wellKnownPlaces(issuer: string): string[] {
  const { origin, pathname } = new URL(issuer);
  const path = pathname.replace(/\/$/, '');
  const oauth = `${origin}/.well-known/oauth-authorization-server${path}`;
  return [`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, oauth, `${origin}/.well-known/openid-configuration${path}`];
}

/** Metadata of another issuer is not believed (RFC 8414 §3.3). Its endpoints may be at another origin. */
function metadataFrom({ issuer: stated, jwks_uri, introspection_endpoint }: Record<string, unknown>, issuer: string) {
  if (stated !== issuer) throw new IssuerAway('its metadata is that of another issuer');
  if (typeof jwks_uri !== 'string' || !URL.canParse(jwks_uri)) throw new IssuerAway('its metadata names no jwks_uri');
  return { jwks_uri, introspection_endpoint: typeof introspection_endpoint === 'string' ? introspection_endpoint : undefined };
}
