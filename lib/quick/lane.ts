import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { Server as TlsServer } from 'node:tls';
import { QuickConnection } from './connection.ts';
import type { QuickHandler, Shared } from './connection.ts';

/** How long the rest of a request may take before the connection is Node's, which knows how to wait. */
const patienceMs = 1_000;

/**
 * Answers requests in their plainest form from the socket, at a third of what they cost through Node's server, whose streams and events are for every form that a
 * request can have. A connection whose next bytes are anything else is given to Node's server with these bytes, for good: so that there is one reader, with
 * its strictness and its time limits, of everything that could be read in two ways.
 */
export class QuickLane implements Shared {
  readonly server: Server;
  readonly handler: QuickHandler;
  readonly #ordinary: (socket: Socket) => void;
  readonly #all = new Set<QuickConnection>();
  readonly #incomplete = new Set<QuickConnection>();
  #sweeper: NodeJS.Timeout | undefined;
  #toldAt = 0;
  #isToldClosing = false;
  #end = '';
  #endWithDate = '';
  isClosing = false;

  constructor(server: Server, handler: QuickHandler) {
    this.server = server;
    this.handler = handler;
    const event = server instanceof TlsServer ? 'secureConnection' : 'connection';
    const [ordinary] = server.listeners(event) as ((this: Server, socket: Socket) => void)[];
    if (ordinary === undefined) throw new Error(`The server does not listen for '${event}'.`);
    server.removeListener(event, ordinary);
    server.prependListener(event, (socket: Socket) => this.#all.add(new QuickConnection(this, socket)));
    this.#ordinary = (socket) => ordinary.call(server, socket);
  }

  handOver(connection: QuickConnection, socket: Socket, bytes: Buffer | undefined): void {
    this.forget(connection);
    if (bytes !== undefined) socket.unshift(bytes);
    this.#ordinary(socket);
  }

  waitFor(connection: QuickConnection): void {
    this.#incomplete.add(connection);
    if (this.#sweeper !== undefined) return;
    const before = new Set(this.#incomplete);
    this.#sweeper = setTimeout(() => this.#sweep(before), patienceMs).unref();
  }

  waitNoLonger(connection: QuickConnection): void {
    this.#incomplete.delete(connection);
  }

  forget(connection: QuickConnection): void {
    this.#all.delete(connection);
    this.#incomplete.delete(connection);
  }

  readonly endOfHead = (tellsDate: boolean): string => {
    const now = Math.floor(Date.now() / 1000);
    if (now !== this.#toldAt || this.#isToldClosing !== this.isClosing) {
      this.#toldAt = now;
      this.#isToldClosing = this.isClosing;
      const seconds = Math.floor(this.server.keepAliveTimeout / 1000);
      const connection = this.isClosing ? 'Connection: close' : `Connection: keep-alive\r\nKeep-Alive: timeout=${seconds}`;
      this.#end = `${connection}\r\n\r\n`;
      this.#endWithDate = `Date: ${new Date(now * 1000).toUTCString()}\r\n${this.#end}`;
    }
    return tellsDate ? this.#end : this.#endWithDate;
  };

  /** Lets what is under way end, each the last on its connection. */
  close(): void {
    this.isClosing = true;
    for (const connection of [...this.#all]) connection.closeIfIdle();
  }

  /** Ends all connections at once. */
  cut(): void {
    for (const connection of [...this.#all]) connection.cut();
  }

  /** Those that were there a while ago and still wait. */
  #sweep(before: ReadonlySet<QuickConnection>): void {
    for (const connection of before) if (this.#incomplete.has(connection)) connection.handOver();
    this.#sweeper = undefined;
    const [another] = this.#incomplete;
    if (another !== undefined) this.waitFor(another);
  }
}

const lanes = new WeakMap<Server, QuickLane>();

/** Has `handler` asked first for requests in their plainest form. To be called before the server listens. */
export function installQuickLane(server: Server, handler: QuickHandler): void {
  lanes.set(server, new QuickLane(server, handler));
}

export const quickLaneOf = (server: Server): QuickLane | undefined => lanes.get(server);
