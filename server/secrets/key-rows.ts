import { createHmac, randomUUID, timingSafeEqual } from 'node:crypto';
import type { ClientBase, Pool, PoolClient } from 'pg';
import { ExpectedError } from '@stoa/lib/errors.ts';
import { inTransaction } from '../database/in-transaction.ts';
import { heldWrapper } from './key-wrappers.ts';
import type { KeyWrapper, WrapperSource } from './key-wrappers.ts';

export type Purpose = 'seal' | 'hmac' | 'signing' | 'legacy';
type Queryable = Pick<ClientBase | Pool | PoolClient, 'query'>;

/** A data key as it is stored: wrapped, once or, during an exchange, twice. */
export type KeptKey = {
  id: string;
  tenantId: string | undefined;
  purpose: Purpose;
  version: number;
  name: string | undefined;
  proof: Buffer;
  createdAt: Date;
  wraps: { wrapper: string; wrapped: Buffer }[];
};
export type NewKey = { tenantId?: string; purpose: Purpose; version?: number; name?: string; key: Buffer };

type Named = Pick<KeptKey, 'id' | 'tenantId' | 'purpose' | 'proof'>;

/** What wraps data keys: one, and during an exchange the one that takes its place. */
export type InForce = { fingerprint: string; next?: string };

/** The keys of a tenant, or of what belongs to none, the newest last. */
export async function readKeys(db: Queryable, tenantId: string | undefined): Promise<KeptKey[]> {
  const { rows } = await db.query<KeptKeyRow>(
    `SELECT ${columns} FROM data_key k WHERE k.tenant_id IS NOT DISTINCT FROM $1 ORDER BY k.purpose, k.version`,
    [tenantId ?? null],
  );
  return rows.map(toKept);
}

export type KeptKeyRow = Omit<KeptKey, 'tenantId' | 'name' | 'createdAt' | 'wraps'> & {
  created_at: Date;
  tenant_id: string | null;
  name: string | null;
  wraps: { wrapper: string; wrapped: string }[];
};
export const columns = `k.id, k.tenant_id, k.purpose, k.version, k.name, k.proof, k.created_at,
  (SELECT json_agg(json_build_object('wrapper', w.wrapper, 'wrapped', encode(w.wrapped, 'base64'))) FROM data_key_wrap w WHERE w.data_key_id = k.id) AS wraps`;

export const toKept = ({ tenant_id, name, created_at: createdAt, wraps, ...row }: KeptKeyRow): KeptKey => ({
  ...row,
  createdAt,
  tenantId: tenant_id ?? undefined,
  name: name ?? undefined,
  wraps: (wraps ?? []).map(({ wrapper, wrapped }) => ({ wrapper, wrapped: Buffer.from(wrapped, 'base64') })),
});

/** What a wrap is for: moved to another key's row it does not open. */
const placeOf = ({ id, tenantId, purpose }: Pick<KeptKey, 'id' | 'tenantId' | 'purpose'>): string =>
  `data key ${id} of ${tenantId ?? 'the Control Plane'}, to ${purpose}`;

const proofOf = (key: Buffer, place: string): Buffer => createHmac('sha256', key).update(place).digest().subarray(0, 16);

/** @throws ExpectedError where this program was given nothing that opens it */
export async function unwrapKey(source: WrapperSource, kept: KeptKey): Promise<Buffer> {
  let refusal: unknown;
  for (const { wrapper: name, wrapped } of kept.wraps) {
    const wrapper = await heldWrapper(source, name);
    if (wrapper === undefined) continue;
    try {
      return await unwrapWith(wrapper, kept, wrapped);
    } catch (error) {
      refusal = error;
    }
  }
  if (refusal instanceof ExpectedError) throw refusal;
  throw new ExpectedError(
    `What this program was given does not open ${placeOf(kept)}: start it with the master key or the KMS command in force; where a key is being exchanged, run stoa-control-plane rotate-master-key again.`,
    { cause: refusal },
  );
}

