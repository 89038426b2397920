import { generateKeyPair, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import type { JWK } from 'oidc-provider';
import type { Pool } from 'pg';
import type { KeyMaterial } from '../access/master-key.ts';

const generate = promisify(generateKeyPair);
const row = 'issuer_keys';

/** The private keys that the issuer signs with, ES256 first: made at the first start, kept sealed, the same for all replicas. */
export async function issuerSigningKeys(pool: Pool, keys: KeyMaterial): Promise<JWK[]> {
  const kept = await readKeys(pool, keys);
  if (kept) return kept;
  const sealed = await keys.seal(JSON.stringify(await makeKeys()), row);
  // Of replicas that start at once the first to come makes the keys; all read them in a statement of its own, and so see what it wrote.
  await pool.query(`INSERT INTO control_plane_state (key, value, sealed) VALUES ($1, '{}', $2) ON CONFLICT (key) DO NOTHING`, [row, sealed]);
  return (await readKeys(pool, keys)) ?? [];
}

async function readKeys(pool: Pool, keys: KeyMaterial): Promise<JWK[] | undefined> {
  const { rows } = await pool.query<{ sealed: Buffer }>('SELECT sealed FROM control_plane_state WHERE key = $1', [row]);
  return rows[0] && (JSON.parse(await keys.open(rows[0].sealed, row)) as JWK[]);
}

async function makeKeys(): Promise<JWK[]> {
  const [ec, rsa] = await Promise.all([generate('ec', { namedCurve: 'P-256' }), generate('rsa', { modulusLength: 3072 })]);
  return [
    { ...ec.privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'ES256', kid: randomBytes(8).toString('hex') },
    { ...rsa.privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256', kid: randomBytes(8).toString('hex') },
  ] as JWK[];
}
