import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deleteExpiredRows } from '../fleet/housekeeping.ts';
import { Gate, startCommand } from '../testing/key-command.ts';
import type { Command, Ended } from '../testing/key-command.ts';
import { createTestDatabase } from '../testing/test-database.ts';
import { issuerKeys, rotateIssuerKeys } from '../identity/signing-keys.ts';
import { finishExchange, wrapByNext } from './exchange.ts';
import { KeyStore } from './key-store.ts';
import { masterKeyWrapper } from './key-wrappers.ts';

const tenantCount = 30;
const keyCount = tenantCount + 3;
const given = (...masterKeys: Buffer[]) => ({ masterKeys: () => Promise.resolve(masterKeys), kmsCommand: undefined });

let dir: string;
let databaseUrl: string;
let pool: pg.Pool;
let gate: Gate;
const [oldKey, newKey] = [randomBytes(32), randomBytes(32)];
const kept = new Map<string, { tenantId: string; secret: string }>();
let credential: Buffer;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'stoa-keys-'));
  databaseUrl = await createTestDatabase();
  pool = new pg.Pool({ connectionString: databaseUrl });
  for (const [name, key] of [
    ['old', oldKey],
    ['new', newKey],
  ] as const)
    await writeFile(join(dir, name), key.toString('base64'));
  const keys = await KeyStore.open(pool, given(oldKey));
  credential = keys.hmac('stoa_gk_x');
  const { rows } = await pool.query<{ id: string }>(
    `INSERT INTO tenant (name) SELECT 'tenant-' || n FROM generate_series(2, ${tenantCount}) n RETURNING id`,
  );
  const others = await pool.query<{ id: string }>(`SELECT id FROM tenant WHERE name = 'default'`);
  for (const { id } of [...others.rows, ...rows]) await keepSecret(keys, id);
  gate = await Gate.prepare(pool, [
    { on: 'INSERT OR DELETE', table: 'data_key_wrap' },
    { on: 'INSERT OR UPDATE', table: 'control_plane_state' },
    { on: 'UPDATE', table: 'consumer_key' },
  ]);
});
afterAll(async () => {
  await pool.end();
  await rm(dir, { recursive: true, force: true });
});

async function keepSecret(keys: KeyStore, tenantId: string): Promise<void> {
  const [id, secret] = [randomUUID(), randomBytes(9).toString('base64')];
  const { rows } = await pool.query<{ id: string }>('INSERT INTO consumer (tenant_id, name) VALUES ($1, $2) RETURNING id', [tenantId, id]);
  await pool.query(`INSERT INTO consumer_key (id, consumer_id, sha256, sealed, hint) VALUES ($1, $2, $3, $4, '')`, [
    id,
    rows[0]?.id,
    randomBytes(32),
    await keys.seal(secret, `consumer_key:${id}`, tenantId),
  ]);
  kept.set(id, { tenantId, secret });
}

/** All that was ever sealed, by a server that starts now with this key. */
async function readAll(masterKey: Buffer): Promise<void> {
  const keys = await KeyStore.open(pool, given(masterKey));
  expect(keys.hmac('stoa_gk_x')).toEqual(credential);
  const { rows } = await pool.query<{ id: string; sealed: Buffer }>('SELECT id, sealed FROM consumer_key');
  const opened = await Promise.all(rows.map(async ({ id, sealed }) => [id, await keys.open(sealed, `consumer_key:${id}`, kept.get(id)?.tenantId)]));
  expect(Object.fromEntries(opened)).toEqual(Object.fromEntries([...kept].map(([id, { secret }]) => [id, secret])));
}

const env = (key: 'old' | 'new') => ({
  DATABASE_URL: databaseUrl,
  STOA_SINGLE_ROLE: 'true',
  STOA_MASTER_KEY_FILE: join(dir, key),
  STOA_DATA_DIR: join(dir, 'data'),
});
const start =
  (args: string[], key: 'old' | 'new' = 'old') =>
  (): Command =>
    startCommand(args, env(key));
const run = (args: string[], key: 'old' | 'new' = 'old'): Promise<Ended> => start(args, key)().ended;
const wrapsOf = async () => {
  const { rows } = await pool.query<{ wrapper: string; count: number }>(
    'SELECT wrapper, count(*)::int FROM data_key_wrap GROUP BY wrapper ORDER BY count(*)',
  );
  return rows.map(({ count }) => count);
};

