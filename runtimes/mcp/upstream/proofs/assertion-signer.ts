import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SignJWT } from 'jose';
import { ExpectedError } from '@stoa/lib/errors.ts';

/** Signs what this runtime says of callers, by a key whose public half anybody may ask for. */
export type AssertionSigner = {
  sign(claims: Readonly<Record<string, unknown>>, header?: { readonly typ?: string }): Promise<string>;
  /** A JSON Web Key Set (RFC 7517). */
  jwks(): { readonly keys: readonly object[] };
};

const fileName = 'assertion-key.pem';

/**
 * A signer by the key that is given, or by that of the state directory, which is made when it is first needed: one of P-256 or Ed25519. `keyOf` is called once, and not before.
 */
export function assertionSigner(keyOf: () => KeyObject): AssertionSigner {
  let made: { key: KeyObject; alg: string; kid: string; jwk: object } | undefined;
  const own = () => {
    if (made !== undefined) return made;
    const key = keyOf();
    const alg = algorithmOf(key);
    const jwk = createPublicKey(key).export({ format: 'jwk' });
    const kid = thumbprint(jwk as Record<string, string>);
    return (made = { key, alg, kid, jwk: { ...jwk, kid, alg, use: 'sig' } });
  };
  return {
    sign(claims, { typ = 'JWT' } = {}) {
      const { key, alg, kid } = own();
      return new SignJWT({ ...claims }).setProtectedHeader({ alg, kid, typ }).sign(key);
    },
    jwks: () => ({ keys: [own().jwk] }),
  };
}

/** Why a key cannot sign assertions, as the end of a sentence; undefined when it can. */
export function assertionKeyFault(pem: string): string | undefined {
  try {
    algorithmOf(createPrivateKey(pem));
    return undefined;
  } catch {
    return 'cannot be used: give a private key in PEM without a password, of P-256 or Ed25519';
  }
}

function algorithmOf({ asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject): string {
  if (type === 'ed25519') return 'EdDSA';
  if (type === 'ec' && details?.namedCurve === 'prime256v1') return 'ES256';
  throw new ExpectedError('The key of assertions is of no kind that they are signed with: give one of P-256 or Ed25519.');
}

/** RFC 7638, so that who has the same key has the same name for it. */
function thumbprint({ crv, kty, x, y }: Record<string, string>): string {
  const members = kty === 'EC' ? { crv, kty, x, y } : { crv, kty, x };
  return createHash('sha256').update(JSON.stringify(members)).digest('base64url');
}

export const newAssertionKey = (): KeyObject => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;

/** The key of the state directory. Whoever is first makes it: several workers find the same. */
export function keptAssertionKey(stateDir: string): KeyObject {
  const path = join(stateDir, fileName);
  return keyIn(path) ?? makeKey(stateDir, path);
}

function makeKey(stateDir: string, path: string): KeyObject {
  mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  const temporary = join(stateDir, `.${fileName}.${randomBytes(6).toString('hex')}.tmp`);
  writeFileSync(temporary, newAssertionKey().export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600, flag: 'wx', flush: true });
  try {
    linkSync(temporary, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(temporary, { force: true });
  }
  const made = keyIn(path);
  if (made === undefined) throw new Error(`The key of assertions cannot be kept in ${path}.`);
  return made;
}

function keyIn(path: string): KeyObject | undefined {
  try {
    return createPrivateKey(readFileSync(path, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new Error(`${path} holds no private key: remove it, and another one is made.`, { cause: error });
  }
}
