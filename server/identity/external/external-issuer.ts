import { createRemoteJWKSet, customFetch as keyFetch, errors, jwtVerify } from 'jose';
import type { JWTVerifyGetKey, JWTVerifyOptions } from 'jose';
import * as client from 'openid-client';
import type { Logger } from '@stoa/lib/log.ts';
import type { Proxies } from '@stoa/lib/proxies.ts';
import { ApiError } from '../../errors.ts';
import { boundedFetch } from '@stoa/lib/bounded-fetch.ts';
import type { BoundedFetch } from '@stoa/lib/bounded-fetch.ts';
import { roleTable, rolesOfGroups } from './role-table.ts';
import type { RolesByTenant, RoleRow } from './role-table.ts';
import type { ExternalIssuerSettings } from './settings.ts';

/** What the issuer says of a person. */
export type IssuerPerson = {
  subject: string;
  name: string;
  /** How the person is called there: the address, or what stands for it. */
  login: string;
  roles: RolesByTenant;
  /** The issuer's session, which its log-out names. */
  session: string | undefined;
  /** By which the issuer is asked again. */
  refreshToken: string | undefined;
};

type Discovered = { configuration: client.Configuration; keys: JWTVerifyGetKey };
type Claims = Readonly<Record<string, unknown>>;

/** Metadata is read again after this time, for keys and endpoints that moved. */
const discoveryMs = 60 * 60_000;
const patienceS = 5;
const clockToleranceS = 30;
const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'];
const logoutEvent = 'http://schemas.openid.net/event/backchannel-logout';
const maxNameLength = 100;
const maxLoginLength = 254;

/** The sentence for people when the issuer cannot be asked. */
const issuerAway = (cause: unknown) =>
  new ApiError(503, 'The issuer at which people sign in does not answer, or not as it should. The log of the Control Plane has the reason.', {
    retryAfterS: 10,
    code: 'issuer_unavailable',
    cause,
  });

/** A token, or what came back from signing in, that is not good. The message is for the log. */
export class IssuerRefusal extends Error {
  readonly reason: 'not_good' | 'weak_acr';
  constructor(message: string, { reason = 'not_good', cause }: { reason?: 'not_good' | 'weak_acr'; cause?: unknown } = {}) {
    super(message, { cause });
    this.name = 'IssuerRefusal';
    this.reason = reason;
  }
}

/** The issuer that `STOA_OIDC_ISSUER` names. It is discovered when it is first needed: a server starts, and serves tokens and gateways, while it is away. */
export class ExternalIssuer {
  readonly issuer: string;
  readonly cliClientId: string;
  readonly scopes: readonly string[];
  readonly askAgainS: number;
  readonly #settings: ExternalIssuerSettings & { oidcClientId: string };
  readonly #table: readonly RoleRow[];
  readonly #fetch: BoundedFetch;
  readonly #log: Logger;
  #found: { at: number; discovered: Promise<Discovered> } | undefined;

  constructor(settings: ExternalIssuerSettings & { oidcIssuer: string; oidcClientId: string }, proxies: Proxies, log: Logger) {
    this.#settings = settings;
    this.issuer = settings.oidcIssuer;
    this.cliClientId = settings.oidcCliClientId;
    this.scopes = settings.oidcScopes;
    this.askAgainS = settings.oidcAskAgain / 1000;
    this.#table = roleTable(settings.oidcRoles);
    this.#fetch = boundedFetch(proxies, { maxBytes: 1024 * 1024 });
    this.#log = log;
  }

  /** Where a browser begins. `isAnew` asks for the password also of somebody who is signed in there. @throws ApiError 503 when the issuer is away */
  async authorizationUrl(
    checks: { redirectUri: string; state: string; nonce: string; verifier: string },
    { isAnew }: { isAnew: boolean },
  ): Promise<URL> {
    const { configuration } = await this.#discovered();
    return client.buildAuthorizationUrl(configuration, {
      redirect_uri: checks.redirectUri,
      scope: this.scopes.join(' '),
      code_challenge: await client.calculatePKCECodeChallenge(checks.verifier),
      code_challenge_method: 'S256',
      state: checks.state,
      nonce: checks.nonce,
      ...(this.#settings.oidcAcr.length > 0 && { acr_values: this.#settings.oidcAcr.join(' ') }),
      ...(isAnew && { prompt: 'login' }),
    });
  }

  /** Redeems the code with which the browser came back. @throws IssuerRefusal, ApiError 503 */
  async complete(address: URL, checks: { state: string; nonce: string; verifier: string }): Promise<IssuerPerson> {
    const { configuration } = await this.#discovered();
    const tokens = await this.#asked(() =>
      client.authorizationCodeGrant(configuration, address, {
        pkceCodeVerifier: checks.verifier,
        expectedState: checks.state,
        expectedNonce: checks.nonce,
        idTokenExpected: true,
      }),
    );
    const claims = tokens.claims();
    if (claims === undefined) throw new IssuerRefusal('There is no ID token.');
    this.#requireAcr(claims);
    return this.#person(await this.#withGroups(configuration, claims, tokens.access_token), tokens.refresh_token);
  }

