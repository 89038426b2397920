import { hash } from 'node:crypto';
import { calculateJwkThumbprint, decodeProtectedHeader, importJWK, jwtVerify } from 'jose';
import type { CryptoKey, JWK, JWTPayload } from 'jose';
import type { Logger } from '@stoa/lib/log.ts';
import { Nonces } from './nonces.ts';
import type { Possession, ProofFault } from './possession.ts';
import { ProofsAway } from './proof-memory.ts';
import type { ProofMemory } from './proof-memory.ts';
import { isSameUri } from './same-uri.ts';

/** What proofs may be signed by: key pairs alone, as tokens are. */
export const proofAlgorithms = ['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519', 'PS256', 'PS384', 'PS512', 'RS256', 'RS384', 'RS512'] as const;

/** What a proof is held against. */
export type ProofDemands = {
  readonly token: string;
  /** The thumbprint that the token is bound to. */
  readonly jkt: string;
  readonly method: string;
  /** The address asked for, by each name that clients reach it under; without any there is no proof. */
  readonly urls: readonly string[];
  readonly isNonceDemanded: boolean;
};

export type ProofJudgeOptions = {
  readonly memory: ProofMemory;
  readonly nonceSecret: Uint8Array;
  readonly now: () => number;
  readonly log: Logger;
};

const maxProofChars = 8_192;
const maxIdChars = 512;
/** How old a proof may be, and how far ahead the clock of who made it. */
const times = { maxAgeS: 60, maxAheadS: 30 };
/** A proof is remembered until it would be too old, by whichever clock. */
const rememberedMs = (times.maxAgeS + times.maxAheadS + 5) * 1000;
/** Members of private and of symmetric keys (RFC 7518 §6). */
const privateMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'] as const;
const maxKeys = 4_096;

/** A proof that is none; the message is the end of a sentence. */
class NoProof extends Error {}
type Key = CryptoKey | Uint8Array;

/** Judges proofs that who presents a token holds the key that it is bound to (RFC 9449 §4.3, §7.1). */
export class ProofJudge {
  readonly #options: ProofJudgeOptions;
  readonly #nonces: Nonces;
  /** Keys in use, by their thumbprints and the algorithm. */
  readonly #keys = new Map<string, Promise<Key>>();

  constructor(options: ProofJudgeOptions) {
    this.#options = options;
    this.#nonces = new Nonces(options.nonceSecret, options.now);
  }

  /** What clients are to put into their next proof, where one is demanded. */
  get nonce(): string {
    return this.#nonces.current();
  }

  /** Never rejects. Only a proof that is good in all else is remembered, so that nobody fills the memory without a token. */
  async judge(proof: string | string[] | undefined, demands: ProofDemands): Promise<Possession> {
    try {
      const claims = await this.#verify(proof, demands);
      this.#requireClaims(claims, demands);
      const fault = this.#nonceFault(claims, demands) ?? (await this.#useFault(demands.jkt, String(claims.jti)));
      return fault === undefined ? { scheme: 'dpop', jkt: demands.jkt } : { scheme: 'dpop', fault };
    } catch (error) {
      if (!(error instanceof NoProof)) {
        if (!(error instanceof ProofsAway)) this.#options.log.error({ err: error }, 'A proof could not be judged for a reason of our own.');
        return { scheme: 'dpop', fault: { kind: 'undecided' } };
      }
      this.#options.log.debug({ reason: error.message }, 'A proof was refused.');
      return { scheme: 'dpop', fault: { kind: 'bad', reason: error.message } };
    }
  }

