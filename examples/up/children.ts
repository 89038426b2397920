import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ExpectedError } from '@stoa/lib/settings.ts';

export type Program = { name: string; command: string; args?: string[]; env: Record<string, string>; readyUrl: string };
type Child = { program: Program; process: ChildProcess; endedAtMs: number[] };

const readyWithinMs = 60_000;
const stopWithinMs = 15_000;
const restartAfterMs = 2_000;
const maxEndsPerMinute = 3;

/**
 * The programs that `make up` runs, each in a process group of its own: a Ctrl-C reaches only us, and we stop them in order. One that ends by itself
 * is started again, so that one can be killed to see what the others do without it.
 */
export class Children {
  readonly #children: Child[] = [];
  readonly #logDir: string;
  readonly #failed = Promise.withResolvers<never>();
  readonly #started: (pids: Record<string, number>) => void;
  #isStopping = false;

  /** `started` is told the process ids by name whenever a program is started, for the first time or again. */
  constructor(logDir: string, started: (pids: Record<string, number>) => void) {
    this.#logDir = logDir;
    this.#started = started;
    mkdirSync(logDir, { recursive: true });
    this.#failed.promise.catch(() => {});
  }

  /** Rejects when a program cannot be kept running. */
  get failed(): Promise<never> {
    return this.#failed.promise;
  }

  /** Starts a program and waits until its probe answers. Rejects, with the end of its log, when it ends before or takes too long. */
  async start(program: Program): Promise<void> {
    const child: Child = { program, process: this.#spawn(program, 'w'), endedAtMs: [] };
    this.#children.push(child);
    this.#tell();
    let isReady = false;
    const ended = once(child.process, 'exit').then(([code, signal]) => {
      if (!isReady)
        throw new ExpectedError(`${program.name} ended by itself (${String(signal ?? `exit code ${String(code)}`)}). ${this.#endOfLog(program)}`);
    });
    ended.catch(() => {});
    await Promise.race([this.#answers(program), ended]);
    isReady = true;
    this.#keepRunning(child);
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

  #tell(): void {
    this.#started(Object.fromEntries(this.#children.map(({ program, process: child }) => [program.name, child.pid ?? 0])));
  }

  #keepRunning(child: Child): void {
    const { program } = child;
    child.process.once('exit', (code, signal) => {
      if (this.#isStopping) return;
      const now = Date.now();
      child.endedAtMs = [...child.endedAtMs.filter((time) => time > now - 60_000), now];
      const how = signal ?? `exit code ${code}`;
      if (child.endedAtMs.length > maxEndsPerMinute) {
        this.#failed.reject(new ExpectedError(`${program.name} ended again and again (${how}). ${this.#endOfLog(program)}`));
        return;
      }
      console.log(`${program.name} ended by itself (${how}); it is started again in ${restartAfterMs / 1000} s.`);
      setTimeout(() => {
        if (this.#isStopping) return;
        child.process = this.#spawn(program, 'a');
        this.#keepRunning(child);
        this.#tell();
      }, restartAfterMs);
    });
  }

  #spawn({ name, command, args = [], env }: Program, flags: 'w' | 'a'): ChildProcess {
    const log = openSync(this.#logFile(name), flags, 0o600);
    const child = spawn(command, args, { stdio: ['ignore', log, log], detached: true, env: { ...inherited(), ...env } });
    closeSync(log);
    child.once('error', (error) => this.#failed.reject(new ExpectedError(`${name} could not be started: ${error.message}`)));
    return child;
  }

  async #answers(program: Program): Promise<void> {
    const deadline = Date.now() + readyWithinMs;
    while (Date.now() < deadline) {
      const status = await fetch(program.readyUrl, { signal: AbortSignal.timeout(2_000) }).then(
        (response) => response.status,
        () => 0,
      );
      if (status === 200) return;
      await delay(50);
    }
    throw new ExpectedError(`${program.name} did not answer ${program.readyUrl} within ${readyWithinMs / 1000} s. ${this.#endOfLog(program)}`);
  }

  #endOfLog({ name }: Program): string {
    const lines = readFileSync(this.#logFile(name), 'utf8').trimEnd().split('\n').slice(-10);
    return `The end of ${this.#logFile(name)}:\n${lines.join('\n')}`;
  }

  #logFile(name: string): string {
    return join(this.#logDir, `${name}.log`);
  }
}

/** Settings of ours in the caller's environment are meant for one program, and each refuses what it does not know. */
function inherited(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('STOA_') && name !== 'DATABASE_URL'));
}
