import { createPrivateKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { IssuerError } from './issuer-error.ts';

/** What the embedded issuer verifies assertions by: RS256, ES256 and EdDSA (RFC 7518 §3, RFC 8037). */
const algorithms: Readonly<Record<string, { name: string; hash?: string; namedCurve?: string }>> = {
  rsa: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
  ec: { name: 'ECDSA', namedCurve: 'P-256' },
  ed25519: { name: 'Ed25519' },
};

/** The private key of a PEM file, to sign assertions with (RFC 7523 §2.2). Nothing of it is kept or told. Throws an `IssuerError`. */
export async function assertionKey(path: string): Promise<CryptoKey> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new IssuerError('refused', `The private key ${path} cannot be read (${error.code}).`);
  });
  try {
    const key = createPrivateKey(text);
    const algorithm = algorithms[key.asymmetricKeyType ?? ''];
    if (algorithm !== undefined)
      return await crypto.subtle.importKey('pkcs8', key.export({ type: 'pkcs8', format: 'der' }), algorithm, false, ['sign']);
  } catch {
    // What is wrong with it may quote it.
  }
  throw new IssuerError('refused', `${path} is no private key to sign in by: it must be PEM without a passphrase, of RSA, P-256 or Ed25519.`);
}
