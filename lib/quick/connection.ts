import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { readPlainFields, readPlainHead } from './head.ts';
import type { PlainFields, PlainHead } from './head.ts';
import { OrdinaryExchange } from './ordinary-exchange.ts';
import { QuickReply } from './reply.ts';
import type { HeadText, Piece, QuickMessage } from './reply.ts';

const headEnd = Buffer.from('\r\n\r\n');
/** A request larger than this is read by Node's server, which can stop in the middle. */
const maxRequestBytes = 64 * 1024;
/** Headers of ordinary size are kept, since clients send the same ones again and again. */
const maxKeptFields = 2_048;

/** Takes a request and answers it, now or later; or leaves it, by false, to those who listen for requests. Must not throw. */
export type QuickHandler = (request: QuickMessage, reply: QuickReply) => boolean;

/** What all connections of a server share. */
export type Shared = {
  readonly server: Server;
  readonly handler: QuickHandler;
  readonly isClosing: boolean;
  /** The lines that end the head of an answer, which tells its date itself or not. */
  readonly endOfHead: (tellsDate: boolean) => string;
  /** The rest of its request is on the way. */
  waitFor(connection: QuickConnection): void;
  waitNoLonger(connection: QuickConnection): void;
  /** Gives a connection to Node's server, with what was read of it. */
  handOver(connection: QuickConnection, socket: Socket, bytes: Buffer | undefined): void;
  forget(connection: QuickConnection): void;
};

/** One connection of the quick lane: one request at a time, each answered before the next is looked at. */
export class QuickConnection {
  readonly #lane: Shared;
  readonly socket: Socket;
  #held: Buffer | undefined;
  #lastText = '';
  #lastFields: PlainFields | undefined;
  #hasServed = false;
  /** What is under way; one at most. */
  #reply: QuickReply | undefined;
  #exchange: OrdinaryExchange | undefined;
  #head: PlainHead | undefined;
  /** The client does not read as fast as it is answered. */
  #isFull = false;

