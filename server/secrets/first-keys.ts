import { randomBytes } from 'node:crypto';
import type { Pool, PoolClient } from 'pg';
import { inTransaction } from '../database/in-transaction.ts';
import { derivedKeys, fingerprintOf } from './derived-keys.ts';
import { insertKey, namesOf, readInForce, readKeys, unwrapKey, wrapNew } from './key-rows.ts';
import type { InForce, NewKey } from './key-rows.ts';
import type { WrapperSource } from './key-wrappers.ts';
import { requireHeld } from './same-master-key.ts';
import { signingKeyOf } from './signing-key.ts';

/** Any number but those of the other advisory locks. */
const firstKeysLock = 72_707_371;

/**
 * Makes the keys of what belongs to no tenant at the first start, or takes over those that an earlier release derived from the master key. Of replicas that
 * start at once the first makes them.
 * @throws ExpectedError where this program was not given what opens the keys of the database
 */
export async function ensureFirstKeys(pool: Pool, source: WrapperSource): Promise<void> {
  await inTransaction(pool, async (client) => {
    await client.query('SELECT pg_advisory_xact_lock($1)', [firstKeysLock]);
    const known = await readInForce(client, 'FOR SHARE');
    const inForce = known ?? (await begin(client, source));
    await requireHeld(source, inForce);
    const [first] = await readKeys(client, undefined);
    // One that is opened proves that a KMS is the right one.
    if (first !== undefined) await unwrapKey(source, first);
    else
      for (const made of known === undefined ? newKeys() : await takenOver(source, inForce))
        await insertKey(client, await wrapNew(source, namesOf(inForce), made));
  });
}

/** In a database that was never used a KMS, where one is given, comes before a master key. */
async function begin(client: PoolClient, { masterKeys, kmsCommand }: WrapperSource): Promise<InForce> {
  const [key] = kmsCommand === undefined ? await masterKeys() : [];
  const fingerprint = key === undefined ? `kms:${randomBytes(6).toString('hex')}` : fingerprintOf(key);
  await client.query(`INSERT INTO control_plane_state (key, value) VALUES ('master_key', $1)`, [JSON.stringify({ fingerprint })]);
  return { fingerprint };
}

function newKeys(): NewKey[] {
  const seed = randomBytes(32);
  return [
    { purpose: 'hmac', key: randomBytes(32) },
    { purpose: 'seal', key: randomBytes(32) },
    { purpose: 'signing', name: signingKeyOf(seed).keyId, key: seed },
  ];
}

/** Credentials go on being found, what was sealed opens, and runtimes know the key that configuration is signed with. */
async function takenOver({ masterKeys }: WrapperSource, { fingerprint }: InForce): Promise<NewKey[]> {
  const key = (await masterKeys()).find((one) => fingerprintOf(one) === fingerprint);
  if (key === undefined) throw new Error('The master key was there a moment ago.');
  const { hmac, sealing, signing } = derivedKeys(key);
  return [
    { purpose: 'hmac', key: hmac },
    { purpose: 'legacy', key: sealing },
    { purpose: 'seal', key: randomBytes(32) },
    { purpose: 'signing', name: signing.name, key: signing.seed },
  ];
}
