import { createPrivateKey, createPublicKey, randomBytes, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { Pool } from 'pg';
import { keyIdOf } from '@stoa/lib/audit-record.ts';
import type { KeyMaterial } from '../secrets/key-material.ts';
import { inTransaction } from '../database/in-transaction.ts';

/** What checkpoints of the audit are signed with: an Ed25519 key of the installation's own, used for nothing else. */
export type AuditKeys = {
  readonly keyId: string;
  /** Of text, in base64url. */
  sign(text: string): string;
  /** Those that are trusted, by their names: DER of SubjectPublicKeyInfo (RFC 8410) in base64url. */
  readonly publicKeys: ReadonlyMap<string, string>;
};

// RFC 8410: the PKCS #8 form of an Ed25519 private key is this prefix and the seed.
const pkcs8Prefix = '302e020100300506032b657004220420';
const privateKeyOf = (seed: Buffer): KeyObject =>
  createPrivateKey({ key: Buffer.concat([Buffer.from(pkcs8Prefix, 'hex'), seed]), format: 'der', type: 'pkcs8' });
const publicKeyOf = (key: KeyObject): string => createPublicKey(key).export({ format: 'der', type: 'spki' }).toString('base64url');
/** Any number but those of the other advisory locks. */
const firstKeyLock = 72_707_379;

/**
 * The key of this installation, made at the first start. A public key is trusted only where its sealed private half opens: whoever can write to the database,
 * and has no more than that, cannot bring one of his own.
 */
export function loadAuditKeys(pool: Pool, keys: Pick<KeyMaterial, 'seal' | 'open'>): Promise<AuditKeys> {
  return inTransaction(pool, async (client) => {
    // Of replicas that start at once, the first makes it.
    await client.query('SELECT pg_advisory_xact_lock($1)', [firstKeyLock]);
    const { rows } = await client.query<{ key: string; sealed: Uint8Array }>(
      `SELECT key, sealed FROM control_plane_state WHERE key LIKE 'audit_key:%' AND sealed IS NOT NULL ORDER BY updated_at, key`,
    );
    const known: KeyObject[] = [];
    for (const { key: place, sealed } of rows) {
      const seed = await openIfOurs(keys, sealed, place);
      if (seed !== undefined) known.push(privateKeyOf(Buffer.from(seed, 'base64')));
    }
    if (known.length === 0) {
      const seed = randomBytes(32);
      const made = privateKeyOf(seed);
      const public_key = publicKeyOf(made);
      const place = `audit_key:${keyIdOf(public_key)}`;
      const sealed = await keys.seal(seed.toString('base64'), place);
      await client.query('INSERT INTO control_plane_state (key, value, sealed) VALUES ($1, $2, $3)', [place, JSON.stringify({ public_key }), sealed]);
      known.push(made);
    }
    const publicKeys = new Map(known.map((key) => [keyIdOf(publicKeyOf(key)), publicKeyOf(key)]));
    const newest = known.at(-1) as KeyObject;
    return { keyId: keyIdOf(publicKeyOf(newest)), sign: (text) => sign(null, Buffer.from(text), newest).toString('base64url'), publicKeys };
  });
}

async function openIfOurs(keys: Pick<KeyMaterial, 'open'>, sealed: Uint8Array, place: string): Promise<string | undefined> {
  try {
    return await keys.open(sealed, place);
  } catch {
    return undefined; // Sealed by somebody else, or for another row.
  }
}
