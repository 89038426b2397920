import type { Socket } from 'node:net';
import { AnswerReader } from './answer-reader.ts';
import type { AnswerHead } from './answer-head.ts';
import type { OpenSocket } from './open-socket.ts';
import { headOf } from './request-text.ts';
import type { Outgoing } from './request-text.ts';

/** Who waits for an answer. Of `answered` and `failed` one is called, once. None of them must throw. */
export type AnswerTo = {
  begun(head: AnswerHead): void;
  /** Lent for the time of the call. */
  piece(bytes: Buffer): void;
  /** All that has come by now was told, and there is more to come. */
  caughtUp?(): void;
  answered(): void;
  failed(error: Error): void;
};

export type Line = {
  readonly open: OpenSocket;
  /** The lines that every request has, each with its end: `host` among them. */
  readonly fixed: string;
};

/**
 * One connection to an upstream, which carries one call after the other and never two at once: an answer can only be that of the call that waits.
 * Whatever is not as it should be ends the connection.
 */
export class Connection {
  readonly #line: Line;
  /** Told once, when the connection can no longer be used. */
  readonly #gone: (connection: Connection) => void;
  readonly #reader: AnswerReader;
  #socket: Socket | undefined;
  #waiting: Outgoing | undefined;
  #call: AnswerTo | undefined;
  #isUsable = true;
  #isPaused = false;
  #calls = 0;
  /** Whether anything came since the last request was sent. */
  #hasAnswered = false;
  /** By the monotonic clock: not to be used later, since the server may close it at any time. */
  restsUntilMs = Infinity;

  constructor(line: Line, gone: (connection: Connection) => void) {
    this.#line = line;
    this.#gone = gone;
    this.#reader = new AnswerReader({
      begun: (head) => this.#call?.begun(head),
      piece: (bytes) => this.#call?.piece(bytes),
      ended: (head) => this.#ended(head),
    });
    line.open({ data: (bytes) => this.#read(bytes), end: () => this.#close(), close: (error) => this.#fail(error) }, (socket) =>
      this.#opened(socket),
    );
  }

  get isUsable(): boolean {
    return this.#isUsable && this.#call === undefined;
  }

  /** Whether the server may have closed it before it read the request: one that had rested and has answered nothing. */
  get isStale(): boolean {
    return this.#calls > 1 && !this.#hasAnswered;
  }

  /** Reads no more of the answer, until `resume`. */
  pause(): void {
    this.#isPaused = true;
    this.#socket?.pause();
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#socket?.resume();
  }

  /** Only when `isUsable`. Throws for a request that cannot be written, and is then as it was. */
  send(request: Outgoing, call: AnswerTo): void {
    const head = headOf(request, this.#line.fixed);
    this.#call = call;
    this.#calls += 1;
    this.#hasAnswered = false;
    this.#reader.expect(request.method);
    if (this.#socket === undefined) this.#waiting = request;
    else write(this.#socket, head, request.body);
  }

  /** Ends the connection, and the call on it. */
  cut(reason: Error): void {
    this.#fail(reason);
  }

  #opened(socket: Socket): void {
    this.#socket = socket;
    if (!this.#isUsable) return void socket.destroy();
    const request = this.#waiting;
    this.#waiting = undefined;
    if (request !== undefined) write(socket, headOf(request, this.#line.fixed), request.body);
  }

  #read(bytes: Buffer): void {
    if (!this.#isUsable) return;
    this.#hasAnswered = true;
    try {
      this.#reader.read(bytes);
      this.#call?.caughtUp?.();
    } catch (error) {
      this.#fail(error as Error);
    }
  }

  #close(): void {
    if (!this.#isUsable) return;
    try {
      this.#reader.close();
      this.#fail(undefined);
    } catch (error) {
      this.#fail(error as Error);
    }
  }

  #ended({ restMs }: AnswerHead): void {
    const call = this.#call;
    this.#call = undefined;
    this.resume();
    // Who answers before all of the request is there may take the rest for another one.
    if (restMs === 0 || (this.#socket?.writableLength ?? 0) > 0) this.#fail(undefined);
    else this.restsUntilMs = performance.now() + restMs;
    call?.answered();
  }

  #fail(error: Error | undefined): void {
    if (!this.#isUsable) return;
    this.#isUsable = false;
    this.#socket?.destroy();
    this.#gone(this);
    const call = this.#call;
    this.#call = undefined;
    call?.failed(error ?? new Error('other side closed'));
  }
}

/** Head and body in one piece where they are text of ASCII alone. */
function write(socket: Socket, head: string, body: string | Buffer | undefined): void {
  if (body === undefined) return void socket.write(head, 'latin1');
  if (typeof body === 'string' && Buffer.byteLength(body) === body.length) return void socket.write(head + body, 'latin1');
  socket.cork();
  socket.write(head, 'latin1');
  socket.write(body);
  socket.uncork();
}
