import { createHmac, createPrivateKey, createPublicKey, hkdfSync, randomBytes, createCipheriv, createDecipheriv, sign } from 'node:crypto';
import { ExpectedError } from '@stoa/lib/settings.ts';
import type { Secret } from '@stoa/lib/settings.ts';
import { readIfPresent, writeDurably } from '@stoa/lib/durable-file.ts';

/** What the Control Plane derives from its one master key. */
export type KeyMaterial = {
  /** HMAC-SHA256 under which credentials are stored and looked up. */
  hmac(token: string): Buffer;
  /** AES-256-GCM: nonce, tag, ciphertext. `context` must be the same to open again, so that a value cannot be moved to another row. */
  seal(plain: string, context: string): Buffer;
  open(sealed: Uint8Array, context: string): string;
  signing: { keyId: string; publicKey: string; sign(text: string): string };
  /** Tells one master key from another without telling it. */
  fingerprint: string;
};

/**
 * The master key from the settings, or from the data directory, where the first start makes it. A server that shares its database with
 * others must be given one: there is no key material to fall back to.
 */
export async function loadMasterKey(given: Secret | undefined, dataDirFile: string | undefined): Promise<Buffer> {
  if (given) return decodeKey(given.reveal(), 'STOA_MASTER_KEY');
  if (dataDirFile === undefined) {
    throw new ExpectedError('With DATABASE_URL, STOA_MASTER_KEY (or STOA_MASTER_KEY_FILE) is required: make one with `openssl rand -base64 32`.');
  }
  const present = await readIfPresent(dataDirFile);
  if (present !== undefined) return decodeKey(present.toString().trim(), dataDirFile);
  const key = randomBytes(32);
  await writeDurably(dataDirFile, `${key.toString('base64')}\n`);
  return key;
}

function decodeKey(text: string, where: string): Buffer {
  const key = Buffer.from(text, 'base64');
  if (key.length !== 32) throw new ExpectedError(`${where} must be the base64 of 32 bytes: make one with \`openssl rand -base64 32\`.`);
  return key;
}

export function deriveKeyMaterial(masterKey: Buffer): KeyMaterial {
  const derive = (purpose: string) => Buffer.from(hkdfSync('sha256', masterKey, '', `stoa:${purpose}`, 32));
  const hmacKey = derive('hmac');
  const sealingKey = derive('sealing');
  // RFC 8410: the PKCS #8 form of an Ed25519 private key is this prefix and the seed.
  const privateKey = createPrivateKey({
    key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), derive('signing')]),
    format: 'der',
    type: 'pkcs8',
  });
  const publicKey = createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).toString('base64url');
  const digest = (text: string) => createHmac('sha256', derive('fingerprint')).update(text).digest('hex').slice(0, 16);
  return {
    hmac: (token) => createHmac('sha256', hmacKey).update(token).digest(),
    seal(plain, context) {
      const nonce = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', sealingKey, nonce).setAAD(Buffer.from(context));
      const body = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), body]);
    },
    open(sealed, context) {
      const bytes = Buffer.from(sealed);
      const decipher = createDecipheriv('aes-256-gcm', sealingKey, bytes.subarray(0, 12))
        .setAAD(Buffer.from(context))
        .setAuthTag(bytes.subarray(12, 28));
      return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8');
    },
    signing: { keyId: digest(publicKey), publicKey, sign: (text) => sign(null, Buffer.from(text), privateKey).toString('base64url') },
    fingerprint: digest('master'),
  };
}
