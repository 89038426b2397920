import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Running } from '@stoa/contract-tests/subjects/runtime-process.ts';

const maxLogLines = 500;
const stopWithinMs = 20_000;
/** What ends each subject that runs, should the kit end before it. One listener for all: all cases run side by side. */
const abandons = new Set<() => void>();
process.once('exit', () => {
  for (const abandon of abandons) abandon();
});

/**
 * Starts the subject by a command of the shell, in a process group of its own, with `env` beside the environment of the kit. What it prints on stderr is
 * read: a line of JSON with a `url` and a message that ends in "listens." says where it answers probes, as our own runtimes say it.
 */
export async function startAgent(command: string, env: Record<string, string>): Promise<Running> {
  const child = spawn('/bin/sh', ['-c', `exec ${command}`], { env: { ...process.env, ...env }, stdio: ['ignore', 'ignore', 'pipe'], detached: true });
  const signal = (name: NodeJS.Signals): void => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, name);
    } catch {
      // The group is gone already.
    }
  };
  const abandon = (): void => signal('SIGKILL');
  abandons.add(abandon);
  child.once('exit', () => abandons.delete(abandon));
  await once(child, 'spawn');
  const ended = once(child, 'exit');
  const log: Record<string, unknown>[] = [];
  let url: string | undefined;
  createInterface({ input: child.stderr as NodeJS.ReadableStream }).on('line', (line) => {
    const entry = parse(line) ?? { msg: line.slice(0, 1000) };
    if (log.length < maxLogLines) log.push(entry);
    if (typeof entry['url'] === 'string' && String(entry['msg']).endsWith(' listens.')) url = entry['url'];
  });
  const end = async (name: NodeJS.Signals): Promise<number | null> => {
    if (isRunning(child)) {
      signal(name);
      // One that does not obey is not waited for: its exit code says that it was killed.
      const timer = setTimeout(() => signal('SIGKILL'), stopWithinMs);
      await ended;
      clearTimeout(timer);
    }
    return child.exitCode;
  };
  return {
    get url() {
      return url;
    },
    log,
    pid: child.pid ?? 0,
    isRunning: () => isRunning(child),
    stop: () => end('SIGTERM'),
    kill: async () => void (await end('SIGKILL')),
  };
}

const isRunning = (child: ChildProcess): boolean => child.exitCode === null && child.signalCode === null;

function parse(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
