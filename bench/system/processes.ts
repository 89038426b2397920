import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ExpectedError } from '@stoa/lib/errors.ts';
import type { CommandName, LoadGenerator, Reply, Request } from '../load/commands.ts';
import { pinned } from './cores.ts';

export type Started = { name: string; pid: number; stop(): Promise<void> };
export type Program = {
  name: string;
  command: string;
  args?: readonly string[];
  env?: Record<string, string>;
  cores: readonly number[] | undefined;
  /** Answers true once the program can be used. */
  isReady: () => Promise<boolean>;
};

const readyWithinMs = 60_000;
const stopWithinMs = 20_000;

/** The processes of a run, each with a log in `dir`. `stop` ends them all, the last first. */
export class Processes {
  readonly #dir: string;
  readonly #started: Started[] = [];

  constructor(dir: string) {
    this.#dir = dir;
  }

  /** Starts a program and waits until it is ready. Rejects, with the end of its log, when it ends before that or takes too long. */
  async start({ name, command, args = [], env = {}, cores, isReady }: Program): Promise<Started> {
    const logFile = join(this.#dir, `${name}.log`);
    const log = openSync(logFile, 'a', 0o600);
    const run = pinned(cores, command, args);
    const child = spawn(run.command, run.args, { stdio: ['ignore', log, log], env: { ...cleanEnvironment(), ...env } });
    closeSync(log);
    const started = { name, pid: child.pid ?? 0, stop: () => stopChild(child) };
    this.#started.push(started);
    const deadline = Date.now() + readyWithinMs;
    while (!(await isReady().catch(() => false))) {
      if (child.exitCode !== null || Date.now() > deadline)
        throw new ExpectedError(`${name} did not come up. The end of ${logFile}:\n${endOf(logFile)}`);
      await delay(50);
    }
    return started;
  }

  /** A load generator, which does what it is told to (load/commands.ts). */
  startLoad(cores: readonly number[] | undefined): LoadGenerator {
    const run = pinned(cores, process.execPath, [join(import.meta.dirname, '../load/main.ts')]);
    const child = spawn(run.command, run.args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], env: cleanEnvironment() });
    this.#started.push({ name: 'load', pid: child.pid ?? 0, stop: () => stopChild(child) });
    const waiting = new Map<number, (reply: Reply) => void>();
    child.on('message', (reply: Reply) => {
      waiting.get(reply.id)?.(reply);
      waiting.delete(reply.id);
    });
    child.once('exit', () => {
      for (const [id, tell] of waiting) tell({ id, error: 'The load generator ended by itself.' });
    });
    let last = 0;
    const ask = async (name: CommandName, argument: unknown): Promise<unknown> => {
      const id = (last += 1);
      const reply = await new Promise<Reply>((resolve) => {
        waiting.set(id, resolve);
        const request: Request = { id, name, argument };
        child.send(request, (error) => error !== null && resolve({ id, error: error.message }));
      });
      if ('error' in reply) throw new ExpectedError(`The measurement is void: ${reply.error}`);
      return reply.result;
    };
    return ask as LoadGenerator;
  }

  async stop(): Promise<void> {
    for (const started of this.#started.splice(0).reverse()) await started.stop();
  }
}

export async function freePort(): Promise<number> {
  const server = createServer();
  const listening = once(server, 'listening');
  server.listen(0, '127.0.0.1');
  await listening;
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export async function answers(url: string): Promise<boolean> {
  return (await fetch(url, { signal: AbortSignal.timeout(2_000) })).ok;
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), stopWithinMs);
  await exited;
  clearTimeout(timer);
}

function endOf(file: string): string {
  return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-10).join('\n');
}

/** Settings of ours are meant for one program each; what measures must not be told to debug. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('STOA_') && name !== 'DATABASE_URL' && name !== 'NODE_OPTIONS');
  return { ...Object.fromEntries(kept), NODE_ENV: 'production' };
}
