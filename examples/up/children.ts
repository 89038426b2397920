import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, openSync, readFileSync, closeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ExpectedError } from '@stoa/lib/settings.ts';

type Child = { name: string; process: ChildProcess; logFile: string };
export type Program = { name: string; command: string; args?: string[]; env: Record<string, string>; readyUrl: string };

const readyWithinMs = 60_000;
const stopWithinMs = 15_000;

/** The programs that `make up` runs, each in a process group of its own: a Ctrl-C reaches only us, and we stop them in order. */
export class Children {
  readonly #children: Child[] = [];
  readonly #logDir: string;
  readonly #died = Promise.withResolvers<never>();
  #isStopping = false;

  constructor(logDir: string) {
    this.#logDir = logDir;
    mkdirSync(logDir, { recursive: true });
    this.#died.promise.catch(() => {});
  }

  /** Rejects when a program ends by itself. */
  get died(): Promise<never> {
    return this.#died.promise;
  }

  /** Starts a program and waits until its probe answers. Rejects, with the end of its log, when it ends before or takes too long. */
  async start({ name, command, args = [], env, readyUrl }: Program): Promise<void> {
    const logFile = join(this.#logDir, `${name}.log`);
    const log = openSync(logFile, 'w', 0o600);
    const child = spawn(command, args, { stdio: ['ignore', log, log], detached: true, env: { ...inherited(), ...env } });
    closeSync(log);
    child.once('error', (error) => this.#died.reject(new ExpectedError(`${name} could not be started: ${error.message}`)));
    child.once('exit', (code, signal) => {
      if (!this.#isStopping) this.#died.reject(new ExpectedError(`${name} ended by itself (${signal ?? `exit code ${code}`}). The end of ${logFile}:\n${tail(logFile)}`));
    });
    this.#children.push({ name, process: child, logFile });
    await Promise.race([answers(readyUrl, name, logFile), this.died]);
  }

  /** Stops all, the last started first; what does not stop in 15 s is killed. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    for (const { process: child } of this.#children.splice(0).reverse()) {
      if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) continue;
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), stopWithinMs);
      await exited;
      clearTimeout(timer);
    }
  }
}

/** Settings of ours in the caller's environment are meant for one program, and each refuses what it does not know. */
function inherited(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('STOA_') && name !== 'DATABASE_URL'));
}

async function answers(url: string, name: string, logFile: string): Promise<void> {
  const deadline = Date.now() + readyWithinMs;
  while (Date.now() < deadline) {
    const status = await fetch(url, { signal: AbortSignal.timeout(2_000) }).then((response) => response.status, () => 0);
    if (status === 200) return;
    await delay(50);
  }
  throw new ExpectedError(`${name} did not answer ${url} within ${readyWithinMs / 1000} s. The end of ${logFile}:\n${tail(logFile)}`);
}

const tail = (file: string): string => readFileSync(file, 'utf8').trimEnd().split('\n').slice(-10).join('\n');
