import { createHash, randomUUID } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '@stoa/lib/log.ts';
import pg from 'pg';
import { lockDirectory } from '@stoa/lib/directory-lock.ts';
import { startEmbeddedPostgres } from '../database/embedded-postgres.ts';
import { migrate } from '../database/migrate.ts';
import { stopOrphans } from '../database/postgres-orphans.ts';
import { makeTestRoles } from './test-roles.ts';

/** One database server for a test run; every test takes a database of its own from it. */
export type TestServer = {
  /** A new database, migrated. Answers its URL. */
  createDatabase(): Promise<string>;
  /** Drops every database that was made; stops the server if it is ours. */
  stop(): Promise<void>;
};

/**
 * Starts an embedded server without fsync, or uses the one that `serverUrl` names, and migrates a template once, from
 * which databases are copied: some milliseconds each instead of a run through all migrations.
 */
export async function startTestServer(options: { serverUrl: string | undefined; migrationsDir: string }): Promise<TestServer> {
  const server = options.serverUrl === undefined ? await startThrowaway() : { url: options.serverUrl, stop: async () => {} };
  const pool = new pg.Pool({ connectionString: server.url, max: 4 });
  pool.on('error', () => {});
  const made: string[] = [];
  const stop = async () => {
    // A throwaway server takes its databases along when its directory is removed.
    if (options.serverUrl !== undefined) for (const name of made) await pool.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    await pool.end();
    await server.stop();
  };
  try {
    const template = await prepareTemplate(pool, server.url, options.migrationsDir);
    return {
      stop,
      async createDatabase() {
        const name = `stoa_test_${randomUUID().replaceAll('-', '')}`;
        await pool.query(`CREATE DATABASE ${name} TEMPLATE ${template} STRATEGY FILE_COPY`);
        made.push(name);
        return withDatabase(server.url, name);
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

const directoryPrefix = 'stoa-test-postgres-';
const log = createLogger({ program: 'test-database', level: 'error' });

async function startThrowaway(): Promise<{ url: string; stop(): Promise<void> }> {
  await sweepKilledRuns();
  const dataDir = await mkdtemp(join(tmpdir(), directoryPrefix));
  const remove = () => rm(dataDir, { recursive: true, force: true });
  try {
    const server = await startEmbeddedPostgres({ dataDir, log, throwaway: true });
    return { url: server.url, stop: () => server.stop().then(remove) };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** A test run that was killed could not stop its server: the next one does. */
async function sweepKilledRuns(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const directory = join(tmpdir(), name);
    // Without a lock it may be one that is being made at this moment.
    const files = name.startsWith(directoryPrefix) ? await readdir(directory).catch((): string[] => []) : [];
    if (!files.some((file) => /^lock\.\d+$/.test(file))) continue;
    const unlock = await lockDirectory(directory, { kind: 'directory', holder: 'another test run' }).catch(() => undefined);
    if (unlock === undefined) continue;
    await stopOrphans(join(directory, 'cluster'), log);
    await rm(directory, { recursive: true, force: true });
  }
}

/** Named by the content of the migrations: on a server that outlives the run, an edited migration makes a new template. */
async function prepareTemplate(pool: pg.Pool, serverUrl: string, migrationsDir: string): Promise<string> {
  const template = `stoa_template_${await contentHash(migrationsDir)}`;
  const client = await pool.connect();
  try {
    // Two runs on one server must not make the same template at once; any key but the migrations' own will do.
    await client.query('SELECT pg_advisory_lock(72707370)');
    const roles = await makeTestRoles(client);
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1 AND datistemplate', [template]);
    if (rowCount !== 0) return template;
    // What is there without the template mark is half made.
    await client.query(`DROP DATABASE IF EXISTS ${template} WITH (FORCE)`);
    await client.query(`CREATE DATABASE ${template}`);
    await migrate({ databaseUrl: withDatabase(serverUrl, template), migrationsDir, roles });
    await client.query(`ALTER DATABASE ${template} IS_TEMPLATE true`);
    return template;
  } finally {
    // Closes the session, and with it gives the lock back.
    client.release(true);
  }
}

async function contentHash(migrationsDir: string): Promise<string> {
  const hash = createHash('sha256');
  const names = (await readdir(migrationsDir, { recursive: true })).filter((name) => name.endsWith('.sql')).sort();
  for (const name of names)
    hash
      .update(name)
      .update('\0')
      .update(await readFile(join(migrationsDir, name)))
      .update('\0');
  return hash.digest('hex').slice(0, 16);
}

function withDatabase(serverUrl: string, name: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
}
