import { randomBytes, randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase } from '../testing/test-database.ts';
import { encrypt } from './gcm.ts';
import { derivedKeys } from './derived-keys.ts';
import { KeyStore } from './key-store.ts';
import { sealedColumns } from './sealed-columns.ts';

const given = (...masterKeys: Buffer[]) => ({ masterKeys: () => Promise.resolve(masterKeys), kmsCommand: undefined });

describe('what is sealed', () => {
  let pool: pg.Pool;
  let keys: KeyStore;
  let tenants: string[];
  const masterKey = randomBytes(32);

  beforeAll(async () => {
    pool = new pg.Pool({ connectionString: await createTestDatabase() });
    keys = await KeyStore.open(pool, given(masterKey));
    const { rows } = await pool.query<{ id: string }>(`INSERT INTO tenant (name) VALUES ('one'), ('other') RETURNING id`);
    tenants = rows.map(({ id }) => id);
  });
  afterAll(() => pool.end());

  it('opens for its tenant, table and row, and nowhere else', async () => {
    const [one = '', other = ''] = tenants;
    const sealed = await keys.seal('secret', 'consumer_key:a', one);
    await keys.seal('another', 'consumer_key:a', other);
    expect(await keys.open(sealed, 'consumer_key:a', one)).toBe('secret');
    expect(sealed.includes('secret')).toBe(false);
    await expect(keys.open(sealed, 'consumer_key:b', one)).rejects.toThrow();
    await expect(keys.open(sealed, 'upstream_auth:a', one)).rejects.toThrow();
    await expect(keys.open(sealed, 'consumer_key:a', other)).rejects.toThrow(/sealed for somebody else/);
    await expect(keys.open(sealed, 'consumer_key:a')).rejects.toThrow(/sealed for somebody else/);
  });

  it('opens on a replica that was there before its key was made, when two make the first key of a tenant at once', async () => {
    const replica = await KeyStore.open(pool, given(masterKey));
    const { rows } = await pool.query<{ id: string }>(`INSERT INTO tenant (name) VALUES ('raced') RETURNING id`);
    const tenant = rows[0]?.id ?? '';
    const [here, there] = await Promise.all([keys.seal('here', 'p', tenant), replica.seal('there', 'p', tenant)]);
    expect(await replica.open(here, 'p', tenant)).toBe('here');
    expect(await keys.open(there, 'p', tenant)).toBe('there');
    const { rows: made } = await pool.query(`SELECT FROM data_key WHERE tenant_id = $1`, [tenant]);
    expect(made).toHaveLength(1);
  });

  it('keeps its key: the database deletes none that something needs, and takes nothing whose key is gone', async () => {
    const [tenant = ''] = tenants;
    const insert = async (sealed: Buffer) => {
      const { rows } = await pool.query<{ id: string }>(`INSERT INTO consumer (tenant_id, name) VALUES ($1, $2) RETURNING id`, [
        tenant,
        randomUUID(),
      ]);
      await pool.query(`INSERT INTO consumer_key (consumer_id, sha256, sealed, hint) VALUES ($1, $2, $3, '')`, [
        rows[0]?.id,
        randomBytes(32),
        sealed,
      ]);
    };
    await insert(await keys.seal('secret', 'consumer_key:a', tenant));
    await expect(pool.query(`DELETE FROM data_key WHERE tenant_id = $1`, [tenant])).rejects.toThrow(/consumer_key_sealed_by_fkey/);
    const gone = Buffer.concat([Buffer.from('stoa-v2:'), randomBytes(60)]);
    await expect(insert(gone)).rejects.toThrow(/consumer_key_sealed_by_fkey/);
    // With the tenant all goes: then what backups hold of his opens no more.
    await pool.query(`DELETE FROM tenant WHERE id = $1`, [tenant]);
    expect((await pool.query(`SELECT FROM data_key WHERE tenant_id = $1`, [tenant])).rows).toEqual([]);
  });

  it('stands in the columns that rotation knows', async () => {
    const { rows } = await pool.query<{ table: string }>(
      `SELECT table_name AS table FROM information_schema.columns WHERE table_schema = 'public' AND column_name = 'sealed_by' ORDER BY 1`,
    );
    expect(rows.map(({ table }) => table)).toEqual(sealedColumns.map(({ table }) => table).sort());
  });

  it('in a browser opens for what it was sealed for', () => {
    const sealed = keys.transient.seal('proof', 'first step of 1');
    expect(keys.transient.open(sealed, 'first step of 1')).toBe('proof');
    expect(() => keys.transient.open(sealed, 'first step of 2')).toThrow();
  });
});

describe('an installation of a release before data keys', () => {
  // As that release made them from a master key of 32 times 7.
  const masterKey = Buffer.alloc(32, 7);
  const before = {
    fingerprint: 'afcf2fbfc2a790f3',
    hmac: 'bb52fcb554209cb5c7ae84477d4279064f029545224672a4d8ccfc6052964c12',
    sealed: Buffer.from('1g5r+OSmlIHdZVTpvVfrHPQOeseEyv08tUdrYMYXSIjS0Q==', 'base64'),
    signing: { keyId: '304656567cce1c14', publicKey: 'MCowBQYDK2VwAyEAuVOfz-zS8XZCdj7-JjksF0cUJYDqCsYQDMY1Wn1LYRE' },
  };

  it('goes on with the same keys: credentials are found, what was sealed opens, and runtimes know the signature', async () => {
    const pool = new pg.Pool({ connectionString: await createTestDatabase() });
    try {
      await pool.query(`INSERT INTO control_plane_state (key, value) VALUES ('master_key', $1)`, [{ fingerprint: before.fingerprint }]);
      await expect(KeyStore.open(pool, given(randomBytes(32)))).rejects.toThrow(/^This database was made under another master key/);
      // Replicas of this release start at the same time.
      const [keys, replica] = await Promise.all([KeyStore.open(pool, given(masterKey)), KeyStore.open(pool, given(masterKey))]);
      for (const one of [keys, replica]) {
        expect(one.hmac('stoa_gk_x').toString('hex')).toBe(before.hmac);
        expect(one.signing.all).toMatchObject([before.signing]);
        const { rows } = await pool.query<{ id: string }>('SELECT id FROM tenant LIMIT 1');
        expect(await one.open(before.sealed, 'consumer_key:a', rows[0]?.id)).toBe('secret');
        await expect(one.open(before.sealed, 'consumer_key:b', rows[0]?.id)).rejects.toThrow();
      }
      expect(await keys.open(encrypt(derivedKeys(masterKey).sealing, Buffer.from('totp'), 'totp:u'), 'totp:u')).toBe('totp');
      // What is sealed from now on has keys of its own.
      expect(await replica.open(await keys.seal('new', 'totp:u'), 'totp:u')).toBe('new');
      const { rows } = await pool.query<{ purpose: string }>('SELECT purpose FROM data_key WHERE tenant_id IS NULL ORDER BY purpose');
      expect(rows.map(({ purpose }) => purpose)).toEqual(['hmac', 'legacy', 'seal', 'signing']);
    } finally {
      await pool.end();
    }
  });
});
