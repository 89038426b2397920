import { STATUS_CODES } from 'node:http';
import type { OutgoingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';
import type { PlainHead } from './head.ts';

export type Piece = string | Uint8Array;

/** The lines of an answer's head, each with its end, but for those that are the connection's. */
export type HeadText = { readonly text: string /** Whether the date is among them. */; readonly tellsDate: boolean };

/** Who writes the answer, and learns that there is one. */
type Carrier = {
  readonly socket: Socket;
  answer(reply: QuickReply, head: HeadText, pieces: readonly Piece[], encoding: 'latin1' | 'utf8'): void;
  begin(reply: QuickReply, head: HeadText): void;
  pass(reply: QuickReply, piece: Piece): boolean;
  finish(reply: QuickReply): void;
  leave(reply: QuickReply, body: Buffer): void;
};

/** A request in its plainest form, whole, with as much of `IncomingMessage` as it takes to see what is asked and from where. */
export class QuickMessage {
  readonly complete = true;
  readonly method: PlainHead['method'];
  readonly url: string;
  readonly headers: PlainHead['headers'];
  readonly rawHeaders: PlainHead['rawHeaders'];
  readonly body: Buffer;
  readonly socket: Socket;

  constructor({ method, target, headers, rawHeaders }: PlainHead, body: Buffer, socket: Socket) {
    this.method = method;
    this.url = target;
    this.headers = headers;
    this.rawHeaders = rawHeaders;
    this.body = body;
    this.socket = socket;
  }

  /** Each name is there once. */
  get headersDistinct(): Record<string, string[]> {
    const distinct: Record<string, string[]> = Object.create(null) as Record<string, string[]>;
    for (const name in this.headers) distinct[name] = [this.headers[name] as string];
    return distinct;
  }
}

const bodiless: ReadonlySet<number> = new Set([204, 304]);

/**
 * An answer to a request in its plainest form, with as much of `ServerResponse` as it takes to send a whole one, or one that is passed on piece by piece. It is destroyed, and
 * whatever is sent does nothing, once the client has gone.
 */
export class QuickReply {
  readonly req: QuickMessage;
  statusCode = 200;
  headersSent = false;
  writableFinished = false;
  destroyed = false;
  readonly #carrier: Carrier;
  /** Who looks at a request may put what he made of its body in the place of that. */
  readonly #body: Buffer;
  #set: OutgoingHttpHeaders | undefined;
  #head = '';
  #hasLength = false;
  #tellsDate = false;
  /** Its head was sent before its end. */
  #isBegun = false;
  #isChunked = false;
  #room: (() => void) | undefined;
  #pieces: Piece[] | undefined;
  #abandoned: { cancel(): void } | undefined;
  #closed: (() => void)[] | undefined;

  constructor(carrier: Carrier, head: PlainHead, body: Buffer) {
    this.#carrier = carrier;
    this.#body = body;
    this.req = new QuickMessage(head, body, carrier.socket);
  }

  setHeader(name: string, value: string): void {
    (this.#set ??= {})[name] = value;
  }

  /** Names and values alternate where they are a list. They are ours, and need no judgement. */
  writeHead(status: number, headers: readonly string[] | OutgoingHttpHeaders = {}): this {
    this.statusCode = status;
    let text = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Unknown'}\r\n`;
    const add = (name: string, value: unknown): void => {
      text += `${name}: ${String(value)}\r\n`;
      if (name.length === lengthName.length && name.toLowerCase() === lengthName) this.#hasLength = true;
      if (name.length === dateName.length && name.toLowerCase() === dateName) this.#tellsDate = true;
    };
    for (const name in this.#set) add(name, this.#set[name]);
    if (isList(headers)) for (let at = 0; at < headers.length; at += 2) add(headers[at] as string, headers[at + 1]);
    else for (const name in headers) add(name, headers[name]);
    this.#head = text;
    this.headersSent = true;
    return this;
  }

  /** Sends the head, which was written, before the body is whole. `room` is called whenever the client has read what there was, after it did not. */
  begin(room: () => void): void {
    if (this.destroyed || this.writableFinished) return;
    this.#isBegun = true;
    this.#isChunked = !this.#hasLength && !bodiless.has(this.statusCode);
    this.#room = room;
    if (this.#isChunked) this.#head += 'Transfer-Encoding: chunked\r\n';
    this.#carrier.begin(this, this.#answerHead);
  }

  /** Sends a piece of a body that has begun, which is lent for the time of the call. False where the client does not read as fast. */
  pass(piece: Buffer): boolean {
    if (this.destroyed || this.writableFinished || piece.length === 0) return true;
    if (!this.#isChunked) return this.#carrier.pass(this, Buffer.from(piece));
    return this.#carrier.pass(this, Buffer.concat([Buffer.from(`${piece.length.toString(16)}\r\n`), piece, chunkEnd]));
  }

  get #answerHead(): HeadText {
    return { text: this.#head, tellsDate: this.#tellsDate };
  }

  /** The client has read what there was. */
  drained(): void {
    this.#room?.();
  }

  /** Nothing is sent before the end. */
  write(piece: Piece): void {
    (this.#pieces ??= []).push(piece);
  }

  cork(): void {
    // Nothing is sent before the end.
  }

  uncork(): void {
    // As above.
  }

  end(last: Piece = '', encoding: 'latin1' | 'utf8' = 'utf8'): void {
    if (this.destroyed || this.writableFinished) return;
    if (this.#isBegun) return this.#finish();
    if (!this.headersSent) this.writeHead(this.statusCode);
    const pieces = this.#pieces === undefined ? [last] : [...this.#pieces, last];
    if (!this.#hasLength && !bodiless.has(this.statusCode)) {
      this.#head += `Content-Length: ${pieces.reduce((sum, piece) => sum + (typeof piece === 'string' ? Buffer.byteLength(piece, encoding) : piece.byteLength), 0)}\r\n`;
    }
    this.writableFinished = true;
    this.#abandoned = undefined;
    this.#carrier.answer(this, this.#answerHead, pieces, encoding);
    this.#close();
  }

  #finish(): void {
    if (this.#isChunked) this.#carrier.pass(this, '0\r\n\r\n');
    this.writableFinished = true;
    this.#abandoned = undefined;
    this.#carrier.finish(this);
    this.#close();
  }

  /** Leaves the request to those who listen for requests, before anything is sent. */
  leave(): void {
    if (this.destroyed || this.writableFinished) return;
    this.writableFinished = true;
    this.#carrier.leave(this, this.#body);
  }

  /** Ends the connection. */
  destroy(): void {
    this.#carrier.socket.destroy();
  }

  /** Has `work` cancelled when the client goes before it has its answer. */
  onAbandoned(work: { cancel(): void }): void {
    this.#abandoned = work;
  }

  /** Has `told` called once the answer is sent, or the client has gone. */
  once(_event: 'close', told: () => void): this {
    (this.#closed ??= []).push(told);
    return this;
  }

  /** The client has gone. */
  abandon(): void {
    if (this.destroyed || this.writableFinished) return;
    this.destroyed = true;
    this.#abandoned?.cancel();
    this.#close();
  }

  #close(): void {
    for (const told of this.#closed ?? []) told();
    this.#closed = undefined;
  }
}

const chunkEnd = Buffer.from('\r\n');
const lengthName = 'content-length';
const dateName = 'date';

function isList(headers: readonly string[] | OutgoingHttpHeaders): headers is readonly string[] {
  return Array.isArray(headers);
}
