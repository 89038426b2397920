import { createPublicKey } from 'node:crypto';
import type { JsonWebKey, KeyObject } from 'node:crypto';
import { calculateJwkThumbprint } from 'jose';
import type { JWK } from 'jose';
import type { PublicKey } from '@stoa/generated/schemas.ts';
import { invalid } from '../errors.ts';

/** What none but the holder of a key may have (RFC 7518 §6). */
const secretMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];
/** A key beyond these makes each assertion dear to judge. */
const rsa = { leastBits: 2048, mostBits: 8192, mostExponent: 0xffff_ffffn };

/** Keys to be stored: public members alone, and a name for each. @throws ApiError 400 for every one that is none, or that holds what is secret */
export async function publicKeysOf(given: readonly PublicKey[]): Promise<JWK[]> {
  const keys: JWK[] = [];
  const faults: { pointer: string; message: string }[] = [];
  for (const [index, jwk] of given.entries()) {
    const read = readKey(jwk);
    if ('fault' in read) {
      faults.push({ pointer: `/body/public_keys/${index}`, message: read.fault });
      continue;
    }
    const kept = read.key.export({ format: 'jwk' }) as JWK;
    const kid = jwk.kid ?? (await calculateJwkThumbprint(kept));
    if (keys.some((other) => other.kid === kid))
      faults.push({ pointer: `/body/public_keys/${index}/kid`, message: 'is the name of another key here' });
    keys.push({ ...kept, kid });
  }
  if (faults.length > 0) throw invalid(faults);
  return keys;
}

/** What a list tells of keys in place of the first characters of a secret. */
export const hintOfKeys = ([first]: readonly JWK[]): string => `key ${(first?.kid ?? '').slice(0, 8)}`;

function readKey(jwk: PublicKey): { key: KeyObject } | { fault: string } {
  if (secretMembers.some((member) => Object.hasOwn(jwk, member)))
    return { fault: 'is no public key: keep what is private, and send the public half' };
  let key: KeyObject;
  try {
    key = createPublicKey({ key: jwk as unknown as JsonWebKey, format: 'jwk' });
  } catch {
    return { fault: 'is no public key that can be read: send a JWK of the kind RSA, EC or OKP, with its members' };
  }
  return isVerified(key) ? { key } : { fault: 'is a key that no assertion is verified by: send RSA of 2048 to 8192 bits, P-256 or Ed25519' };
}

function isVerified({ asymmetricKeyType, asymmetricKeyDetails: { modulusLength = 0, publicExponent = 0n, namedCurve } = {} }: KeyObject): boolean {
  if (asymmetricKeyType === 'rsa') return modulusLength >= rsa.leastBits && modulusLength <= rsa.mostBits && publicExponent <= rsa.mostExponent;
  return asymmetricKeyType === 'ed25519' || (asymmetricKeyType === 'ec' && namedCurve === 'prime256v1');
}
