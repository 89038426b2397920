import { decodeProtectedHeader, errors, jwtVerify } from 'jose';
import type { JWTVerifyResult } from 'jose';
import type { TokenAlgorithm, TokenRules } from '@stoa/generated/schemas.ts';
import type { TokenClaims } from './claims.ts';
import type { VerificationKeys, KeySet } from './issuer-keys.ts';

const allAlgorithms: readonly TokenAlgorithm[] = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];
export const defaultSkewS = 30;
/** Of keys with one name, or of a token that names none, so many are tried. */
const maxKeysTried = 8;

/** `version`: that of the keys among which the one was that signed it. */
export type Verified = { readonly claims: TokenClaims; readonly headerType: string | undefined; readonly version: number };

/**
 * What a JWT says, once its signature, issuer and times were judged (RFC 7519, RFC 8725). A key that is not at hand is asked for once.
 * @throws errors.JOSEError for a token that is not good
 * @throws IssuerAway while the keys of the issuer cannot be had
 */
export async function verifyJwt(token: string, rules: TokenRules, keys: VerificationKeys, nowMs: number): Promise<Verified> {
  const { algorithms = allAlgorithms, clock_skew_s: skewS = defaultSkewS, issuer } = rules;
  // RFC 9864 names what EdDSA leaves open.
  const accepted: readonly string[] = algorithms.includes('EdDSA') ? [...algorithms, 'Ed25519'] : algorithms;
  const { alg, typ } = decodeProtectedHeader(token);
  // Before any key is asked for: whoever makes up tokens has nothing fetched with others.
  if (typeof alg !== 'string' || !accepted.includes(alg)) throw new errors.JOSEAlgNotAllowed('the algorithm is not accepted');
  const options = { algorithms: [...accepted], issuer, clockTolerance: skewS, currentDate: new Date(nowMs), requiredClaims: ['exp'] };
  const verify = (keySet: KeySet) => verifyWith(token, keySet, options);
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
  const { iat } = result.payload;
  if (iat !== undefined && iat * 1000 > nowMs + skewS * 1000) throw new errors.JWTClaimValidationFailed('it is of the future', result.payload, 'iat');
  return { claims: result.payload, headerType: typeof typ === 'string' ? typ : undefined, version };
}

async function verifyWith(token: string, keySet: KeySet, options: Parameters<typeof jwtVerify>[2]): Promise<JWTVerifyResult> {
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
