import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { readIfPresent } from '@stoa/lib/durable-file.ts';
import { ExpectedError } from '@stoa/lib/errors.ts';
import type { Logger } from '@stoa/lib/log.ts';
import type { Command } from './postgres-account.ts';
import { commandLine } from '@stoa/lib/process-identity.ts';

const keptLines = 20;
const fastStopMs = 30_000;
const immediateStopMs = 10_000;

/** A PostgreSQL program that was started: the end of its output, and its exit. */
export type PostgresProcess = {
  readonly child: ChildProcess;
  /** The last lines it wrote to stderr, oldest first. */
  readonly lastLines: readonly string[];
  /** Resolves with a description ("exit code 1") when the process has ended; never rejects. */
  readonly exited: Promise<string>;
};

/** Starts a program; every line it writes to stderr goes to `onLine`. */
export function startProcess(command: Command, onLine: (line: string) => void): PostgresProcess {
  const child = spawn(command.file, command.args, {
    ...command.ids,
    stdio: ['ignore', 'ignore', 'pipe'],
    // A group of its own: Ctrl-C in a terminal must reach us alone, or the database is gone before we have drained.
    detached: true,
    // Nothing of our environment: it may hold secrets, and PG* variables would change what the server does.
    env: { PATH: process.env['PATH'] ?? '', LC_ALL: 'C', TZ: 'UTC' },
  });
  const lastLines: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => {
    lastLines.push(line);
    if (lastLines.length > keptLines) lastLines.shift();
    onLine(line);
  });
  const exited = new Promise<string>((resolve) => {
    child.on('error', (error) => resolve(error.message));
    child.on('close', (code, signal) => resolve(signal === null ? `exit code ${code}` : `signal ${signal}`));
  });
  return { child, lastLines, exited };
}

/** "Fast" shutdown, then "immediate" (PostgreSQL, "Shutting Down the Server"): committed data survives either. */
export async function stopProcess({ child, exited }: PostgresProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  for (const [signal, timeoutMs] of [
    ['SIGINT', fastStopMs],
    ['SIGQUIT', immediateStopMs],
  ] as const) {
    child.kill(signal);
    const patience = new AbortController();
    const stopped = await Promise.race([exited.then(() => true), delay(timeoutMs, false, { signal: patience.signal }).catch(() => false)]);
    patience.abort();
    if (stopped) return;
  }
  child.kill('SIGKILL');
  await exited;
}

/**
 * Stops the server that a killed control plane left running on `clusterDir`. The caller holds the directory's lock, so
 * such a server has no owner; it is not adopted, because its port, password and output belong to the dead process.
 */
export async function stopOrphan(clusterDir: string, log: Logger): Promise<void> {
  const pidFile = await readIfPresent(join(clusterDir, 'postmaster.pid'));
  const pid = Number(pidFile?.split('\n')[0]);
  if (!Number.isSafeInteger(pid) || pid <= 1) return;
  const runs = async () => {
    const command = await commandLine(pid);
    return command.includes('postgres') && command.includes(clusterDir);
  };
  if (!(await runs())) {
    // After a container's restart the pid often belongs to someone else, and PostgreSQL would take him for its older self.
    if ((await commandLine(pid)) !== '') await rm(join(clusterDir, 'postmaster.pid'));
    return;
  }
  log.warn({ pid }, 'A PostgreSQL left by a killed control plane still runs on the data directory: stopping it.');
  for (const [signal, timeoutMs] of [
    ['SIGINT', fastStopMs],
    ['SIGQUIT', immediateStopMs],
  ] as const) {
    signalIfAlive(pid, signal);
    const deadline = performance.now() + timeoutMs;
    // Not our child: the system tells nobody but its parent, so its end can only be polled.
    while (performance.now() < deadline) {
      if (!(await runs())) return;
      await delay(20);
    }
  }
  throw new ExpectedError(`A PostgreSQL (pid ${pid}) from an earlier run still uses ${clusterDir} and does not stop: end it, then start again.`);
}

function signalIfAlive(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
