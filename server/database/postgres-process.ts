import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import type { Command } from './postgres-account.ts';

const keptLines = 20;
const lastWordsMs = 500;

/**
 * How a server is asked to stop, with growing force: "fast" and "immediate" of PostgreSQL ("Shutting Down the Server"), then the system's.
 * Committed data survives each. Together they take less than the shutdown of our own process may.
 */
export const escalation = [
  ['SIGINT', 6_000],
  ['SIGQUIT', 3_000],
  ['SIGKILL', 2_000],
] as const satisfies readonly (readonly [NodeJS.Signals, number])[];

/** A PostgreSQL program that was started: the end of its output, and its exit. */
export type PostgresProcess = {
  readonly child: ChildProcess;
  /** The last lines it wrote to stderr, oldest first. */
  readonly lastLines: readonly string[];
  /** Resolves with a description ("exit code 1") when the process has ended; never rejects. */
  readonly exited: Promise<string>;
};

const running = new Set<PostgresProcess>();
// Whatever ends this process, what it started ends with it.
process.on('exit', () => {
  for (const { child } of running) signalGroup(child, 'SIGQUIT');
});

/** Ends every PostgreSQL program that this process started, without waiting for what they do. */
export async function endAllNow(): Promise<void> {
  await Promise.all([...running].map((each) => stopProcess(each, escalation.slice(1))));
}

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
    child.once('exit', (code, signal) => {
      const end = signal === null ? `exit code ${code}` : `signal ${signal}`;
      // Its last words come with 'close', for which the sessions of a killed server may let one wait long.
      child.once('close', () => resolve(end));
      setTimeout(() => resolve(end), lastWordsMs).unref();
    });
  });
  const started = { child, lastLines, exited };
  running.add(started);
  void exited.then(() => running.delete(started));
  return started;
}

/** Stops a program with growing force. Resolves when it has ended. */
export async function stopProcess(
  { child, exited }: PostgresProcess,
  steps: readonly (readonly [NodeJS.Signals, number])[] = escalation,
): Promise<void> {
  for (const [signal, timeoutMs] of steps) {
    signalGroup(child, signal);
    const patience = new AbortController();
    const stopped = await Promise.race([exited.then(() => true), delay(timeoutMs, false, { signal: patience.signal }).catch(() => false)]);
    patience.abort();
    if (stopped) return;
  }
}

/** To the group that the program leads: initdb runs others. The sessions of a server lead groups of their own and end with it. */
function signalGroup({ pid, exitCode, signalCode }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined || exitCode !== null || signalCode !== null) return;
  signalIfAlive(process.platform === 'win32' ? pid : -pid, signal);
}

export function signalIfAlive(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
