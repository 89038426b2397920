import { Connection } from './http1/connection.ts';
import type { AnswerTo, Line } from './http1/connection.ts';
import type { Outgoing } from './http1/request-text.ts';

/** A call, and the connection that carries it. */
export type Carried = AnswerTo & { carrier: Connection | undefined };

const sweepMs = 1000;

/**
 * Connections to one origin, each with one call at a time: who finds none free opens another, up to a bound, and then waits in turn. Undici's pool and
 * client do the same at three times the price: they go round by events, streams and timers for each call.
 */
export class Connections {
  readonly #line: Line;
  readonly #max: number;
  readonly #all = new Set<Connection>();
  /** The one used last comes first, so that no more are kept busy than are needed. */
  #free: Connection[] = [];
  /** Free once the event loop has gone round: a server that closes a connection after its answer without having said so is noticed by then. */
  #resting: Connection[] = [];
  #rested: Connection[] = [];
  readonly #waiting = new Map<Carried, Outgoing>();
  #isDue = false;
  #sweeper: NodeJS.Timeout | undefined;
  #closed: PromiseWithResolvers<void> | undefined;

  constructor(line: Line, max: number) {
    this.#line = line;
    this.#max = max;
  }

  /** Throws for a request that cannot be written. */
  dispatch(request: Outgoing, call: Carried): void {
    const connection = this.#take();
    if (connection === undefined) this.#waiting.set(call, request);
    else this.#carry(connection, request, call);
  }

  /** Has a call end that nobody waits for any more, whether it waits for a connection or has one. */
  cut(call: Carried): void {
    this.#waiting.delete(call);
    call.carrier?.cut(new Error('The call is over.'));
  }

  /** To be called at the last event of a call, whichever that is. */
  release(call: Carried): void {
    const { carrier } = call;
    if (carrier === undefined) return;
    call.carrier = undefined;
    this.#rest(carrier);
  }

  /** Waits for the calls under way and for those that wait. */
  async close(): Promise<void> {
    this.#closed = Promise.withResolvers();
    this.#closeIfDone();
    await this.#closed.promise;
    clearTimeout(this.#sweeper);
    for (const connection of [...this.#all]) connection.cut(new Error('The connections are closed.'));
  }

  /** A free one, or another where there may be more. */
  #take(): Connection | undefined {
    for (let free = this.#free.pop(); free !== undefined; free = this.#free.pop()) {
      if (free.isUsable && performance.now() < free.restsUntilMs) return free;
      free.cut(new Error('It has rested for too long.'));
    }
    if (this.#all.size >= this.#max) return undefined;
    const connection = new Connection(this.#line, this.#gone);
    this.#all.add(connection);
    return connection;
  }

  #carry(connection: Connection, request: Outgoing, call: Carried): void {
    call.carrier = connection;
    try {
      connection.send(request, call);
    } catch (error) {
      call.carrier = undefined;
      this.#rest(connection);
      throw error;
    }
  }

  #rest(connection: Connection): void {
    this.#resting.push(connection);
    if (this.#isDue) return;
    this.#isDue = true;
    setImmediate(this.#goOn);
  }

  readonly #gone = (connection: Connection): void => {
    this.#all.delete(connection);
  };

  readonly #goOn = (): void => {
    for (const connection of this.#rested) if (connection.isUsable) this.#free.push(connection);
    this.#rested = this.#resting;
    this.#resting = [];
    this.#isDue = this.#rested.length > 0;
    if (this.#isDue) setImmediate(this.#goOn);
    for (const [call, request] of this.#waiting) {
      const connection = this.#take();
      if (connection === undefined) break;
      this.#waiting.delete(call);
      try {
        this.#carry(connection, request, call);
      } catch (error) {
        call.failed(error as Error);
      }
    }
    this.#sweeper ??= setTimeout(this.#sweep, sweepMs).unref();
    this.#closeIfDone();
  };

  /** Closes those that have rested for as long as they may; they are found first by who looks for the one used least. */
  readonly #sweep = (): void => {
    const nowMs = performance.now();
    const over = this.#free.filter((connection) => !connection.isUsable || nowMs >= connection.restsUntilMs);
    if (over.length > 0) this.#free = this.#free.filter((connection) => !over.includes(connection));
    for (const connection of over) connection.cut(new Error('It has rested for too long.'));
    this.#sweeper = this.#free.length === 0 ? undefined : setTimeout(this.#sweep, sweepMs).unref();
  };

  #closeIfDone(): void {
    if (this.#closed === undefined || this.#waiting.size > 0) return;
    const free = new Set(this.#free);
    if ([...this.#all].every((connection) => free.has(connection))) this.#closed.resolve();
  }
}
