import { constants, createPublicKey, verify } from 'node:crypto';
import type { JsonWebKey, KeyObject, VerifyKeyObjectInput } from 'node:crypto';
import { errors, UnsecuredJWT } from 'jose';
import type { JWK, JWTClaimVerificationOptions, JWTPayload } from 'jose';

/** One kind of key for each algorithm, so that no key is taken for another one's. `hash` is null where the algorithm has its own. */
type Algorithm = { readonly kty: string; readonly crv?: string; readonly hash: string | null; readonly how: Omit<VerifyKeyObjectInput, 'key'> };

const rsa = (bits: number): Algorithm => ({ kty: 'RSA', hash: `sha${bits}`, how: { padding: constants.RSA_PKCS1_PADDING } });
const pss = (bits: number): Algorithm => ({
  kty: 'RSA',
  hash: `sha${bits}`,
  how: { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: bits / 8 },
});
const edwards: Algorithm = { kty: 'OKP', crv: 'Ed25519', hash: null, how: {} };

/** Those whose signatures are judged in less than a tenth of a millisecond (RFC 7518 §3.1, RFC 8037 §3.1, RFC 9864 §2.2). */
const algorithms: ReadonlyMap<string, Algorithm> = new Map([
  ['RS256', rsa(256)],
  ['RS384', rsa(384)],
  ['RS512', rsa(512)],
  ['PS256', pss(256)],
  ['PS384', pss(384)],
  ['PS512', pss(512)],
  ['ES256', { kty: 'EC', crv: 'P-256', hash: 'sha256', how: { dsaEncoding: 'ieee-p1363' } }],
  ['EdDSA', edwards],
  ['Ed25519', edwards],
]);

/** A shorter one is none (RFC 7518 §3.3), and one that is longer, or has a large exponent, takes a while. */
const rsaBits = { least: 2048, most: 4096 };
const mostExponent = 2n ** 32n;

type PlainKey = { readonly key: KeyObject; readonly kty: string; readonly crv: string | undefined; readonly alg: string | undefined };

/** Keys of an issuer that tokens name alone and without doubt, by what they name them. */
export type PlainKeys = ReadonlyMap<string, PlainKey>;

export function plainKeysOf(keys: readonly JWK[]): PlainKeys {
  const plain = new Map<string, PlainKey>();
  const named = new Set<string>();
  for (const jwk of keys) {
    if (typeof jwk.kid !== 'string') continue;
    const key = named.has(jwk.kid) ? undefined : plainKeyOf(jwk);
    if (key === undefined) plain.delete(jwk.kid);
    else plain.set(jwk.kid, key);
    named.add(jwk.kid);
  }
  return plain;
}

function plainKeyOf({ kty, crv, n, e, x, y, d, use, key_ops: operations, alg, ext }: JWK): PlainKey | undefined {
  const isToVerify = use === undefined || use === 'sig';
  if (!isToVerify || operations !== undefined || ext !== undefined || d !== undefined || (alg !== undefined && !algorithms.has(alg)))
    return undefined;
  if (![...algorithms.values()].some((algorithm) => algorithm.kty === kty && algorithm.crv === crv)) return undefined;
  try {
    // Nothing else of it is looked at.
    const key = createPublicKey({ key: (kty === 'RSA' ? { kty, n, e } : { kty, crv, x, y }) as JsonWebKey, format: 'jwk' });
    const { modulusLength: bits = rsaBits.least, publicExponent = 0n } = key.asymmetricKeyDetails ?? {};
    const isUsual = bits >= rsaBits.least && bits <= rsaBits.most && publicExponent < mostExponent;
    return isUsual && typeof kty === 'string' ? { key, kty, crv, alg } : undefined;
  } catch {
    return undefined;
  }
}

const unsigned = Buffer.from(JSON.stringify({ alg: 'none' })).toString('base64url');

/**
 * What a JWT says whose header names an algorithm that is accepted and one key that is at hand, once its signature and its claims were judged. Undefined for every
 * other one, which is jose's to judge: that goes through the thread pool, at three times the price, and the request waits for it. The signature is judged here by the process's own cryptography, and the claims by jose.
 * @throws errors.JOSEError for a token that is not good
 */
export function verifyPlainly(
  token: string,
  header: Readonly<Record<string, unknown>>,
  keys: PlainKeys,
  options: JWTClaimVerificationOptions,
): JWTPayload | undefined {
  const { alg, kid, crit, b64 } = header;
  if (typeof alg !== 'string' || typeof kid !== 'string' || crit !== undefined || b64 !== undefined) return undefined;
  const [algorithm, known] = [algorithms.get(alg), keys.get(kid)];
  if (algorithm === undefined || known === undefined) return undefined;
  if (known.kty !== algorithm.kty || known.crv !== algorithm.crv || (known.alg !== undefined && known.alg !== alg)) return undefined;
  const signatureAt = token.lastIndexOf('.');
  const signature = Buffer.from(token.slice(signatureAt + 1), 'base64url');
  const signed = Buffer.from(token.slice(0, signatureAt), 'latin1');
  if (!verify(algorithm.hash, signed, { key: known.key, ...algorithm.how }, signature)) throw new errors.JWSSignatureVerificationFailed();
  const payload = token.slice(token.indexOf('.') + 1, signatureAt);
  return UnsecuredJWT.decode(`${unsigned}.${payload}.`, options).payload;
}
