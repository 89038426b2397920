import type { Dispatcher } from 'undici';
import buildConnector from 'undici/lib/core/connect.js';
import Client from 'undici/lib/dispatcher/client.js';

/** A call that is made on a connection. */
export type Carried = Dispatcher.DispatchHandler & {
  /** The connection that carries it, until undici is done with it; set by `Connections`. */
  carrier: Dispatcher | undefined;
};

export type ConnectionsOptions = Pick<Client.Options, 'headersTimeout' | 'bodyTimeout'> & {
  readonly connections: number;
  readonly connect: Parameters<typeof buildConnector>[0];
};

/**
 * Connections to one origin, of which each carries one call at a time, and calls that wait for one in their order. It does what undici's pool does
 * at a third of the price: that looks through all connections for a free one, and goes round three times by events and timers for each call.
 */
export class Connections {
  readonly #open: () => Dispatcher;
  readonly #max: number;
  readonly #all: Dispatcher[] = [];
  /** The one used last comes first, so that no more are kept busy than are needed. */
  readonly #free: Dispatcher[] = [];
  /** Free from the next turn of the event loop on: a server that closes a connection after its answer without having said so is noticed by then. */
  #resting: Dispatcher[] = [];
  readonly #waiting = new Map<Carried, Dispatcher.DispatchOptions>();
  #closed: PromiseWithResolvers<void> | undefined;

  constructor(origin: string, { connections, connect, ...options }: ConnectionsOptions) {
    // One for all of them, since it keeps the TLS sessions that the next may go on with.
    const connector = buildConnector({ ...connect, allowH2: false });
    // Of two calls at once on a connection there are never any: it spares one turn of the event loop after each answer, see #resting.
    this.#open = () => new Client(origin, { ...options, connect: connector, allowH2: false, pipelining: 2 });
    this.#max = connections;
  }

  dispatch(options: Dispatcher.DispatchOptions, call: Carried): void {
    const connection = this.#free.pop() ?? this.#another();
    if (connection === undefined) this.#waiting.set(call, options);
    else this.#carry(connection, options, call);
  }

  /** Has a call that waits for a connection wait no longer. */
  forget(call: Carried): void {
    this.#waiting.delete(call);
  }

  /** To be called at the last event of a call, whichever that is. */
  release(call: Carried): void {
    const { carrier } = call;
    if (carrier === undefined) return;
    call.carrier = undefined;
    if (this.#resting.push(carrier) === 1) setImmediate(this.#goOn);
  }

  /** Waits for the calls under way and for those that wait. */
  async close(): Promise<void> {
    this.#closed = Promise.withResolvers();
    this.#closeIfDone();
    await this.#closed.promise;
    await Promise.all(this.#all.map((connection) => connection.close()));
  }

  #another(): Dispatcher | undefined {
    if (this.#all.length >= this.#max) return undefined;
    const connection = this.#open();
    this.#all.push(connection);
    return connection;
  }

  #carry(connection: Dispatcher, options: Dispatcher.DispatchOptions, call: Carried): void {
    call.carrier = connection;
    connection.dispatch(options, call);
  }

  readonly #goOn = (): void => {
    const rested = this.#resting;
    this.#resting = [];
    this.#free.push(...rested);
    for (const [call, options] of this.#waiting) {
      const connection = this.#free.pop();
      if (connection === undefined) break;
      this.#waiting.delete(call);
      this.#carry(connection, options, call);
    }
    this.#closeIfDone();
  };

  #closeIfDone(): void {
    if (this.#closed !== undefined && this.#free.length === this.#all.length) this.#closed.resolve();
  }
}
