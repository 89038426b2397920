import { createHash, randomUUID } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { ExpectedError } from '@stoa/lib/errors.ts';
import { guardTenants, seeAllAsOwner } from './guard-tenants.ts';
import type { RoleNames } from './guard-tenants.ts';

/** The key of Prisma's own migration lock: a `prisma migrate deploy` and a starting server exclude each other. */
const lockKey = 72_707_369;
const lockTimeoutMs = 120_000;

export type MigrationResult = {
  /** Names of the migrations applied now, in order. */
  applied: string[];
  /** Migrations the database has and this program does not know: a newer release ran on it. Worth a warning. */
  unknown: string[];
  /** What migrations applied now say to operators: their NOTICEs with the code `STOA1`. */
  notices: string[];
};

const noticeCode = 'STOA1';

type Migration = { name: string; sql: string };
type Record = { migration_name: string; checksum: string; finished_at: Date | null };

type Options = {
  databaseUrl: string;
  migrationsDir: string;
  /** Who uses the tables; one role for all without it. */
  roles?: RoleNames | undefined;
};

/**
 * Applies `<migrationsDir>/<name>/migration.sql` in the order of the names and keeps Prisma's `_prisma_migrations`. Each one
 * is a transaction together with its bookkeeping, so a failure leaves nothing behind. Replicas that start at once wait
 * for each other. At the end each row is held to its tenant, see `guardTenants`. Throws `ExpectedError` when a migration was edited after it was applied, failed, or fails now.
 */
export async function migrate({ databaseUrl, migrationsDir, roles }: Options): Promise<MigrationResult> {
  const migrations = await readMigrations(migrationsDir);
  const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 10_000, application_name: 'stoa-migrate' });
  // A connection lost between two queries is told here; the next query fails with the reason.
  client.on('error', () => {});
  const notices: string[] = [];
  client.on('notice', ({ code, message }) => {
    if (code === noticeCode && message !== undefined) notices.push(message);
  });
  await connectOrExplain(client);
  try {
    await takeLock(client);
    await client.query(seeAllAsOwner);
    const applied = await applyMissing(client, migrations);
    await guardTenants(client, roles);
    return { ...applied, notices };
  } finally {
    // Ends the session and with it the lock.
    await client.end();
  }
}

async function readMigrations(directory: string): Promise<Migration[]> {
  const entries = await readdir(directory, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    throw new ExpectedError(`The migrations in ${directory} cannot be read (${error.code}): the installation is incomplete, install it again.`);
  });
  const names = entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
  return Promise.all(names.map(async (name) => ({ name, sql: await readFile(join(directory, name, 'migration.sql'), 'utf8') })));
}

/** Throws `ExpectedError` with the reason when there is no connection. */
export async function connectOrExplain(client: pg.Client): Promise<void> {
  try {
    await client.connect();
  } catch (error) {
    const reason = (error as Error).message || (error as NodeJS.ErrnoException).code;
    throw new ExpectedError(
      `The database ${client.database} on ${client.host}:${client.port} cannot be reached (${reason}): start it, or correct DATABASE_URL.`,
      {
        cause: error,
      },
    );
  }
}

async function takeLock(client: pg.Client): Promise<void> {
  await client.query(`SET lock_timeout = ${lockTimeoutMs}`);
  try {
    await client.query('SELECT pg_advisory_lock($1)', [lockKey]);
  } catch (error) {
    throw new ExpectedError(`Another process has been migrating the database for more than ${lockTimeoutMs / 1000} s: wait for it, or end it.`, {
      cause: error,
    });
  }
  await client.query('SET lock_timeout = DEFAULT');
}

async function applyMissing(client: pg.Client, migrations: readonly Migration[]): Promise<Omit<MigrationResult, 'notices'>> {
  // As in Prisma's schema engine (sql-schema-connector, flavour/postgres).
  await client.query(`CREATE TABLE IF NOT EXISTS _prisma_migrations (
    id VARCHAR(36) PRIMARY KEY NOT NULL,
    checksum VARCHAR(64) NOT NULL,
    finished_at TIMESTAMPTZ,
    migration_name VARCHAR(255) NOT NULL,
    logs TEXT,
    rolled_back_at TIMESTAMPTZ,
    started_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    applied_steps_count INTEGER NOT NULL DEFAULT 0
  )`);
  const { rows } = await client.query<Record>('SELECT migration_name, checksum, finished_at FROM _prisma_migrations WHERE rolled_back_at IS NULL');
  const records = new Map(rows.map((row) => [row.migration_name, row]));
  const missing = migrations.filter((migration) => !isApplied(migration, records.get(migration.name)));
  for (const migration of missing) await apply(client, migration);
  const known = new Set(migrations.map(({ name }) => name));
  return { applied: missing.map(({ name }) => name), unknown: rows.map((row) => row.migration_name).filter((name) => !known.has(name)) };
}

function isApplied({ name, sql }: Migration, record: Record | undefined): boolean {
  if (record === undefined) return false;
  if (record.finished_at === null) {
    throw new ExpectedError(
      `The migration ${name} failed earlier and left the database unfinished: repair it, then run "prisma migrate resolve --rolled-back ${name}" (or --applied).`,
    );
  }
  if (!checksums(sql).includes(record.checksum)) {
    throw new ExpectedError(
      `The migration ${name} was edited after it was applied to this database: put its migration.sql back as it was, and make the change in a new migration.`,
    );
  }
  return true;
}

async function apply(client: pg.Client, { name, sql }: Migration): Promise<void> {
  try {
    await client.query('BEGIN');
    await client.query(sql);
    await client.query(
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
       VALUES ($1, $2, $3, now(), clock_timestamp(), 1)`,
      [randomUUID(), checksums(sql)[0], name],
    );
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {});
    throw new ExpectedError(
      `The migration ${name} failed and was rolled back (${(error as Error).message}): the database is as before; correct the cause and start again.`,
      { cause: error },
    );
  }
}

/** Of the text as it is, and with either line ending: git may change them on the way, and Prisma accepts both too. */
function checksums(sql: string): string[] {
  const unix = sql.replaceAll('\r\n', '\n');
  return [sql, unix, unix.replaceAll('\n', '\r\n')].map((text) => createHash('sha256').update(text).digest('hex'));
}
