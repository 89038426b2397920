import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { productFile } from '../product-file.ts';
import { createTestDatabase } from './test-database.ts';

export const migrationsDir = productFile('prisma/migrations');

/** A database as the releases before a migration left it, and a connection to it that the caller ends. */
export async function databaseBefore(migration: string): Promise<{ databaseUrl: string; client: pg.Client }> {
  const databaseUrl = await createTestDatabase();
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  await client.query('DROP SCHEMA public CASCADE; CREATE SCHEMA public');
  const names = (await readdir(migrationsDir)).filter((name) => /^\d+_/.test(name)).sort();
  const before = names.slice(0, names.indexOf(migration));
  for (const name of before) await client.query(await readFile(join(migrationsDir, name, 'migration.sql'), 'utf8'));
  await client.query(`CREATE TABLE _prisma_migrations (id VARCHAR(36) PRIMARY KEY, checksum VARCHAR(64) NOT NULL, finished_at TIMESTAMPTZ,
    migration_name VARCHAR(255) NOT NULL, logs TEXT, rolled_back_at TIMESTAMPTZ, started_at TIMESTAMPTZ NOT NULL DEFAULT now(), applied_steps_count INTEGER NOT NULL DEFAULT 0)`);
  await client.query(
    `INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at)
     SELECT md5(n), encode(sha256(convert_to(s, 'UTF8')), 'hex'), n, now() FROM unnest($1::text[], $2::text[]) m (n, s)`,
    [before, await Promise.all(before.map((name) => readFile(join(migrationsDir, name, 'migration.sql'), 'utf8')))],
  );
  return { databaseUrl, client };
}
