import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ExpectedError } from '@stoa/lib/settings.ts';

/** `stops` says in which order programs are stopped: those of one word together, runtimes before what they talk to. */
export type Program = {
  name: string;
  command: string;
  args?: string[];
  env: Record<string, string>;
  readyUrl: string;
  stops: (typeof stopOrder)[number];
};
type Child = { program: Program; process: ChildProcess; endedAtMs: number[] };

const readyWithinMs = 60_000;
const stopOrder = ['first', 'second', 'last'] as const;
// More than our programs take themselves: a database that is stopped in the middle has to recover at the next start.
const stopWithinMs = 32_000;
const forceWithinMs = 4_000;
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
    if (this.#isStopping) throw new ExpectedError(`${program.name} is not started: everything is being stopped.`);
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

  /** Whether any was started: else the record of what runs is another run's. */
  get isAny(): boolean {
    return this.#children.length > 0;
  }

  get isStopping(): boolean {
    return this.#isStopping;
  }

  /** Stops all in order. What does not stop by itself is made to. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    for (const turn of stopOrder) {
      const due = this.#children.filter(({ program }) => program.stops === turn);
      await Promise.all(due.map(({ process: child }) => end(child, [['SIGTERM'], stopWithinMs], [forcing, forceWithinMs])));
    }
  }

  /** Ends all at once. */
  async force(): Promise<void> {
    this.#isStopping = true;
    await Promise.all(this.#children.map(({ process: child }) => end(child, [forcing, forceWithinMs])));
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

/** Two signals, which cannot become one on the way: our programs take the second for an order to end at once, whether they had one before or not. */
const forcing = ['SIGTERM', 'SIGINT'] as const;

/** Sends signals until the process has ended; SIGKILL when none has helped. */
async function end(child: ChildProcess, ...steps: [signals: readonly NodeJS.Signals[], patienceMs: number][]): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const exited = once(child, 'exit').then(() => true);
  for (const [signals, patienceMs] of steps) {
    for (const signal of signals) child.kill(signal);
    const patience = new AbortController();
    const ended = await Promise.race([exited, delay(patienceMs, false, { signal: patience.signal }).catch(() => false)]);
    patience.abort();
    if (ended) return;
  }
  child.kill('SIGKILL');
  await exited;
}
