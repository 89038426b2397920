import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '@stoa/lib/log.ts';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startEmbeddedPostgres } from './embedded-postgres.ts';
import type { EmbeddedPostgres } from './embedded-postgres.ts';
import { migrate } from './migrate.ts';

let directory: string;
let server: EmbeddedPostgres;
let admin: pg.Client;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'stoa-migrate-'));
  server = await startEmbeddedPostgres({
    dataDir: join(directory, 'data'),
    log: createLogger({ program: 'test', level: 'silent' }),
    throwaway: true,
  });
  admin = new pg.Client({ connectionString: server.url });
  await admin.connect();
});
afterAll(async () => {
  await admin.end();
  await server.stop();
  await rm(directory, { recursive: true });
});

let subject: { databaseUrl: string; migrationsDir: string };
let count = 0;
beforeEach(async () => {
  count += 1;
  await admin.query(`CREATE DATABASE case_${count}`);
  const url = new URL(server.url);
  url.pathname = `/case_${count}`;
  subject = { databaseUrl: url.href, migrationsDir: join(directory, `migrations-${count}`) };
  await mkdir(subject.migrationsDir);
  await writeFile(join(subject.migrationsDir, 'migration_lock.toml'), 'provider = "postgresql"\n');
});

async function migration(name: string, sql: string): Promise<void> {
  await mkdir(join(subject.migrationsDir, name), { recursive: true });
  await writeFile(join(subject.migrationsDir, name, 'migration.sql'), sql);
}

async function rows(sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: subject.databaseUrl });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

const first = 'CREATE TABLE a (id int);\nCREATE FUNCTION f() RETURNS int AS $$ BEGIN RETURN 1; END; $$ LANGUAGE plpgsql;\n';

describe('migrations', () => {
  it("are applied once, in order, with Prisma's bookkeeping", async () => {
    await migration('20260101000000_first', first);
    await migration('20260102000000_second', 'ALTER TABLE a ADD COLUMN name text;');
    expect(await migrate(subject)).toEqual({ applied: ['20260101000000_first', '20260102000000_second'], unknown: [], notices: [] });
    expect(await migrate(subject)).toEqual({ applied: [], unknown: [], notices: [] });
    const [record] = await rows('SELECT *, finished_at IS NOT NULL AS done FROM _prisma_migrations ORDER BY migration_name');
    expect(record).toMatchObject({
      migration_name: '20260101000000_first',
      applied_steps_count: 1,
      done: true,
      rolled_back_at: null,
      logs: null,
      checksum: createHash('sha256').update(first).digest('hex'),
    });
  });

  it('are applied once by many who start at the same moment', async () => {
    await migration('20260101000000_first', first);
    const results = await Promise.all(Array.from({ length: 5 }, () => migrate(subject)));
    expect(results.flatMap(({ applied }) => applied)).toEqual(['20260101000000_first']);
  });

  it('are refused when edited after they were applied, but not for a changed line ending', async () => {
    await migration('20260101000000_first', first);
    await migrate(subject);
    await migration('20260101000000_first', first.replaceAll('\n', '\r\n'));
    expect((await migrate(subject)).applied).toEqual([]);
    await migration('20260101000000_first', `${first}-- edited`);
    await expect(migrate(subject)).rejects.toThrow(/20260101000000_first was edited after it was applied.*in a new migration/);
  });

  it('leave nothing behind when they fail, and can be corrected', async () => {
    await migration('20260101000000_first', first);
    await migration('20260102000000_second', 'CREATE TABLE b (id int); SELECT no_such_function();');
    await expect(migrate(subject)).rejects.toThrow(/20260102000000_second failed and was rolled back \(.*no_such_function/);
    expect(await rows("SELECT to_regclass('b') AS b")).toEqual([{ b: null }]);
    await migration('20260102000000_second', 'CREATE TABLE b (id int);');
    expect((await migrate(subject)).applied).toEqual(['20260102000000_second']);
  });

  it('are refused after one that Prisma left failed, until it is resolved', async () => {
    await migration('20260101000000_first', first);
    await migrate(subject);
    await migration('20260102000000_second', 'CREATE TABLE b (id int);');
    await rows("INSERT INTO _prisma_migrations (id, checksum, migration_name) VALUES ('x', 'y', '20260102000000_second')");
    await expect(migrate(subject)).rejects.toThrow(/prisma migrate resolve --rolled-back 20260102000000_second/);
    await rows("UPDATE _prisma_migrations SET rolled_back_at = now() WHERE id = 'x'");
    expect((await migrate(subject)).applied).toEqual(['20260102000000_second']);
  });

  it('that only a newer release knows are reported', async () => {
    await migration('20260101000000_first', first);
    await migrate(subject);
    await rm(join(subject.migrationsDir, '20260101000000_first'), { recursive: true });
    expect(await migrate(subject)).toEqual({ applied: [], unknown: ['20260101000000_first'], notices: [] });
  });

  it('say what is wrong when the server or the folder is away', async () => {
    await expect(migrate({ ...subject, databaseUrl: 'postgresql://u:hunter2@127.0.0.1:1/x' })).rejects.toThrow(
      /database x on 127\.0\.0\.1:1 cannot be reached .*DATABASE_URL/,
    );
    await expect(migrate({ ...subject, migrationsDir: join(directory, 'nowhere') })).rejects.toThrow(/nowhere cannot be read \(ENOENT\)/);
  });
});
