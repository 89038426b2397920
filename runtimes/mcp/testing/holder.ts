import { hash, randomUUID } from 'node:crypto';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { CryptoKey, JWK } from 'jose';

/** Who holds a key that tokens are bound to, and makes proofs with it (RFC 9449 §4.2). */
export class Holder {
  readonly jkt: string;
  readonly publicJwk: JWK;
  readonly #privateKey: CryptoKey;
  readonly #alg: string;

  private constructor(alg: string, privateKey: CryptoKey, publicJwk: JWK, jkt: string) {
    this.#alg = alg;
    this.#privateKey = privateKey;
    this.publicJwk = publicJwk;
    this.jkt = jkt;
  }

  static async make(alg = 'ES256'): Promise<Holder> {
    const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
    const publicJwk = await exportJWK(publicKey);
    return new Holder(alg, privateKey, publicJwk, await calculateJwkThumbprint(publicJwk));
  }

  privateJwk(): Promise<JWK> {
    return exportJWK(this.#privateKey);
  }

  /** A good proof, with what a test changes. A claim that is undefined is left out. */
  prove(token: string, method: string, url: string, claims: object = {}, header: object = {}): Promise<string> {
    const all = {
      jti: randomUUID(),
      htm: method,
      htu: url.replace(/[?#].*$/, ''),
      iat: Math.floor(Date.now() / 1000),
      ath: hash('sha256', token, 'base64url'),
      ...claims,
    };
    const payload = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
    return new SignJWT(payload).setProtectedHeader({ alg: this.#alg, typ: 'dpop+jwt', jwk: this.publicJwk, ...header }).sign(this.#privateKey);
  }
}
