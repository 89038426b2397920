import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '@stoa/lib/log.ts';
import { stopProcess } from './postgres-process.ts';
import type { PostgresProcess } from './postgres-process.ts';
import { watchOver } from './postgres-watcher.ts';

const firstPauseMs = 100;
const longestPauseMs = 5_000;
const isSteadyAfterMs = 10_000;

/** Keeps a server running until it is told to stop: one that ends by itself is started again, with growing pauses while it does not stay. */
export class PostgresSupervisor {
  readonly #start: (signal: AbortSignal) => Promise<PostgresProcess>;
  readonly #log: Logger;
  readonly #stopping = new AbortController();
  readonly #running: Promise<void>;
  #server: PostgresProcess;

  /** `start` resolves once the server takes connections, on the same address each time; it rejects when its signal is aborted. */
  constructor(server: PostgresProcess, start: (signal: AbortSignal) => Promise<PostgresProcess>, log: Logger) {
    this.#server = server;
    this.#start = start;
    this.#log = log;
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await stopProcess(this.#server);
    await this.#running;
    // One that became ready at this very moment.
    await stopProcess(this.#server);
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    let failures = 0;
    while (!signal.aborted) {
      const since = performance.now();
      const dismiss = watchOver(this.#server.child.pid ?? 0);
      const reason = await this.#server.exited;
      dismiss();
      if (signal.aborted) return;
      failures = performance.now() - since > isSteadyAfterMs ? 0 : failures + 1;
      this.#log.error({ reason, last_lines: this.#server.lastLines }, 'The embedded PostgreSQL ended by itself; it is started again.');
      failures = await this.#startAgain(failures);
    }
  }

  /** Answers how often it has failed in a row. */
  async #startAgain(before: number): Promise<number> {
    const { signal } = this.#stopping;
    for (let failures = before; ; failures += 1) {
      const pauseMs = Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(failures, 10));
      await delay(pauseMs, undefined, { signal }).catch(() => {});
      if (signal.aborted) return failures;
      try {
        this.#server = await this.#start(signal);
        this.#log.info('The embedded PostgreSQL is ready again.');
        return failures;
      } catch (error) {
        if (!signal.aborted) this.#log.error({ err: error }, 'The embedded PostgreSQL could not be started again yet.');
      }
    }
  }
}