describe('the exchange of the master key', () => {
  const begin = ['rotate-master-key', '--new-key-file'];

  it('loses nothing wherever it is killed, and in the end the new key alone opens everything', async () => {
    const newFile = join(dir, 'new');
    expect(await gate.killAt(3, start([...begin, newFile]))).toMatchObject({
      signal: 'SIGKILL',
      out: expect.stringContaining(`20 of ${keyCount} data keys`),
    });
    expect(await wrapsOf()).toEqual([20, keyCount]);
    await readAll(oldKey);

    // Another exchange may not begin meanwhile, nor this one be finished.
    const silent = () => {};
    await expect(wrapByNext(pool, given(oldKey), masterKeyWrapper(randomBytes(32)), silent)).rejects.toThrow(/--abandon/);
    await expect(finishExchange(pool, masterKeyWrapper(newKey), silent)).rejects.toThrow(/^Not all data keys are wrapped by the new key/);

    const begun = await run([...begin, newFile]);
    expect(begun, begun.err).toMatchObject({ code: 0, out: expect.stringContaining(`Both open all ${keyCount} data keys now.`) });
    await readAll(oldKey);
    await readAll(newKey);
    // What is made meanwhile opens by both, made by a server that has both; one that has the old alone says why it cannot.
    const { rows } = await pool.query<{ id: string }>(`INSERT INTO tenant (name) VALUES ('meanwhile') RETURNING id`);
    await expect(KeyStore.open(pool, given(oldKey)).then((keys) => keys.seal('x', 'p', rows[0]?.id))).rejects.toThrow(
      /the master key is being exchanged/,
    );
    await keepSecret(await KeyStore.open(pool, given(newKey, oldKey)), rows[0]?.id ?? '');

    const finish = ['rotate-master-key', '--finish'];
    expect(await gate.killAt(1, start(finish, 'new'))).toMatchObject({
      signal: 'SIGKILL',
      out: expect.stringContaining('were read by the new key alone'),
    });
    expect(await wrapsOf()).toEqual([keyCount + 1, keyCount + 1]);
    await readAll(oldKey);
    expect(await gate.killAt(3, start(finish, 'new'))).toMatchObject({
      signal: 'SIGKILL',
      out: expect.stringContaining('20 wraps that are not in force'),
    });
    await readAll(newKey);
    expect(await run(finish, 'new')).toMatchObject({
      code: 0,
      out: expect.stringContaining(`The new key alone opens all ${keyCount + 1} data keys`),
    });
    expect(await wrapsOf()).toEqual([keyCount + 1]);
    await readAll(newKey);

    // Again, nothing is left to do; and the old key is refused in a sentence.
    expect(await finishExchange(pool, masterKeyWrapper(newKey), silent)).toBeUndefined();
    await expect(KeyStore.open(pool, given(oldKey))).rejects.toThrow(
      /^This database was made under another master key, or its master key was exchanged since: start with the key that is in force \([^)]+\)\.$/,
    );
    const refused = await run([...begin, newFile], 'old');
    expect(refused).toMatchObject({ code: 1, err: expect.stringContaining('its master key was exchanged since') });
  }, 180_000);
});

describe('new data keys', () => {
  it('seal everything anew wherever that is killed, while a server reads and writes, and then the keys before are deleted', async () => {
    const server = await KeyStore.open(pool, given(newKey));
    const { rows: before } = await pool.query<{ id: string }>(`SELECT id FROM data_key WHERE purpose = 'seal'`);
    // It has not heard of any new key.
    const busy = [...kept.values()].slice(0, 8).map(({ tenantId }) => tenantId);
    await Promise.all(busy.map((tenantId) => keepSecret(server, tenantId)));

    expect(await gate.killAt(30, start(['rotate-data-keys'], 'new'))).toMatchObject({
      signal: 'SIGKILL',
      out: expect.stringContaining('are sealed with the new key'),
    });
    await readAll(newKey);
    await Promise.all(busy.map((tenantId) => keepSecret(server, tenantId)));
    const done = await run(['rotate-data-keys'], 'new');
    expect(done, done.err).toMatchObject({ code: 0 });
    await readAll(newKey);
    await Promise.all(busy.map((tenantId) => keepSecret(server, tenantId)));
    await server.refresh();

    // One new key each, however often it was begun.
    const { rows: versions } = await pool.query<{ version: number }>(
      `SELECT max(version) AS version FROM data_key WHERE purpose = 'seal' GROUP BY tenant_id`,
    );
    expect(new Set(versions.map(({ version }) => version))).toEqual(new Set([2]));
    const { rows: told } = await pool.query<{ records: number; tenants: number }>(
      `SELECT count(*)::int AS records, count(DISTINCT tenant_id)::int AS tenants FROM audit_record WHERE action = 'rotateDataKeys'`,
    );
    // One in the audit of each tenant, and that of the key that belongs to no tenant in all of them.
    expect(told).toEqual([{ records: 2 * (tenantCount + 1), tenants: tenantCount + 1 }]);
    await pool.query(`UPDATE data_key SET created_at = now() - interval '2 hours' WHERE version = 2`);
    await deleteExpiredRows(pool);
    const left = async () =>
      (await pool.query<{ tenant_id: string }>('SELECT tenant_id FROM data_key WHERE id = ANY($1)', [before.map(({ id }) => id)])).rows;
    // Those stay that a server which had not heard sealed something with since.
    expect((await left()).map(({ tenant_id }) => tenant_id).sort()).toEqual([...busy].sort());
    const one = await run(['rotate-data-keys', '--tenant', 'default'], 'new');
    expect(one, one.err).toMatchObject({ code: 0, out: expect.stringContaining('1 new data keys') });
    await readAll(newKey);
  }, 180_000);
});

describe('new keys of the issuer', () => {
  it('are made whole or not at all where that is killed, and once', async () => {
    const keys = await KeyStore.open(pool, given(newKey));
    const before = await issuerKeys(pool, keys);
    expect(await gate.killAt(1, start(['rotate-issuer-keys'], 'new'))).toMatchObject({ signal: 'SIGKILL' });
    expect(await issuerKeys(pool, keys)).toEqual(before);
    const done = await run(['rotate-issuer-keys'], 'new');
    expect(done, done.err).toMatchObject({ code: 0, out: expect.stringContaining('nobody is signed out') });
    const { jwks } = await issuerKeys(pool, keys);
    expect([jwks.length, jwks.slice(0, 2)]).toEqual([4, before.jwks]);
    await expect(rotateIssuerKeys(pool, keys)).rejects.toThrow('begin to sign in 10 minutes');
  }, 60_000);
});
