import { randomInt } from 'node:crypto';
import type { KeyMaterial } from '../access/master-key.ts';

const count = 10;
// Without what is taken for something else: 0 and O, 1 and I and L.
const letters = 'ABCDEFGHJKMNPQRSTUVWXYZ23456789';
const length = 12;

/** Ten codes of 59 bits, each good once in place of an authenticator's code. */
export const newRecoveryCodes = (): string[] =>
  Array.from({ length: count }, () =>
    Array.from({ length }, () => letters[randomInt(letters.length)])
      .join('')
      .replace(/(.{4})(?=.)/g, '$1-'),
  );

/** As it is typed, with or without hyphens. Undefined for what cannot be one. */
export function recoveryCodeHmac(keys: KeyMaterial, typed: string): Buffer | undefined {
  const plain = typed.toUpperCase().replace(/[\s-]/g, '');
  return plain.length === length ? keys.hmac(`recovery:${plain}`) : undefined;
}
