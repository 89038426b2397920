import { createHash, createHmac, randomBytes } from 'node:crypto';
import type { Pool } from 'pg';
import { derive } from './derived-keys.ts';
import { ensureFirstKeys } from './first-keys.ts';
import { decrypt, encrypt } from './gcm.ts';
import type { KeyMaterial, Opener, ConfigSigner, ConfigSigners } from './key-material.ts';
import { makeKey, readKeys, unwrapKey } from './key-rows.ts';
import type { KeptKey, Purpose } from './key-rows.ts';
import type { WrapperSource } from './key-wrappers.ts';
import { keyIdOf, openWith, sealWith } from './sealed-value.ts';
import type { DataKey } from './sealed-value.ts';
import { signingKeyOf } from './signing-key.ts';

type Known = Map<string, KeptKey & { key: Buffer }>;

/** The keys as this process holds them: read and unwrapped once, the first time that they are needed, and kept in memory. */
export class KeyStore implements KeyMaterial {
  readonly #pool: Pool;
  readonly #source: WrapperSource;
  readonly #known = new Map<string, Known>();
  readonly #reading = new Map<string, Promise<Known>>();
  #hmacKey: Buffer = Buffer.alloc(0);
  #transientKey: Buffer = Buffer.alloc(0);
  #signing: ConfigSigners | undefined;

  private constructor(pool: Pool, source: WrapperSource) {
    this.#pool = pool;
    this.#source = source;
  }

  /** @throws ExpectedError where what was given does not open the keys of this database */
  static async open(pool: Pool, source: WrapperSource): Promise<KeyStore> {
    await ensureFirstKeys(pool, source);
    const store = new KeyStore(pool, source);
    await store.#read(noTenant);
    return store;
  }

  hmac(token: string): Buffer {
    return createHmac('sha256', this.#hmacKey).update(token).digest();
  }

  get signing(): ConfigSigners {
    if (this.#signing === undefined) throw new Error('There is no key to sign with.');
    return this.#signing;
  }

  async signer(known: string | null): Promise<ConfigSigner> {
    const find = () => (known === null ? this.signing.all[0] : this.signing.all.find(({ keyId }) => keyId === known));
    const found = find();
    if (found !== undefined) return found;
    // Another replica made it.
    await this.#read(noTenant);
    // One that is gone was waited for as long as it could be.
    return find() ?? this.signing.newest;
  }

  readonly transient = {
    seal: (plain: string, about: string): Buffer => encrypt(this.#transientKey, Buffer.from(plain), about),
    open: (sealed: Uint8Array, about: string): string => decrypt(this.#transientKey, sealed, about).toString(),
  };

  async seal(plain: string, place: string, tenantId = noTenant): Promise<Buffer> {
    const known = this.#known.get(tenantId) ?? (await this.#read(tenantId));
    const key = newest(known, 'seal') ?? newest(await this.#makeFirst(tenantId), 'seal');
    if (key === undefined) throw new Error('The data key that was just made is not there.');
    return sealWith(key, plain, placeIn(tenantId, place));
  }

  async open(sealed: Uint8Array, place: string, tenantId = noTenant): Promise<string> {
    return (await this.opener(tenantId, [sealed]))(sealed, place);
  }

  /** It goes on opening what it was made for when the keys of that are gone from the database. */
  async opener(tenantId: string, sealed: readonly Uint8Array[]): Promise<Opener> {
    await this.#learn(tenantId, sealed);
    const known = this.#known.get(tenantId);
    const legacy = newest(this.#known.get(noTenant), 'legacy');
    return (one, place) => {
      const id = keyIdOf(one);
      // The form of earlier releases, which had one key for all, and no tenant in the place.
      const key = id === undefined ? legacy : known?.get(id);
      if (key === undefined) throw new Error(`No data key opens ${placeIn(tenantId, place)}: it was sealed for somebody else, or its key is gone.`);
      return id === undefined ? decrypt(key.key, one, place).toString() : openWith(key, one, placeIn(tenantId, place));
    };
  }

  /** Forgets what is newest of a tenant, or of all that are known: the next to ask reads it. */
  async refresh(tenantId?: string): Promise<void> {
    const named = tenantId === undefined ? [...this.#known.keys()] : [tenantId];
    for (const scope of named) if (this.#known.has(scope)) await this.#read(scope);
  }

  /** Keys that another replica made since are read when something turns up that they sealed. */
  async #learn(tenantId: string, sealed: readonly Uint8Array[]): Promise<void> {
    const ids = new Set(sealed.map(keyIdOf).filter((id) => id !== undefined));
    const isUnknown = (id: string) => this.#known.get(tenantId)?.has(id) !== true;
    // An answer that is shared may have been asked for before the key was made.
    for (let attempt = 0; attempt < 2 && [...ids].some(isUnknown); attempt += 1) await this.#read(tenantId);
  }

  /** Those who ask at the same time share an answer. */
  #read(tenantId: string): Promise<Known> {
    const reading = this.#reading.get(tenantId) ?? this.#readNow(tenantId).finally(() => this.#reading.delete(tenantId));
    this.#reading.set(tenantId, reading);
    return reading;
  }

  async #readNow(tenantId: string): Promise<Known> {
    const before = this.#known.get(tenantId);
    const known: Known = new Map();
    for (const kept of await readKeys(this.#pool, tenantId === noTenant ? undefined : tenantId))
      known.set(kept.id, { ...kept, key: before?.get(kept.id)?.key ?? (await unwrapKey(this.#source, kept)) });
    this.#known.set(tenantId, known);
    if (tenantId === noTenant) this.#take(known);
    return known;
  }

  #take(known: Known): void {
    this.#hmacKey = newest(known, 'hmac')?.key ?? this.#hmacKey;
    this.#transientKey = derive(this.#hmacKey, 'transient');
    const all = [...known.values()].filter(({ purpose }) => purpose === 'signing').map(({ key, name }) => signingKeyOf(key, name));
    const last = all.at(-1);
    if (last !== undefined) this.#signing = { id: nameOfSet(all), all, newest: last };
  }

  async #makeFirst(tenantId: string): Promise<Known> {
    await makeKey(this.#pool, this.#source, { tenantId, purpose: 'seal', key: randomBytes(32) });
    return this.#read(tenantId);
  }
}

/** As a tenant, what belongs to none. */
const noTenant = '';

/** The same on every replica that knows the same keys. */
const nameOfSet = (all: readonly ConfigSigner[]): string =>
  createHash('sha256')
    .update(all.map(({ keyId }) => keyId).join())
    .digest('hex')
    .slice(0, 12);

const placeIn = (tenantId: string, place: string): string => `${tenantId === noTenant ? 'the Control Plane' : `tenant ${tenantId}`}: ${place}`;

const newest = (known: Known | undefined, purpose: Purpose): (DataKey & { name: string | undefined }) | undefined =>
  [...(known?.values() ?? [])].filter((kept) => kept.purpose === purpose).at(-1);
