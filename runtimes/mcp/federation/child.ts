import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import type { Logger } from '@stoa/lib/log.ts';
import { environmentOf } from './commands.ts';
import type { McpCommand } from './commands.ts';
import { maxMessageBytes } from './messages.ts';

export type ChildEvents = {
  /** A line that it wrote. @throws for one that is none of the protocol */
  onLine(line: Buffer): void;
  /** It has ended, or never began; called once. */
  onEnd(reason: string): void;
};

const [termAfterMs, killAfterMs] = [500, 3000];
const maxLogged = 500;
/** What waits for a process that does not read. */
const maxWaitingBytes = 32 * 1024 * 1024;
const lineFeed = 0x0a;

/** A process that speaks by lines, with a group of its own, so that nothing of it is left when it is ended. */
export class Child {
  readonly #process: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #events: ChildEvents;
  #rest: Buffer[] = [];
  #restBytes = 0;
  #hasEnded = false;
  readonly #gone = Promise.withResolvers<void>();

  constructor(command: McpCommand, log: Logger, events: ChildEvents) {
    this.#events = events;
    this.#process = spawn(command.command, command.args, {
      env: environmentOf(command),
      shell: false,
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const { stdin, stdout, stderr } = this.#process;
    this.#process.on('error', () => this.#gone.resolve());
    this.#process.on('close', () => this.#gone.resolve());
    this.#process.on('error', (error) => this.#end(`The command cannot be started: ${(error as NodeJS.ErrnoException).code ?? error.message}.`));
    this.#process.on('close', (code, signal) => this.#end(`The command has ended with ${signal ?? `status ${code ?? 0}`}.`));
    stdin.on('error', () => undefined);
    stdout.on('data', (chunk: Buffer) => this.#take(chunk));
    stderr.on('data', (chunk: Buffer) =>
      log.debug({ stderr: chunk.toString('utf8').slice(0, maxLogged) }, 'An MCP command wrote to its standard error.'),
    );
  }

  write(message: string): void {
    if (this.#hasEnded) return;
    if (this.#process.stdin.writableLength > maxWaitingBytes) return this.#giveUp('The command does not read what it is sent.');
    this.#process.stdin.write(`${message}\n`);
  }

  /** Asks it to end, and makes it. Resolves once it is gone. */
  stop(): Promise<void> {
    this.#process.stdin.end();
    if (this.#hasEnded) this.#signal('SIGKILL');
    const terming = setTimeout(() => this.#signal('SIGTERM'), termAfterMs);
    const killing = setTimeout(() => this.#signal('SIGKILL'), killAfterMs);
    return this.#gone.promise.finally(() => {
      clearTimeout(terming);
      clearTimeout(killing);
    });
  }

  #take(chunk: Buffer): void {
    let from = 0;
    for (let at = chunk.indexOf(lineFeed); at >= 0; at = chunk.indexOf(lineFeed, from)) {
      const line = Buffer.concat([...this.#rest, chunk.subarray(from, at)]);
      this.#rest = [];
      this.#restBytes = 0;
      from = at + 1;
      this.#line(line);
      if (this.#hasEnded) return;
    }
    if (from === chunk.length) return;
    this.#rest.push(chunk.subarray(from));
    this.#restBytes += chunk.length - from;
    if (this.#restBytes > maxMessageBytes) this.#giveUp(`The command broke the protocol: what it sent is larger than ${maxMessageBytes} bytes.`);
  }

  #line(line: Buffer): void {
    if (line.toString('latin1').trim() === '') return;
    try {
      this.#events.onLine(line);
    } catch (error) {
      this.#giveUp(`The command broke the protocol: ${(error as Error).message}.`);
    }
  }

  #giveUp(reason: string): void {
    this.#end(reason);
    this.#signal('SIGKILL');
  }

  #end(reason: string): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#rest = [];
    this.#events.onEnd(reason);
    // What it started may have outlived it.
    this.#signal('SIGKILL');
  }

  /** To the whole group. */
  #signal(signal: 'SIGTERM' | 'SIGKILL'): void {
    const { pid } = this.#process;
    if (pid === undefined) return;
    try {
      process.kill(-pid, signal);
    } catch {
      // There is nobody left.
    }
  }
}
