import { generateKeyPairSync } from 'node:crypto';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { JWK } from 'jose';
import { describe, expect, it } from 'vitest';
import { plainKeysOf, verifyPlainly } from './plain-keys.ts';

const options = { issuer: 'https://id.example.com', requiredClaims: ['exp'] };

async function pair(alg: string, kid = alg) {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  const jwk: JWK = { ...(await exportJWK(publicKey)), kid };
  const sign = (header: object = {}, issuer = options.issuer) =>
    new SignJWT({ sub: 'ada' })
      .setProtectedHeader({ alg, kid, ...header })
      .setIssuer(issuer)
      .setExpirationTime('5m')
      .sign(privateKey);
  return { jwk, privateJwk: { ...(await exportJWK(privateKey)), kid }, sign };
}

const headerOf = (token: string) => JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()) as Record<string, unknown>;
const judge = (token: string, keys: readonly JWK[]) => verifyPlainly(token, headerOf(token), plainKeysOf(keys), options);

describe('a token whose key is at hand', () => {
  it.each(['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'EdDSA', 'Ed25519'])(
    'is judged at once where it is signed by %s',
    async (alg) => {
      const { jwk, sign } = await pair(alg);
      const token = await sign();
      expect(judge(token, [jwk])).toMatchObject({ sub: 'ada', iss: options.issuer });
      const [header = '', payload = '', signature = ''] = token.split('.');
      const other = `${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`;
      const changed = Buffer.from(Buffer.from(payload, 'base64url').toString().replace('ada', 'eve')).toString('base64url');
      for (const forged of [`${header}.${payload}.${other}`, `${header}.${changed}.${signature}`, `${header}.${payload}.AA`])
        expect(() => judge(forged, [jwk])).toThrow('signature verification failed');
    },
  );

  it('is held to its issuer and its times', async () => {
    const { jwk, sign } = await pair('ES256');
    const token = await sign({}, 'https://other.example.com');
    expect(() => judge(token, [jwk])).toThrow('iss');
    const good = await sign();
    const later = { ...options, currentDate: new Date(Date.now() + 3_600_000) };
    expect(() => verifyPlainly(good, headerOf(good), plainKeysOf([jwk]), later)).toThrow('exp');
  });
});

describe('is left to jose:', () => {
  it('what names no key, another one, or one of several', async () => {
    const { jwk, sign } = await pair('ES256');
    const other = await pair('ES256');
    for (const kid of [undefined, 'other', ['ES256']]) expect(judge(await sign({ kid }), [jwk])).toBeUndefined();
    expect(judge(await sign(), [jwk, other.jwk])).toBeUndefined();
    expect(judge(await sign(), [jwk, other.jwk, jwk])).toBeUndefined();
  });

  it('what names an algorithm that is not the key’s, or extensions', async () => {
    const [ec, rsa] = [await pair('ES256', 'a'), await pair('RS256', 'a')];
    expect(judge(await ec.sign(), [rsa.jwk])).toBeUndefined();
    expect(judge(await rsa.sign(), [ec.jwk])).toBeUndefined();
    expect(judge(await rsa.sign(), [{ ...rsa.jwk, alg: 'PS256' }])).toBeUndefined();
    const token = await rsa.sign();
    for (const odd of [{ alg: 'HS256' }, { alg: 'none' }, { crit: ['exp'] }, { b64: true }])
      expect(verifyPlainly(token, { ...headerOf(token), ...odd }, plainKeysOf([rsa.jwk]), options)).toBeUndefined();
  });

  it.each(['ES384', 'ES512'])('%s, which takes long', async (alg) => {
    const { jwk, sign } = await pair(alg);
    expect(judge(await sign(), [jwk])).toBeUndefined();
  });

  it('what is signed by a key that is private, for another use, too short, too long, or none', async () => {
    const { jwk, privateJwk, sign } = await pair('RS256');
    const token = await sign();
    const short = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ format: 'jwk' });
    const slow = { ...jwk, e: Buffer.from(`01${'00'.repeat(5)}01`, 'hex').toString('base64url') };
    const long = { ...jwk, n: Buffer.alloc(1024, 0xff).toString('base64url') };
    for (const key of [privateJwk, { ...jwk, use: 'enc' }, { ...jwk, key_ops: ['sign'] }, { ...short, kid: jwk.kid }, slow, long, { ...jwk, n: '' }])
      expect(judge(token, [key as JWK])).toBeUndefined();
  });
});
