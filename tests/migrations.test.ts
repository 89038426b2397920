import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import pg from 'pg';
import { expect, it } from 'vitest';
import { createTestDatabase } from '@stoa/server/testing/test-database.ts';

const root = join(import.meta.dirname, '..');

/** Columns, indexes and references of our tables, as PostgreSQL sees them. */
const describeTables = `
  SELECT format('column %I.%I %s %s', table_name, column_name, udt_name || COALESCE('(' || datetime_precision || ')', ''), is_nullable) || COALESCE(' default ' || column_default, '') AS part
    FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> '_prisma_migrations'
  UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename <> '_prisma_migrations'
  UNION ALL SELECT format('reference %s %s', conrelid::regclass, pg_get_constraintdef(oid)) FROM pg_constraint WHERE contype = 'f'
  ORDER BY part`;

async function partsOf(databaseUrl: string, prepare?: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    if (prepare) await client.query(prepare);
    return (await client.query<{ part: string }>(describeTables)).rows.map(({ part }) => part);
  } finally {
    await client.end();
  }
}

it('the migrations make the tables that prisma/schema.prisma describes', async () => {
  const migrated = await createTestDatabase();
  const fresh = await createTestDatabase();
  const script = execFileSync(
    join(root, 'node_modules/.bin/prisma'),
    ['migrate', 'diff', '--from-empty', '--to-schema', 'prisma/schema.prisma', '--script'],
    {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { ...process.env, DATABASE_URL: migrated, PRISMA_SCHEMA_ENGINE_BINARY: join(root, 'prisma/schema-engine.mjs'), CHECKPOINT_DISABLE: '1' },
    },
  );
  const described = await partsOf(fresh, `DROP SCHEMA public CASCADE; CREATE SCHEMA public; ${script}`);
  expect(described.length).toBeGreaterThan(100);
  expect(await partsOf(migrated)).toEqual(described);
});
