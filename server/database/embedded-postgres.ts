import { randomBytes } from 'node:crypto';
import { chown, mkdir, mkdtemp, readdir, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { readIfPresent, syncDirectory, writeDurably } from '@stoa/lib/durable-file.ts';
import { ExpectedError } from '@stoa/lib/errors.ts';
import type { Logger } from '@stoa/lib/log.ts';
import { lockDirectory } from '@stoa/lib/directory-lock.ts';
import { chooseAccount, commandAs } from './postgres-account.ts';
import type { Account } from './postgres-account.ts';
import { findPostgresBinaries } from './postgres-binaries.ts';
import type { PostgresBinaries } from './postgres-binaries.ts';
import { stopOrphans } from './postgres-orphans.ts';
import { startProcess, stopProcess } from './postgres-process.ts';
import type { PostgresProcess } from './postgres-process.ts';
import { PostgresSupervisor } from './postgres-supervisor.ts';

const user = 'stoa';
const database = 'stoa';
const maxStartAttempts = 5;

export type EmbeddedPostgres = {
  /** Connects to the database `stoa`. Holds the password: never log it. */
  url: string;
  /** Stops the server and gives the directory back. May be called more than once. */
  stop(): Promise<void>;
};

type Options = {
  /** Made when missing. Holds `cluster/`, `password` (0600) and the lock. */
  dataDir: string;
  log: Logger;
  /** For tests only: no fsync. A crash of the machine then loses data; a crash of a process does not. */
  throwaway?: boolean;
};

/**
 * Starts a PostgreSQL of our own on a free port of 127.0.0.1. The first start creates the cluster and its password; a later
 * one finds both, whatever killed the process in between. A server that ends by itself is started again. Throws `ExpectedError` when the directory is in use, the
 * platform has no binaries, or the server will not start, with the reason and the remedy.
 */
export async function startEmbeddedPostgres(options: Options): Promise<EmbeddedPostgres> {
  const binaries = await findPostgresBinaries();
  const dataDir = await prepareDirectory(options.dataDir);
  const unlock = await lockDirectory(dataDir, { kind: 'data directory', holder: 'another control plane' });
  try {
    const clusterDir = join(dataDir, 'cluster');
    const account = await chooseAccount(clusterDir);
    const cluster: Cluster = { ...options, binaries, dataDir, clusterDir, account };
    const password = await ensureCluster(cluster);
    await stopOrphans(clusterDir, options.log);
    return await keepServer(cluster, password, unlock);
  } catch (error) {
    await unlock();
    throw error;
  }
}

type Cluster = Options & { binaries: PostgresBinaries; clusterDir: string; account: Account };

async function prepareDirectory(path: string): Promise<string> {
  const absolute = resolve(path);
  try {
    // As root the server is another user, who must pass through to its cluster.
    await mkdir(absolute, { recursive: true, mode: process.getuid?.() === 0 ? 0o711 : 0o700 });
    // The lock, the orphan's command line and the ownership all compare paths: one spelling of them.
    return await realpath(absolute);
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new ExpectedError(`The data directory ${absolute} cannot be made (${reason}): correct it, or set DATABASE_URL.`, { cause: error });
  }
}

async function ensureCluster(cluster: Cluster): Promise<string> {
  const passwordPath = join(cluster.dataDir, 'password');
  const known = await readIfPresent(passwordPath);
  const exists = await stat(join(cluster.clusterDir, 'PG_VERSION')).then(
    () => true,
    () => false,
  );
  if (exists && known === undefined) {
    throw new ExpectedError(
      `The password of the database in ${cluster.dataDir} is missing: put the file ${passwordPath} back from a backup, or choose another data directory.`,
    );
  }
  const password = known ?? randomBytes(24).toString('base64url');
  if (known === undefined) await writeDurably(passwordPath, password);
  if (!exists) await createCluster(cluster, password);
  return password;
}

/** Made under another name and renamed when complete: a process killed meanwhile leaves litter, not half a cluster. */
async function createCluster(cluster: Cluster, password: string): Promise<void> {
  const { dataDir, clusterDir, account, binaries } = cluster;
  for (const name of await readdir(dataDir)) {
    if (name.startsWith('initializing-')) await rm(join(dataDir, name), { recursive: true });
  }
  const workDir = await mkdtemp(join(dataDir, 'initializing-'));
  const passwordFile = join(workDir, 'password');
  const newCluster = join(workDir, 'cluster');
  await writeFile(passwordFile, password, { mode: 0o600 });
  if (account !== undefined) for (const path of [workDir, passwordFile]) await chown(path, account.uid, account.gid);
  const args = [
    `--pgdata=${newCluster}`,
    `--username=${user}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    // The builtin provider sorts alike on every system: a cluster survives a new libc and a move to another machine.
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--no-instructions',
    ...(cluster.throwaway === true ? ['--no-sync'] : []),
  ];
  const initdb = startProcess(await commandAs(account, binaries.initdb, args, [workDir]), (line) => cluster.log.debug(line));
  const end = await initdb.exited;
  if (end !== 'exit code 0') throw startFailure('The embedded PostgreSQL could not create its database', end, initdb.lastLines);
  await rename(newCluster, clusterDir);
  await syncDirectory(dataDir);
  await rm(workDir, { recursive: true });
}

/** Starts the server on `port`, once nothing is left of an earlier one. A start that is given up leaves nothing. */
async function startServer(cluster: Cluster, port: number, signal?: AbortSignal): Promise<PostgresProcess> {
  const args = ['-D', cluster.clusterDir, ...serverSettings(port, cluster.throwaway === true).flatMap((entry) => ['-c', entry])];
  const command = await commandAs(cluster.account, cluster.binaries.postgres, args, [cluster.dataDir]);
  signal?.throwIfAborted();
  const ready = Promise.withResolvers<'ready'>();
  const server = startProcess(command, (line) => {
    if (line.includes('database system is ready to accept connections')) ready.resolve('ready');
    if (/ (WARNING|FATAL|PANIC): /.test(line)) cluster.log.warn({ postgres: line }, 'PostgreSQL says');
    else cluster.log.debug({ postgres: line }, 'PostgreSQL says');
  });
  const giveUp = () => void stopProcess(server);
  signal?.addEventListener('abort', giveUp, { once: true });
  const outcome = await Promise.race([ready.promise, server.exited]);
  signal?.removeEventListener('abort', giveUp);
  if (outcome === 'ready') return server;
  throw startFailure('The embedded PostgreSQL did not start', outcome, server.lastLines);
}

async function startFirst(cluster: Cluster): Promise<{ server: PostgresProcess; port: number }> {
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    try {
      return { server: await startServer(cluster, port), port };
    } catch (error) {
      // Another program took the port since it was found free, or sessions of a killed server have not all ended yet.
      const passing = /Address already in use|pre-existing shared memory block/.test(String(error));
      if (!passing || attempt === maxStartAttempts) throw error;
      await delay(200 * attempt);
    }
  }
}

/** Modest sizes, since it shares a machine with us; durability as PostgreSQL ships it, stated so that no one turns it off unseen. */
function serverSettings(port: number, throwaway: boolean): string[] {
  const durability = throwaway ? 'off' : 'on';
  return [
    `port=${port}`,
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    'max_connections=100',
    'shared_buffers=64MB',
    'jit=off',
    `fsync=${durability}`,
    `synchronous_commit=${durability}`,
    `full_page_writes=${durability}`,
    'timezone=UTC',
    'log_timezone=UTC',
    'lc_messages=C',
    'logging_collector=off',
    'log_destination=stderr',
    'log_min_messages=warning',
    // Statements and details hold rows, and rows hold what must not be logged.
    'log_error_verbosity=terse',
    'log_min_error_statement=panic',
    'log_statement=none',
  ];
}

/** Holds the password: never log it. */
export const embeddedUrl = (password: string, port: number, name = database): string => `postgresql://${user}:${password}@127.0.0.1:${port}/${name}`;

async function keepServer(cluster: Cluster, password: string, unlock: () => Promise<void>): Promise<EmbeddedPostgres> {
  const { server, port } = await startFirst(cluster);
  const startAgain = async (signal: AbortSignal) => {
    await stopOrphans(cluster.clusterDir, cluster.log);
    return startServer(cluster, port, signal);
  };
  const supervisor = new PostgresSupervisor(server, startAgain, cluster.log);
  let stopping: Promise<void> | undefined;
  const stop = () => (stopping ??= supervisor.stop().then(unlock));
  try {
    await ensureDatabase(embeddedUrl(password, port, 'postgres'));
  } catch (error) {
    await stop();
    throw error;
  }
  cluster.log.info({ data_dir: cluster.dataDir, port }, 'The embedded PostgreSQL is ready.');
  return { url: embeddedUrl(password, port), stop };
}

async function ensureDatabase(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  await client.connect();
  try {
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [database]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${client.escapeIdentifier(database)}`);
  } finally {
    await client.end();
  }
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve, reject) => probe.once('error', reject).listen({ host: '127.0.0.1', port: 0 }, resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise<void>((resolve) => probe.close(() => resolve()));
  return port;
}

function startFailure(sentence: string, end: string, lastLines: readonly string[]): ExpectedError {
  const output = lastLines.length === 0 ? 'It wrote nothing.' : `Its last lines:\n  ${lastLines.join('\n  ')}`;
  return new ExpectedError(`${sentence} (${end}); correct the cause or set DATABASE_URL. ${output}`);
}