/** Rejects for the wrap of another key. */
export async function unwrapWith(wrapper: KeyWrapper, kept: Named, wrapped: Buffer): Promise<Buffer> {
  const place = placeOf(kept);
  const key = await wrapper.unwrap(wrapped, place);
  const proof = proofOf(key, place);
  if (key.length !== 32 || proof.length !== kept.proof.length || !timingSafeEqual(proof, kept.proof))
    throw new ExpectedError(`The KMS gave another key than ${placeOf(kept)}: it is not the KMS that wrapped it.`);
  return key;
}

/** It is read back before anybody relies on it: a KMS that answers what it does not open again must not take a key along. */
export async function wrapFor(wrapper: KeyWrapper, kept: Named, key: Buffer): Promise<Buffer> {
  const wrapped = await wrapper.wrap(key, placeOf(kept));
  await unwrapWith(wrapper, kept, wrapped);
  return wrapped;
}

/** Undefined in a database that was never used. `lock` keeps an exchange from beginning until the transaction ends. */
export async function readInForce(db: Queryable, lock: '' | 'FOR SHARE' | 'FOR UPDATE' = ''): Promise<InForce | undefined> {
  const { rows } = await db.query<{ value: InForce }>(`SELECT value FROM control_plane_state WHERE key = 'master_key' ${lock}`);
  return rows[0]?.value;
}

export const namesOf = ({ fingerprint, next }: InForce): string[] => [fingerprint, ...(next === undefined ? [] : [next])];

type Wrapped = Omit<NewKey, 'tenantId'> & Named & { wraps: { wrapper: string; wrapped: Buffer }[] };

/** @throws ExpectedError where this program was not given all that is in force */
export async function wrapNew(source: WrapperSource, names: readonly string[], made: NewKey): Promise<Wrapped> {
  const id = randomUUID();
  const named = { id, tenantId: made.tenantId, purpose: made.purpose };
  const kept = { ...named, proof: proofOf(made.key, placeOf(named)) };
  const wraps = await Promise.all(
    names.map(async (name) => {
      const wrapper = await heldWrapper(source, name);
      if (wrapper === undefined)
        throw new ExpectedError(
          'A new data key cannot be made here: the master key is being exchanged, and this server has not both. Give it the new one, or finish the exchange with stoa-control-plane rotate-master-key --finish.',
        );
      return { wrapper: name, wrapped: await wrapFor(wrapper, kept, made.key) };
    }),
  );
  return { ...made, ...kept, wraps };
}

/** Makes nothing where another made the same version of it meanwhile. */
export async function insertKey(client: Queryable, { id, tenantId, purpose, version = 1, name, proof, wraps }: Wrapped): Promise<void> {
  await client.query(
    `WITH made AS (
       INSERT INTO data_key (id, tenant_id, purpose, version, name, proof) VALUES ($1, $2, $3, $4, $5, $6)
       ON CONFLICT (tenant_id, purpose, version) DO NOTHING RETURNING id)
     INSERT INTO data_key_wrap (data_key_id, wrapper, wrapped) SELECT made.id, w.wrapper, w.wrapped FROM made, unnest($7::text[], $8::bytea[]) w (wrapper, wrapped)`,
    [id, tenantId ?? null, purpose, version, name ?? null, proof, wraps.map(({ wrapper }) => wrapper), wraps.map(({ wrapped }) => wrapped)],
  );
}

const maxAttempts = 5;

type Recording = (client: PoolClient, keyId: string) => Promise<void>;

/** Makes a data key, wrapped by all that is in force at that moment. `record` tells the audit, in the same transaction. */
export async function makeKey(pool: Pool, source: WrapperSource, made: NewKey, record?: Recording): Promise<void> {
  for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
    const inForce = await readInForce(pool);
    if (inForce === undefined) break;
    // A KMS takes its time: no lock waits for it.
    const wrapped = await wrapNew(source, namesOf(inForce), made);
    const isDone = await inTransaction(pool, async (client) => {
      const now = await readInForce(client, 'FOR SHARE');
      if (now === undefined || namesOf(now).join() !== namesOf(inForce).join()) return false;
      await insertKey(client, wrapped);
      await record?.(client, wrapped.id);
      return true;
    });
    if (isDone) return;
  }
  throw new Error('No data key could be made: what wraps them changed again and again.');
}
