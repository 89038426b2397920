import { describe, expect, it } from 'vitest';
import { createHmac } from 'node:crypto';
import type { KeyMaterial } from '../access/master-key.ts';
import { hashPassword, isPassword, passwordFault } from './passwords.ts';
import { newRecoveryCodes, recoveryCodeHmac } from './recovery-codes.ts';
import { newTotpSecret, totpCode, totpStep, totpUri } from './totp.ts';

describe('a password', () => {
  it('is kept as argon2id and known again', async () => {
    const hashed = await hashPassword('seven green lamps at sea');
    expect(hashed).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(await isPassword(hashed, 'seven green lamps at sea')).toBe(true);
    expect(await isPassword(hashed, 'seven green lamps at SEA')).toBe(false);
    expect(await isPassword(undefined, 'nobody has this password')).toBe(false);
  });

  it.each([
    ['elevenchars', /at least 12/],
    ['x'.repeat(201), /at most 200/],
    ['aaaaaaaaaaaabbb', /more than four different/],
    ['my name is ada lovelace', /Leave your name/],
  ])('%s is refused, with a way to mend it', (password, says) => {
    expect(passwordFault(password, { email: 'ada@example.com', name: 'Ada Lovelace' })).toMatch(says);
  });
});

describe('a code of an authenticator', () => {
  // RFC 6238, appendix B: the secret is the ASCII of 12345678901234567890; the last six of the eight digits.
  const secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
  it.each([
    [59, '287082'],
    [1111111109, '081804'],
    [1234567890, '005924'],
    [20000000000, '353130'],
  ])('at %i s is that of RFC 6238', (atS, code) => {
    expect(totpCode(secret, atS * 1000)).toBe(code);
    expect(totpStep(secret, code, atS * 1000)).toBe(Math.floor(atS / 30));
  });

  it('is good one step early and late, and no further', () => {
    const at = (offsetS: number) => totpStep(secret, totpCode(secret, (600 + offsetS) * 1000), 600_000);
    expect([-60, -30, 0, 30, 60].map(at)).toEqual([undefined, 19, 20, 21, undefined]);
  });

  it('is told to an app by an otpauth address', () => {
    expect(totpUri(newTotpSecret(), 'ada@example.com')).toMatch(/^otpauth:\/\/totp\/STOA:ada%40example\.com\?issuer=STOA&secret=[A-Z2-7]{32}&/);
  });
});

describe('recovery codes', () => {
  it('are ten, and known however they are typed', () => {
    const keys = { hmac: (text: string) => createHmac('sha256', 'k').update(text).digest() } as KeyMaterial;
    const codes = newRecoveryCodes();
    expect(new Set(codes).size).toBe(10);
    const [code = ''] = codes;
    expect(recoveryCodeHmac(keys, ` ${code.toLowerCase().replaceAll('-', ' ')} `)).toEqual(recoveryCodeHmac(keys, code));
    expect(recoveryCodeHmac(keys, code.slice(1))).toBeUndefined();
  });
});
