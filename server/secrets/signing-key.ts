import { createHash, createPrivateKey, createPublicKey, sign } from 'node:crypto';
import type { ConfigSigner } from './key-material.ts';

// RFC 8410: the PKCS #8 form of an Ed25519 private key is this prefix and the seed.
const pkcs8Prefix = Buffer.from('302e020100300506032b657004220420', 'hex');

/** The key that a seed of 32 bytes makes, named by its public part where it has no name. */
export function signingKeyOf(seed: Buffer, name?: string): ConfigSigner {
  const privateKey = createPrivateKey({ key: Buffer.concat([pkcs8Prefix, seed]), format: 'der', type: 'pkcs8' });
  const publicKey = createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).toString('base64url');
  const keyId = name ?? createHash('sha256').update(publicKey).digest('hex').slice(0, 16);
  return { keyId, publicKey, sign: (text) => sign(null, Buffer.from(text), privateKey).toString('base64url') };
}
