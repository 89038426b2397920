import type { ConsumerRule, TokenRules } from '@stoa/generated/schemas.ts';
import type { BoundTo } from '../../model.ts';

/** What a token says, signed by its issuer or told by it. */
export type TokenClaims = Readonly<Record<string, unknown>>;

const maxValues = 1_000;

/** The values of a claim as text: of a list each. A claim with dots in its name is that, before it is a member of a member. */
export function valuesOf(claims: TokenClaims, path: string): readonly string[] {
  const value = Object.hasOwn(claims, path) ? claims[path] : memberOf(claims, path);
  return textsOf(Array.isArray(value) ? value.slice(0, maxValues) : [value]);
}

function memberOf(claims: TokenClaims, path: string): unknown {
  let at: unknown = claims;
  for (const name of path.split('.')) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, name)) return undefined;
    at = (at as TokenClaims)[name];
  }
  return at;
}

const textsOf = (values: readonly unknown[]): string[] =>
  values.flatMap((value) => (typeof value === 'string' ? [value] : typeof value === 'number' || typeof value === 'boolean' ? [String(value)] : []));

/** The name of the consumer whose a token is, by the first rule that fits. */
export function consumerNameOf(claims: TokenClaims, rules: readonly ConsumerRule[]): string | undefined {
  for (const { claim, value, consumer } of rules) {
    const values = valuesOf(claims, claim);
    if (value !== undefined && consumer !== undefined && values.includes(value)) return consumer;
    // A list of several names is nobody's.
    if (value === undefined && consumer === undefined && values.length === 1) return values[0];
  }
  return undefined;
}

/** `aud` is a text or a list of texts (RFC 7519 §4.1.3). */
export const audiencesOf = ({ aud }: TokenClaims): readonly string[] => textsOf(Array.isArray(aud) ? aud.slice(0, maxValues) : [aud]);

/** `scope` is a text with blanks between (RFC 8693 §4.2, RFC 9068 §2.2.3), and `scp` a list at some issuers. */
export function scopesOf({ scope, scp }: TokenClaims): ReadonlySet<string> {
  const given = scope ?? scp;
  return new Set(typeof given === 'string' ? given.split(' ').filter((each) => each !== '') : textsOf(Array.isArray(given) ? given : []));
}

/** Why a token that its issuer signed is none that lets in; undefined when it is. */
export function faultOfClaims(claims: TokenClaims, headerType: string | undefined, rules: TokenRules): string | undefined {
  const kind = faultOfKind(claims, headerType);
  if (kind !== undefined) return kind;
  const { authorized_parties: parties, required_claims: demands = [], dpop_bound_access_tokens_required: mustBeBound = false } = rules;
  if (mustBeBound && boundTo(claims)?.jkt === undefined) return 'it is bound to no key, which is demanded of tokens of its issuer';
  if (parties !== undefined && parties.length > 0) {
    const party = claims['azp'] ?? claims['client_id'];
    if (typeof party !== 'string' || !parties.includes(party)) return 'it was issued to a client that is not among the authorized parties';
  }
  const missing = demands.find(({ claim, values }) => !valuesOf(claims, claim).some((value) => values.includes(value)));
  return missing && `its claim ${missing.claim} is not what is demanded`;
}

/** What a token is bound to; undefined where to nothing, and null where to anything that nobody can prove here to have. */
export function boundTo({ cnf }: TokenClaims): BoundTo | undefined | null {
  if (cnf === undefined) return undefined;
  if (typeof cnf !== 'object' || cnf === null) return null;
  const { jkt, 'x5t#S256': x5t, ...others } = cnf as TokenClaims;
  const isKnown = [jkt, x5t].every((each) => each === undefined || (typeof each === 'string' && thumbprint.test(each)));
  if (!isKnown || (jkt ?? x5t) === undefined || Object.keys(others).length > 0) return null;
  return { ...(typeof jkt === 'string' && { jkt }), ...(typeof x5t === 'string' && { x5t }) };
}

/** A SHA-256 in base64url. */
const thumbprint = /^[\w-]{43}$/;

const accessTypes: ReadonlySet<string> = new Set(['at+jwt', 'application/at+jwt']);
const plainTypes: ReadonlySet<string> = new Set([...accessTypes, 'jwt', 'application/jwt']);
/** What issuers call access tokens in the payload; Keycloak says there alone what a token is. */
const accessKinds: ReadonlySet<string> = new Set(['bearer', 'access', 'access_token', 'access-token', 'dpop', ...plainTypes]);

/** An ID token, a log-out token or a refresh token of the same issuer has a good signature as well (RFC 9068 §2.1, RFC 8725 §3.11). */
function faultOfKind(claims: TokenClaims, headerType: string | undefined): string | undefined {
  const { typ, events } = claims;
  if (headerType !== undefined && !plainTypes.has(headerType.toLowerCase())) return 'its header says that it is no access token';
  const bound = boundTo(claims);
  if (bound === null) return 'it is bound in a way that cannot be proven here';
  if (bound?.jkt === undefined && typeof typ === 'string' && typ.toLowerCase() === 'dpop') return 'it does not say which key it is bound to';
  if (typ !== undefined && !(typeof typ === 'string' && accessKinds.has(typ.toLowerCase()))) return 'it says that it is no access token';
  if (events !== undefined) return 'it tells of an event, and is no access token';
  const saysAccess = typ !== undefined || (headerType !== undefined && accessTypes.has(headerType.toLowerCase()));
  const isIdToken = !saysAccess && ['nonce', 'at_hash', 'c_hash', 's_hash'].some((claim) => claims[claim] !== undefined);
  return isIdToken ? 'it is an ID token' : undefined;
}
