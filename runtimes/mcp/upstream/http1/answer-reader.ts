import { MalformedAnswer, readAnswerHead } from './answer-head.ts';
import type { AnswerHead } from './answer-head.ts';

/** Who is told of an answer. Pieces of the body are lent for the time of the call. */
export type AnswerEvents = {
  begun(head: AnswerHead): void;
  piece(bytes: Buffer): void;
  ended(head: AnswerHead): void;
};

const crlf = Buffer.from('\r\n');
const crlfCrlf = Buffer.from('\r\n\r\n');
const maxHeadBytes = 16 * 1024;
/** Of the line before a chunk: its size, and extensions that nobody asked for. */
const maxChunkLineBytes = 1024;
const chunkLine = /^([0-9A-Fa-f]{1,8})[\t ]*(?:;[\t\x20-\x7e\x80-\xff]*)?$/;

type State = 'idle' | 'head' | 'length' | 'chunk' | 'chunk_data' | 'chunk_end' | 'trailer' | 'until_close';

/**
 * Reads the answers of one connection, each to the request that was announced by `expect`. Throws `MalformedAnswer` for what is none, and for
 * bytes that no request asked for: the connection must not be used after that.
 */
export class AnswerReader {
  readonly #events: AnswerEvents;
  #state: State = 'idle';
  #method = '';
  #head: AnswerHead | undefined;
  /** Bytes that are still to come of the body, or of the chunk. */
  #left = 0;
  /** Of trailers, which are thrown away. */
  #trailerBytes = 0;
  /** What came of a line or a head that is not whole yet. */
  #held: Buffer | undefined;

  constructor(events: AnswerEvents) {
    this.#events = events;
  }

  expect(method: string): void {
    this.#method = method;
    this.#state = 'head';
  }

  /** `bytes` are not kept. */
  read(bytes: Buffer): void {
    let rest = this.#held === undefined ? bytes : Buffer.concat([this.#held, bytes]);
    this.#held = undefined;
    while (rest.length > 0) {
      const used = this.#step(rest);
      if (used === 0) {
        // Copied, since the memory is lent.
        this.#held = Buffer.from(rest);
        return;
      }
      rest = used === rest.length ? empty : rest.subarray(used);
    }
  }

  /** The other side sends no more. Throws where there was more to come. */
  close(): void {
    if (this.#state === 'until_close') this.#end();
    else if (this.#state !== 'idle') throw new Error('other side closed');
  }

  /** How many bytes were used; 0 when more are needed. */
  #step(bytes: Buffer): number {
    switch (this.#state) {
      case 'idle':
        throw new MalformedAnswer('it was not asked for');
      case 'head':
        return this.#readHead(bytes);
      case 'length':
      case 'chunk_data':
        return this.#readData(bytes);
      case 'chunk':
        return this.#readChunkLine(bytes);
      case 'chunk_end':
        return this.#readChunkEnd(bytes);
      case 'trailer':
        return this.#readTrailer(bytes);
      case 'until_close':
        this.#events.piece(bytes);
        return bytes.length;
    }
  }

  #readHead(bytes: Buffer): number {
    const end = bytes.indexOf(crlfCrlf);
    if (end > maxHeadBytes || (end < 0 && bytes.length > maxHeadBytes)) throw new MalformedAnswer(`its head is larger than ${maxHeadBytes} bytes`);
    if (end < 0) return 0;
    const head = readAnswerHead(bytes.toString('latin1', 0, end), this.#method);
    if (head.status === 101) throw new MalformedAnswer('it changes the protocol, which nobody asked for');
    // Interim answers, such as a 100 Continue that some servers send unasked, are passed over (RFC 9110 §15.2).
    if (head.status >= 200) this.#begin(head);
    return end + crlfCrlf.length;
  }

  #begin(head: AnswerHead): void {
    const { framing } = head;
    this.#head = head;
    this.#left = framing.kind === 'length' ? framing.bytes : 0;
    this.#state = framing.kind === 'chunked' ? 'chunk' : framing.kind;
    this.#events.begun(head);
    if (framing.kind === 'length' && framing.bytes === 0) this.#end();
  }

  #readData(bytes: Buffer): number {
    const used = Math.min(this.#left, bytes.length);
    this.#left -= used;
    this.#events.piece(used === bytes.length ? bytes : bytes.subarray(0, used));
    if (this.#left > 0) return used;
    if (this.#state === 'length') this.#end();
    else this.#state = 'chunk_end';
    return used;
  }

  #readChunkLine(bytes: Buffer): number {
    const end = bytes.indexOf(crlf);
    if (end > maxChunkLineBytes || (end < 0 && bytes.length > maxChunkLineBytes)) throw new MalformedAnswer('the line before a chunk is too long');
    if (end < 0) return 0;
    const [, size] = chunkLine.exec(bytes.toString('latin1', 0, end)) ?? [];
    if (size === undefined) throw new MalformedAnswer('a chunk has no size');
    this.#left = Number.parseInt(size, 16);
    this.#state = this.#left === 0 ? 'trailer' : 'chunk_data';
    this.#trailerBytes = 0;
    return end + crlf.length;
  }

  #readChunkEnd(bytes: Buffer): number {
    if (bytes.length < crlf.length) return 0;
    if (bytes[0] !== crlf[0] || bytes[1] !== crlf[1]) throw new MalformedAnswer('a chunk is longer than its size');
    this.#state = 'chunk';
    return crlf.length;
  }

  /** A line of the trailers, or the empty one after them. */
  #readTrailer(bytes: Buffer): number {
    const end = bytes.indexOf(crlf);
    this.#trailerBytes += Math.max(0, end);
    if (this.#trailerBytes > maxHeadBytes || (end < 0 && bytes.length > maxHeadBytes)) throw new MalformedAnswer('its trailers are too large');
    if (end < 0) return 0;
    if (end === 0) this.#end();
    return end + crlf.length;
  }

  #end(): void {
    const head = this.#head as AnswerHead;
    this.#state = 'idle';
    this.#head = undefined;
    this.#events.ended(head);
  }
}

const empty = Buffer.alloc(0);
