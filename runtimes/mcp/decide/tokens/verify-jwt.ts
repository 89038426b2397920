import { decodeProtectedHeader, errors, jwtVerify } from 'jose';
import type { JWTPayload, JWTVerifyOptions, JWTVerifyResult } from 'jose';
import type { TokenAlgorithm, TokenRules } from '@stoa/generated/schemas.ts';
import type { TokenClaims } from './claims.ts';
import type { KnownKeys, VerificationKeys, KeySet } from './issuer-keys.ts';
import { verifyPlainly } from './plain-keys.ts';

const allAlgorithms: readonly TokenAlgorithm[] = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];
export const defaultSkewS = 30;
/** Of keys with one name, or of a token that names none, so many are tried. */
const maxKeysTried = 8;

/** `version`: that of the keys among which the one was that signed it. */
export type Verified = { readonly claims: TokenClaims; readonly headerType: string | undefined; readonly version: number };

/** What is accepted of a token, before any key is asked for: whoever makes up tokens has nothing fetched with others. */
function termsOf(token: string, rules: TokenRules, nowMs: number) {
  const { algorithms = allAlgorithms, clock_skew_s: skewS = defaultSkewS, issuer } = rules;
  // RFC 9864 names what EdDSA leaves open.
  const accepted: readonly string[] = algorithms.includes('EdDSA') ? [...algorithms, 'Ed25519'] : algorithms;
  const header = decodeProtectedHeader(token);
  if (typeof header.alg !== 'string' || !accepted.includes(header.alg)) throw new errors.JOSEAlgNotAllowed('the algorithm is not accepted');
  const options = { algorithms: [...accepted], issuer, clockTolerance: skewS, currentDate: new Date(nowMs), requiredClaims: ['exp'] };
  return { header, options, latestMs: nowMs + skewS * 1000 };
}

type Terms = ReturnType<typeof termsOf>;

function verified(claims: JWTPayload, { header: { typ }, latestMs }: Terms, version: number): Verified {
  const { iat } = claims;
  if (iat !== undefined && iat * 1000 > latestMs) throw new errors.JWTClaimValidationFailed('it is of the future', claims, 'iat');
  return { claims, headerType: typeof typ === 'string' ? typ : undefined, version };
}

/** The same as `verifyJwt` at once, for a token whose key is at hand and in no doubt; undefined for others. */
export function verifyAtOnce(token: string, rules: TokenRules, known: KnownKeys, nowMs: number): Verified | undefined {
  const terms = termsOf(token, rules, nowMs);
  const claims = verifyPlainly(token, terms.header, known.plainKeys, terms.options);
  return claims === undefined ? undefined : verified(claims, terms, known.version);
}

/**
 * What a JWT says, once its signature, issuer and times were judged (RFC 7519, RFC 8725). A key that is not at hand is asked for once.
 * @throws errors.JOSEError for a token that is not good
 * @throws IssuerAway while the keys of the issuer cannot be had
 */
export async function verifyJwt(token: string, rules: TokenRules, keys: VerificationKeys, nowMs: number): Promise<Verified> {
  const terms = termsOf(token, rules, nowMs);
  const verify = (keySet: KeySet) => verifyWith(token, keySet, terms.options);
  let { keySet, version } = await keys.get();
  let result: JWTVerifyResult;
  try {
    result = await verify(keySet);
  } catch (error) {
    const renewed = error instanceof errors.JWKSNoMatchingKey ? await keys.renewed() : undefined;
    if (renewed === undefined) throw error;
    ({ keySet, version } = renewed);
    result = await verify(keySet);
  }
  return verified(result.payload, terms, version);
}

async function verifyWith(token: string, keySet: KeySet, options: JWTVerifyOptions): Promise<JWTVerifyResult> {
  try {
    return await jwtVerify(token, keySet, options);
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
    let tried = 0;
    for await (const key of error) {
      if ((tried += 1) > maxKeysTried) break;
      try {
        return await jwtVerify(token, key, options);
      } catch (failure) {
        if (!(failure instanceof errors.JWSSignatureVerificationFailed)) throw failure;
      }
    }
    throw new errors.JWSSignatureVerificationFailed();
  }
}
