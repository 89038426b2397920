import { createHmac, hkdfSync } from 'node:crypto';
import { signingKeyOf } from './signing-key.ts';

export const derive = (from: Buffer, purpose: string): Buffer => Buffer.from(hkdfSync('sha256', from, '', `stoa:${purpose}`, 32));

const digest = (masterKey: Buffer, text: string): string =>
  createHmac('sha256', derive(masterKey, 'fingerprint')).update(text).digest('hex').slice(0, 16);

/** Tells one master key from another without telling it. */
export const fingerprintOf = (masterKey: Buffer): string => digest(masterKey, 'master');

/** What releases before data keys derived from the master key. An installation of theirs goes on with these, wrapped: then its master key can be exchanged, too. */
export function derivedKeys(masterKey: Buffer): { hmac: Buffer; sealing: Buffer; signing: { seed: Buffer; name: string } } {
  const seed = derive(masterKey, 'signing');
  return {
    hmac: derive(masterKey, 'hmac'),
    sealing: derive(masterKey, 'sealing'),
    signing: { seed, name: digest(masterKey, signingKeyOf(seed).publicKey) },
  };
}
