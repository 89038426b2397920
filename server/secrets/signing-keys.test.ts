import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase } from '../testing/test-database.ts';
import { KeyStore } from './key-store.ts';
import { rotateSigningKey } from './rotate-signing-key.ts';
import { deleteUnusedDataKeys } from './unused-data-keys.ts';

const masterKey = randomBytes(32);
const source = { masterKeys: () => Promise.resolve([masterKey]), kmsCommand: undefined };
let pool: pg.Pool;

beforeAll(async () => {
  pool = new pg.Pool({ connectionString: await createTestDatabase() });
});
afterAll(() => pool.end());

const told = (instance: string, signingKey: string | null, heard: string) =>
  pool.query(
    `WITH g AS (
       INSERT INTO gateway (tenant_id, environment, instance_name, gateway_mode, version, signing_key) SELECT id, 'production', $1, 'edge_mcp', '1', $2 FROM tenant WHERE name = 'default'
       ON CONFLICT (tenant_id, environment, instance_name) DO UPDATE SET signing_key = excluded.signing_key RETURNING id)
     INSERT INTO gateway_lease (gateway_id, heartbeat_interval_s, lease_until) SELECT id, 30, now() - $3::interval FROM g
     ON CONFLICT (gateway_id) DO UPDATE SET lease_until = excluded.lease_until`,
    [instance, signingKey, heard],
  );

it('a signing key stays until every gateway that may come back was told a newer one, and for a week at least', async () => {
  const keys = await KeyStore.open(pool, source);
  const [first = ''] = keys.signing.all.map(({ keyId }) => keyId);
  const second = await rotateSigningKey(pool, source);
  const left = async () => {
    await deleteUnusedDataKeys(pool);
    await keys.refresh('');
    return keys.signing.all.map(({ keyId }) => keyId);
  };
  expect(await left()).toEqual([first, second]);
  const both = keys.signing.id;
  expect((await keys.signer(first)).keyId).toBe(first);
  expect((await keys.signer(null)).keyId).toBe(first);
  expect((await keys.signer(second)).keyId).toBe(second);
  await pool.query(`UPDATE data_key SET created_at = now() - interval '8 days' WHERE name = $1`, [second]);
  await told('of an earlier release', null, '89 days');
  expect(await left()).toEqual([first, second]);
  await told('of an earlier release', null, '91 days');
  await told('not told', first, '-100 seconds');
  expect(await left()).toEqual([first, second]);
  await told('not told', second, '-100 seconds');
  expect(await left()).toEqual([second]);
  expect(keys.signing.id).not.toBe(both);
  // One that comes back after all is given the newest, as registration told it.
  expect((await keys.signer(first)).keyId).toBe(second);
});

it('another replica signs with a key that it has not heard of, and there are at most as many as a registration can tell', async () => {
  const replica = await KeyStore.open(pool, source);
  const third = await rotateSigningKey(pool, source);
  expect((await replica.signer(third)).keyId).toBe(third);
  const { rows } = await pool.query(`SELECT action, actor_kind, object_id FROM audit_record ORDER BY seq DESC LIMIT 1`);
  expect(rows).toEqual([{ action: 'rotateSigningKey', actor_kind: 'server', object_id: third }]);
  for (let made = replica.signing.all.length; made < 8; made += 1) await rotateSigningKey(pool, source);
  await expect(rotateSigningKey(pool, source)).rejects.toThrow(/There are 8 signing keys already/);
});
