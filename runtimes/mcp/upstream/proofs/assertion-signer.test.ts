import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLocalJWKSet, jwtVerify } from 'jose';
import type { JSONWebKeySet } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { assertionKeyFault, assertionSigner, keptAssertionKey } from './assertion-signer.ts';

let stateDir: string;
beforeEach(() => void (stateDir = mkdtempSync(join(tmpdir(), 'stoa-key-'))));
afterEach(() => rmSync(stateDir, { recursive: true }));

describe('the key of assertions', () => {
  it('is made when it is first needed, for this user alone, and is the same for every worker and after each start', async () => {
    const [one, other] = [assertionSigner(() => keptAssertionKey(stateDir)), assertionSigner(() => keptAssertionKey(stateDir))];
    expect(readdirSync(stateDir)).toEqual([]);
    const signed = await one.sign({ sub: 'a' });
    expect(readdirSync(stateDir)).toEqual(['assertion-key.pem']);
    expect(statSync(join(stateDir, 'assertion-key.pem')).mode & 0o777).toBe(0o600);
    expect(await jwtVerify(signed, createLocalJWKSet(other.jwks() as JSONWebKeySet))).toMatchObject({ payload: { sub: 'a' } });
  });

  it('that is damaged is told, and not replaced', () => {
    writeFileSync(join(stateDir, 'assertion-key.pem'), 'damaged');
    expect(() => keptAssertionKey(stateDir)).toThrow(/holds no private key: remove it/);
  });

  it('may be one of Ed25519, and none of RSA', async () => {
    const pemOf = (key: ReturnType<typeof generateKeyPairSync>['privateKey']) => String(key.export({ type: 'pkcs8', format: 'pem' }));
    const { privateKey } = generateKeyPairSync('ed25519');
    const signer = assertionSigner(() => privateKey);
    const { protectedHeader } = await jwtVerify(await signer.sign({}), createPublicKey(privateKey));
    expect(protectedHeader).toMatchObject({ alg: 'EdDSA', typ: 'JWT' });
    expect(assertionKeyFault(pemOf(privateKey))).toBeUndefined();
    expect(assertionKeyFault(pemOf(generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey))).toMatch(/P-256 or Ed25519/);
  });
});
