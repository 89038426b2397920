import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { compiled } from '@stoa/lib/testing/compiled.ts';

export type Running = {
  /** Where it answers probes. */
  readonly url: string | undefined;
  readonly pid: number;
  /** What it logged, newest last. */
  readonly log: readonly Record<string, unknown>[];
  isRunning(): boolean;
  /** SIGTERM: the way it is stopped in production. Answers the exit code. */
  stop(): Promise<number | null>;
  /** SIGKILL: nothing of its own making runs after this. */
  kill(): Promise<void>;
};

const root = fileURLToPath(new URL('../..', import.meta.url));
const startWithinMs = 60_000;
const maxLogLines = 2_000;

/**
 * Starts a runtime as a process of its own, as an operator does, with nothing in its environment but `env` and what Node needs. Resolves
 * when it says where it listens; rejects with what it printed when it ends before.
 */
export async function startRuntimeProcess(main: string, env: Record<string, string>): Promise<Running> {
  const child = spawn(process.execPath, [main], {
    cwd: root,
    env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', ...compiled(), ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  // A test run that is broken off must leave no process behind.
  const abandon = (): void => void child.kill('SIGKILL');
  process.once('exit', abandon);
  child.once('exit', () => process.off('exit', abandon));
  const log: Record<string, unknown>[] = [];
  const url = await listeningUrl(child, log);
  const ended = once(child, 'exit');
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill(signal);
      await ended;
    }
    return child.exitCode;
  };
  return {
    url,
    log,
    pid: child.pid ?? 0,
    isRunning: () => child.exitCode === null && child.signalCode === null,
    stop: () => end('SIGTERM'),
    kill: async () => void (await end('SIGKILL')),
  };
}

function listeningUrl(child: ChildProcess, log: Record<string, unknown>[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const printed: string[] = [];
    const timer = setTimeout(() => reject(new Error(`It does not listen after ${startWithinMs} ms:\n${printed.join('\n')}`)), startWithinMs);
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`It ended with ${code} before it listened:\n${printed.join('\n')}`)));
    createInterface({ input: child.stderr as NodeJS.ReadableStream }).on('line', (line) => {
      if (printed.length < maxLogLines) printed.push(line);
      const entry = parse(line);
      if (entry === undefined) return;
      if (log.length < maxLogLines) log.push(entry);
      if (typeof entry['url'] !== 'string' || !String(entry['msg']).endsWith(' listens.')) return;
      clearTimeout(timer);
      resolve(entry['url']);
    });
  });
}

function parse(line: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