  async #verify(proof: string | string[] | undefined, { urls, jkt }: ProofDemands): Promise<JWTPayload> {
    if (typeof proof !== 'string' || proof === '') throw new NoProof('there is none: send one in the header DPoP');
    if (proof.length > maxProofChars) throw new NoProof('it is too long');
    if (proof.includes(',')) throw new NoProof('there are several');
    if (urls.length === 0) throw new NoProof('it is not known here by which address clients come');
    const { typ, alg, jwk } = headerOf(proof);
    if (typ !== 'dpop+jwt') throw new NoProof('its typ is not dpop+jwt');
    if (!(proofAlgorithms as readonly unknown[]).includes(alg)) throw new NoProof('its algorithm is not accepted');
    if (typeof jwk !== 'object' || jwk === null) throw new NoProof('it names no key');
    if (privateMembers.some((member) => Object.hasOwn(jwk, member))) throw new NoProof('it holds a private key');
    const own = publicPart(jwk);
    // Before its signature, so that nobody has us reckon with whatever key he likes.
    if ((await thumbprintOf(own)) !== jkt) throw new NoProof('it is of another key than the token is bound to');
    const key = await this.#imported(own, jkt, alg as string);
    // `iat` is judged apart: it is what says when it was made.
    const options = { algorithms: [alg as string], currentDate: new Date(this.#options.now()), clockTolerance: times.maxAheadS };
    return (await jwtVerify(proof, key, options).catch(asNoProof)).payload;
  }

  #imported(jwk: JWK, jkt: string, alg: string): Promise<Key> {
    const name = `${jkt} ${alg}`;
    const known = this.#keys.get(name);
    if (known !== undefined) return known;
    if (this.#keys.size >= maxKeys) this.#keys.clear();
    const key = importJWK(jwk, alg).catch(() => {
      this.#keys.delete(name);
      throw new NoProof('its key is none for its algorithm');
    });
    this.#keys.set(name, key);
    return key;
  }

  #requireClaims({ jti, htm, htu, iat, ath }: JWTPayload, { token, method, urls }: ProofDemands): void {
    const ageS = typeof iat === 'number' ? this.#options.now() / 1000 - iat : NaN;
    if (typeof jti !== 'string' || jti === '' || jti.length > maxIdChars) throw new NoProof('it has no jti');
    if (htm !== method) throw new NoProof('its htm is not the method of the request');
    if (typeof htu !== 'string' || !urls.some((url) => isSameUri(htu, url))) throw new NoProof('its htu is not the address of the request');
    if (!(ageS <= times.maxAgeS && ageS >= -times.maxAheadS)) throw new NoProof('its iat is not of now');
    if (ath !== hash('sha256', token, 'base64url')) throw new NoProof('its ath is not the hash of the token');
  }

  #nonceFault({ nonce }: JWTPayload, { isNonceDemanded }: ProofDemands): ProofFault | undefined {
    if (nonce === undefined ? !isNonceDemanded : typeof nonce === 'string' && this.#nonces.isGood(nonce)) return undefined;
    return { kind: 'nonce' };
  }

  async #useFault(jkt: string, jti: string): Promise<ProofFault | undefined> {
    // Hashed, so that it is short wherever it is kept.
    const isFirst = await this.#options.memory.isFirstUse(hash('sha256', JSON.stringify([jkt, jti]), 'base64url'), rememberedMs);
    return isFirst ? undefined : { kind: 'bad', reason: 'it was used before' };
  }
}

/** The library has errors of its own for what is not well-formed, and plain ones for keys that are too short. */
function asNoProof(): never {
  throw new NoProof('it is not well-formed, or not signed by its key');
}

function headerOf(proof: string): ReturnType<typeof decodeProtectedHeader> {
  try {
    return decodeProtectedHeader(proof);
  } catch {
    return asNoProof();
  }
}

const publicPart = ({ kty, crv, x, y, n, e }: JWK): JWK =>
  Object.fromEntries(Object.entries({ kty, crv, x, y, n, e }).filter(([, value]) => value !== undefined));

const thumbprintOf = (jwk: JWK): Promise<string> =>
  calculateJwkThumbprint(jwk).catch(() => {
    throw new NoProof('its key is none');
  });