  /** Asks the issuer whether a person is who he was. @throws IssuerRefusal when he is nobody there any more, ApiError 503 */
  async askAgain(subject: string, refreshToken: string): Promise<IssuerPerson> {
    const { configuration } = await this.#discovered();
    const tokens = await this.#asked(() => client.refreshTokenGrant(configuration, refreshToken));
    const told = tokens.claims();
    if (told !== undefined && told.sub !== subject) throw new IssuerRefusal('The issuer answers for somebody else.');
    if (told?.['acr'] !== undefined) this.#requireAcr(told);
    const claims = await this.#withGroups(configuration, told ?? { sub: subject }, tokens.access_token);
    return this.#person(claims, tokens.refresh_token ?? refreshToken);
  }

  /** For whom an access token of the command line is, by its own claims (RFC 9068, as far as issuers keep to it). @throws IssuerRefusal, ApiError 503 */
  async accessToken(token: string): Promise<IssuerPerson & { expiresAt: Date }> {
    const { payload } = await this.#verified(token, {
      audience: this.#settings.oidcAudience ?? this.#settings.oidcClientId,
      requiredClaims: ['sub', 'exp', 'iat'],
    });
    const by = payload['azp'] ?? payload['client_id'];
    if (by !== this.cliClientId) throw new IssuerRefusal(`The access token was given to ${String(by)} and not to ${this.cliClientId}.`);
    // Issuers that say what a token is say that it is one for access; ID tokens have the hash of another, logout tokens an event.
    if (!['Bearer', 'DPoP', undefined].includes(payload['typ'] as string | undefined))
      throw new IssuerRefusal(`The token is of the type ${String(payload['typ'])}.`);
    if (payload['at_hash'] !== undefined || payload['events'] !== undefined) throw new IssuerRefusal('The token is no access token.');
    if (payload['cnf'] !== undefined) throw new IssuerRefusal('The access token is bound to a key, which a bearer does not prove.');
    this.#requireAcr(payload);
    return { ...this.#person(payload, undefined), expiresAt: new Date((payload.exp ?? 0) * 1000) };
  }

  /** Whom a logout token signs out (OpenID Connect Back-Channel Logout 1.0 §2.6). @throws IssuerRefusal, ApiError 503 */
  async logoutToken(token: string): Promise<{ subject: string | undefined; session: string | undefined; id: string }> {
    const { payload, protectedHeader } = await this.#verified(token, {
      audience: this.#settings.oidcClientId,
      requiredClaims: ['iat', 'jti', 'exp'],
      maxTokenAge: 10 * 60,
    });
    const { events, nonce, sub, sid, jti } = payload;
    const isEvent = typeof events === 'object' && events !== null && typeof (events as Claims)[logoutEvent] === 'object';
    if (!isEvent || !['logout+jwt', 'jwt', undefined].includes(protectedHeader.typ?.toLowerCase()))
      throw new IssuerRefusal('The token is no logout token.');
    if (nonce !== undefined) throw new IssuerRefusal('A logout token must not have a nonce.');
    const [subject, session] = [sub, sid].map((value) => (typeof value === 'string' ? value : undefined));
    if (subject === undefined && session === undefined) throw new IssuerRefusal('The logout token names neither a person nor a session.');
    return { subject, session, id: String(jti) };
  }

  /** Reaches the issuer. Answers what it calls itself. */
  async reach(): Promise<string> {
    return (await this.#discovered()).configuration.serverMetadata().issuer;
  }

  async #verified(token: string, options: JWTVerifyOptions) {
    const { configuration, keys } = await this.#discovered();
    try {
      const { issuer } = configuration.serverMetadata();
      return await jwtVerify(token, keys, { ...options, issuer, algorithms, clockTolerance: clockToleranceS });
    } catch (error) {
      if (error instanceof errors.JWKSTimeout || !(error instanceof errors.JOSEError) || error.code === 'ERR_JOSE_GENERIC') throw this.#away(error);
      throw new IssuerRefusal(error.message, { cause: error });
    }
  }

  #requireAcr({ acr }: Claims): void {
    const wanted = this.#settings.oidcAcr;
    if (wanted.length > 0 && !wanted.includes(String(acr)))
      throw new IssuerRefusal(`The issuer vouches for acr ${String(acr)}, and STOA_OIDC_ACR wants ${wanted.join(' or ')}.`, { reason: 'weak_acr' });
  }

  /** Some issuers name groups in the ID token, others at the userinfo endpoint alone. */
  async #withGroups(configuration: client.Configuration, claims: Claims & { sub: string }, accessToken: string): Promise<Claims & { sub: string }> {
    if (claims[this.#settings.oidcGroupsClaim] !== undefined || configuration.serverMetadata().userinfo_endpoint === undefined) return claims;
    return { ...claims, ...(await this.#asked(() => client.fetchUserInfo(configuration, accessToken, claims.sub))) };
  }

  #person(claims: Claims, refreshToken: string | undefined): IssuerPerson {
    const text = (name: string): string | undefined => (typeof claims[name] === 'string' && claims[name] !== '' ? claims[name] : undefined);
    const subject = text('sub') ?? '';
    const login = text('email') ?? text('preferred_username') ?? subject;
    return {
      subject,
      login: login.slice(0, maxLoginLength),
      name: (text('name') ?? text('preferred_username') ?? login).slice(0, maxNameLength),
      roles: rolesOfGroups(this.#table, claims[this.#settings.oidcGroupsClaim]),
      session: text('sid'),
      refreshToken,
    };
  }

  /** What the issuer refuses is told from an issuer that does not answer, or refuses us. */
  async #asked<T>(ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (error) {
      if (error instanceof client.ResponseBodyError && error.error === 'invalid_grant')
        throw new IssuerRefusal(error.error_description ?? error.error, { cause: error });
      if (error instanceof client.WWWAuthenticateChallengeError)
        throw new IssuerRefusal('The issuer takes its own access token no more.', { cause: error });
      if (error instanceof client.AuthorizationResponseError) throw new IssuerRefusal(error.error_description ?? error.error, { cause: error });
      if (error instanceof client.ClientError && notGood.has(error.code ?? '')) throw new IssuerRefusal(error.message, { cause: error });
      throw this.#away(error);
    }
  }

  #away(error: unknown): ApiError {
    this.#log.warn({ err: error, issuer: this.issuer }, 'The issuer could not be asked.');
    return issuerAway(error);
  }

  #discovered(): Promise<Discovered> {
    const now = performance.now();
    if (this.#found && this.#found.at + discoveryMs > now) return this.#found.discovered;
    const found = { at: now, discovered: this.#discover() };
    this.#found = found;
    found.discovered.catch(() => {
      if (this.#found === found) this.#found = undefined;
    });
    return found.discovered;
  }

  async #discover(): Promise<Discovered> {
    const { oidcClientId, oidcClientSecret } = this.#settings;
    const secret = oidcClientSecret?.reveal();
    const [basic, post] = [client.ClientSecretBasic(secret), client.ClientSecretPost(secret)];
    const authentication: client.ClientAuth = (server, ...rest) =>
      (server.token_endpoint_auth_methods_supported?.includes('client_secret_basic') === false ? post : basic)(server, ...rest);
    try {
      const configuration = await client.discovery(new URL(this.issuer), oidcClientId, { [client.clockTolerance]: clockToleranceS }, authentication, {
        execute: [client.enableNonRepudiationChecks, ...(this.issuer.startsWith('http:') ? [client.allowInsecureRequests] : [])],
        [client.customFetch]: (url, options) => this.#fetch(url, options),
        timeout: patienceS,
      });
      const { jwks_uri: address } = configuration.serverMetadata();
      if (address === undefined) throw new Error('Its metadata has no jwks_uri.');
      const keys = createRemoteJWKSet(new URL(address), {
        timeoutDuration: patienceS * 1000,
        [keyFetch]: (url, options) => this.#fetch(url, options),
      });
      return { configuration, keys };
    } catch (error) {
      throw this.#away(error);
    }
  }
}

/** The library's codes for answers of the issuer that are there and not good. */
const notGood = new Set([
  'OAUTH_JWT_CLAIM_COMPARISON_FAILED',
  'OAUTH_JWT_TIMESTAMP_CHECK_FAILED',
  'OAUTH_INVALID_RESPONSE',
  'OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED',
]);
