import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase } from '../testing/test-database.ts';
import { abandonExchange, finishExchange, wrapByNext } from './exchange.ts';
import { KeyStore } from './key-store.ts';
import { kmsWrapper, masterKeyWrapper } from './key-wrappers.ts';
import type { WrapperSource } from './key-wrappers.ts';

let dir: string;
let pool: pg.Pool;
let kms: WrapperSource;
let wrongKms: WrapperSource;
const silent = () => {};
const byKey = (...masterKeys: Buffer[]): WrapperSource => ({ masterKeys: () => Promise.resolve(masterKeys), kmsCommand: undefined });

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'stoa-exchange-'));
  pool = new pg.Pool({ connectionString: await createTestDatabase() });
  const program = async (name: string, turn: string): Promise<WrapperSource> => {
    await writeFile(join(dir, name), `#!/bin/sh\n${turn}\n`, { mode: 0o700 });
    return { masterKeys: () => Promise.resolve([]), kmsCommand: join(dir, name) };
  };
  // What turns itself back is enough of a KMS here.
  kms = await program('kms', `openssl base64 -d -A | LC_ALL=C tr '\\000-\\377' '\\200-\\377\\000-\\177' | openssl base64 -A`);
  wrongKms = await program('wrong', 'cat');
  await program('forgets', 'cat >/dev/null; openssl rand -base64 32');
});
afterAll(async () => {
  await pool.end();
  await rm(dir, { recursive: true, force: true });
});

describe('the exchange of what wraps data keys', () => {
  const [first, second] = [randomBytes(32), randomBytes(32)];
  let sealed: Buffer;
  const reads = async (source: WrapperSource) => (await KeyStore.open(pool, source)).open(sealed, 'totp:u');

  it('can be given up', async () => {
    sealed = await (await KeyStore.open(pool, byKey(first))).seal('secret', 'totp:u');
    await wrapByNext(pool, byKey(first), masterKeyWrapper(second), silent);
    expect(await reads(byKey(second))).toBe('secret');
    expect(await abandonExchange(pool, silent)).toBe(true);
    await expect(reads(byKey(second))).rejects.toThrow(/^This database was made under another master key/);
    expect(await reads(byKey(first))).toBe('secret');
  });

  it('leads from a master key to a KMS and back, and the answer of another KMS is refused', async () => {
    const next = kmsWrapper(kms.kmsCommand ?? '', 'kms:one');
    await wrapByNext(pool, byKey(first), next, silent);
    expect(await reads(byKey(first))).toBe('secret');
    expect(await reads(kms)).toBe('secret');
    await finishExchange(pool, next, silent);
    await expect(reads(byKey(first))).rejects.toThrow('wrapped by a KMS: set STOA_KMS_COMMAND');
    expect(await reads(kms)).toBe('secret');
    await expect(reads(wrongKms)).rejects.toThrow(/^The KMS gave another key than .*: it is not the KMS that wrapped it\.$/);

    const back = masterKeyWrapper(second);
    await wrapByNext(pool, kms, back, silent);
    await finishExchange(pool, back, silent);
    expect(await reads(byKey(second))).toBe('secret');
    await expect(wrapByNext(pool, byKey(second), back, silent)).rejects.toThrow(/in force already/);
  });

  it('is not made for something that cannot read what it wraps', async () => {
    await expect(wrapByNext(pool, byKey(second), kmsWrapper(join(dir, 'forgets'), 'kms:two'), silent)).rejects.toThrow(/gave another key/);
    expect(await reads(byKey(second))).toBe('secret');
    await abandonExchange(pool, silent);
  });

  it('is told in the audit of every tenant, step by step, with who ran the command', async () => {
    const { rows } = await pool.query<{ action: string; step: string; who: string; key: string }>(
      `SELECT r.action, r.detail->>'step' AS step, p.value AS who, r.object_id AS key FROM audit_record r JOIN tenant t ON t.id = r.tenant_id
       JOIN audit_personal p ON p.tenant_id = r.tenant_id AND p.seq = r.seq AND p.field = 'actor.name' WHERE t.name = 'default' ORDER BY r.seq`,
    );
    expect(rows.map(({ action, step }) => `${action} ${step}`)).toEqual(
      ['begun', 'given up', 'begun', 'finished', 'begun', 'finished', 'begun', 'given up'].map((step) => `rotateMasterKey ${step}`),
    );
    expect(rows[2]?.key).toBe('kms:one');
    for (const { who } of rows) expect(who).toContain(userInfo().username);
  });
});

it('a database that was never used takes the KMS that it is given', async () => {
  const fresh = new pg.Pool({ connectionString: await createTestDatabase() });
  try {
    await expect(KeyStore.open(fresh, { ...kms, kmsCommand: join(dir, 'forgets') })).rejects.toThrow(/gave another key/);
    const sealed = await (await KeyStore.open(fresh, kms)).seal('secret', 'totp:u');
    expect(await (await KeyStore.open(fresh, kms)).open(sealed, 'totp:u')).toBe('secret');
    await expect(KeyStore.open(fresh, wrongKms)).rejects.toThrow(/not the KMS that wrapped it/);
  } finally {
    await fresh.end();
  }
});