  constructor(lane: Shared, socket: Socket) {
    this.#lane = lane;
    this.socket = socket;
    socket
      .on('data', this.#received)
      .on('end', this.#ended)
      .on('close', this.#closed)
      .on('error', ignore)
      .on('timeout', this.#rested)
      .on('drain', this.#drained);
    socket.setTimeout(lane.server.headersTimeout);
  }

  get #isBusy(): boolean {
    return this.#reply !== undefined || this.#exchange !== undefined || this.#isFull;
  }

  /** Ends the connection where nothing is under way on it, and nothing has come of a request. */
  closeIfIdle(): void {
    if (!this.#isBusy && this.#held === undefined) this.socket.destroy();
  }

  cut(): void {
    this.socket.destroy();
  }

  /** Node's server goes on with what has come, whatever it is. */
  handOver(): void {
    const bytes = this.#held;
    this.#held = undefined;
    const socket = this.socket;
    socket
      .off('data', this.#received)
      .off('end', this.#ended)
      .off('close', this.#closed)
      .off('error', ignore)
      .off('timeout', this.#rested)
      .off('drain', this.#drained);
    socket.setTimeout(0);
    this.#lane.handOver(this, socket, bytes);
  }

  /** Sends the whole answer to the request under way. */
  answer(reply: QuickReply, { text, tellsDate }: HeadText, pieces: readonly Piece[], encoding: 'latin1' | 'utf8'): void {
    if (reply !== this.#reply) return;
    this.#reply = undefined;
    this.#isFull = !write(this.socket, `${text}${this.#lane.endOfHead(tellsDate)}`, pieces, encoding);
    this.#goOn();
  }

  /** Sends the head of an answer whose body comes piece by piece. */
  begin(reply: QuickReply, { text, tellsDate }: HeadText): void {
    if (reply === this.#reply) this.#isFull = !this.socket.write(`${text}${this.#lane.endOfHead(tellsDate)}`, 'latin1');
  }

  /** Sends a piece of it. False where the client does not read as fast. */
  pass(reply: QuickReply, piece: Piece): boolean {
    if (reply === this.#reply) this.#isFull = typeof piece === 'string' ? !this.socket.write(piece, 'latin1') : !this.socket.write(piece);
    return !this.#isFull;
  }

  /** The answer is whole. */
  finish(reply: QuickReply): void {
    if (reply !== this.#reply) return;
    this.#reply = undefined;
    this.#goOn();
  }

  #goOn(): void {
    if (this.#lane.isClosing) this.socket.destroySoon();
    else this.#next();
  }

  /** Those who listen for requests answer the request under way. */
  leave(reply: QuickReply, body: Buffer): void {
    if (reply !== this.#reply) return;
    this.#reply = undefined;
    this.#exchange = new OrdinaryExchange(this.#lane.server, this.socket, this);
    this.#exchange.begin(this.#head as PlainHead, body);
  }

  /** An ordinary answer is whole; `isLast` when it has told the client so. */
  answered(isLast: boolean): void {
    this.#exchange = undefined;
    if (isLast) this.socket.destroySoon();
    else this.#goOn();
  }

  readonly #received = (bytes: Buffer): void => {
    const wasHeld = this.#held !== undefined;
    this.#held = this.#held === undefined ? bytes : Buffer.concat([this.#held, bytes]);
    // Whoever sends the next request before it has the answer is let go on when it has.
    if (this.#isBusy) this.socket.pause();
    else this.#read(this.#held, wasHeld);
  };

  #read(bytes: Buffer, isSecondTime: boolean): void {
    const end = bytes.indexOf(headEnd);
    const head = end < 0 ? undefined : readPlainHead(bytes.toString('latin1', 0, end), this.#fieldsOf);
    if (head === undefined) return this.handOver();
    const bodyAt = end + headEnd.length;
    const left = bodyAt + head.length - bytes.length;
    if (left > 0 && !isSecondTime && bodyAt + head.length <= maxRequestBytes) return this.#lane.waitFor(this);
    if (left !== 0) return this.handOver();
    this.#held = undefined;
    if (isSecondTime) this.#lane.waitNoLonger(this);
    this.#serve(head, bytes.subarray(bodyAt));
  }

  readonly #fieldsOf = (text: string): PlainFields | undefined => {
    if (text === this.#lastText) return this.#lastFields;
    const fields = readPlainFields(text);
    if (fields !== undefined && text.length <= maxKeptFields) {
      this.#lastText = text;
      this.#lastFields = fields;
    }
    return fields;
  };

  #serve(head: PlainHead, body: Buffer): void {
    if (!this.#hasServed) {
      this.#hasServed = true;
      this.socket.setTimeout(this.#lane.server.keepAliveTimeout);
    }
    const reply = new QuickReply(this, head, body);
    this.#head = head;
    this.#reply = reply;
    if (!this.#lane.handler(reply.req, reply)) reply.leave();
  }

  #next(): void {
    if (this.#isBusy || !this.socket.isPaused()) return;
    // There is more than one request in what has come.
    if (this.#held !== undefined) this.handOver();
    this.socket.resume();
  }

  readonly #drained = (): void => {
    this.#isFull = false;
    this.#exchange?.drained();
    this.#reply?.drained();
    this.#next();
  };

  readonly #ended = (): void => {
    this.#reply?.abandon();
    this.socket.end();
  };

  readonly #closed = (): void => {
    this.#lane.forget(this);
    this.#reply?.abandon();
    this.#reply = undefined;
  };

  readonly #rested = (): void => {
    if (this.#reply !== undefined || this.#exchange !== undefined) return;
    if (this.#held === undefined || this.#isFull) this.socket.destroy();
    else this.handOver();
  };
}

/** Whether the connection takes more. Text goes into one string with the head. */
function write(socket: Socket, head: string, pieces: readonly Piece[], encoding: 'latin1' | 'utf8'): boolean {
  const [only] = pieces;
  if (pieces.length === 1 && typeof only === 'string' && (encoding === 'latin1' || only === '')) return socket.write(head + only, 'latin1');
  socket.cork();
  socket.write(head, 'latin1');
  let isTaken = true;
  for (const piece of pieces) if (piece.length > 0) isTaken = typeof piece === 'string' ? socket.write(piece, encoding) : socket.write(piece);
  socket.uncork();
  return isTaken;
}

function ignore(): void {
  // What follows is 'close'.
}
