import { createPublicKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { PublicKey } from '@stoa/generated/schemas.ts';
import { CommandError } from './exit-codes.ts';

const maxChars = 64 * 1024;

/** A public key of a file, as PEM or as a JWK. One that is private is not sent. */
export async function readPublicKey(path: string): Promise<PublicKey> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new CommandError('usage', `${path} cannot be read (${error.code}).`);
  });
  if (text.length > maxChars) throw new CommandError('usage', `${path} is larger than ${maxChars} characters: it is no public key.`);
  if (/PRIVATE KEY|"d"\s*:/.test(text))
    throw new CommandError('usage', `${path} holds a private key, which stays where it is. Give its public half: openssl pkey -in ${path} -pubout`);
  try {
    if (text.trimStart().startsWith('{')) return JSON.parse(text) as PublicKey;
    return createPublicKey(text).export({ format: 'jwk' }) as PublicKey;
  } catch {
    throw new CommandError('usage', `${path} is no public key: it must be PEM (BEGIN PUBLIC KEY), or a JWK.`);
  }
}
