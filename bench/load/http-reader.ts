/** `bytes`: what the answer took on the connection, head and framing included. */
export type HttpAnswer = { status: number; body: Buffer; headers: string; bytes: number };

type Head = { status: number; headers: string; length: number | undefined; bytes: number };

const maxAnswerBytes = 64 * 1024 * 1024;
const endOfHead = Buffer.from('\r\n\r\n');

/**
 * Reads HTTP/1.1 answers (RFC 9112) off one connection, framed by length or in chunks: what the servers measured here send. A general
 * client costs as much as the fastest of them, and a load generator must not be what limits.
 */
export class HttpReader {
  readonly #answered: (answer: HttpAnswer) => void;
  /** What has arrived and is not read yet, and how much of it there must be before reading goes on. */
  #parts: Buffer[] = [];
  #size = 0;
  #wanted = 1;
  #head: Head | undefined;
  /** The chunks of the answer that is being read. */
  #chunks: Buffer[] = [];

  constructor(answered: (answer: HttpAnswer) => void) {
    this.#answered = answered;
  }

  /** Takes what arrived; calls back with every answer that is complete. Throws on what it cannot read. */
  push(data: Buffer): void {
    this.#parts.push(data);
    this.#size += data.length;
    if (this.#size > maxAnswerBytes) throw new Error('An answer is larger than 64 MiB.');
    while (this.#size >= this.#wanted) {
      const buffer = this.#parts.length === 1 ? (this.#parts[0] as Buffer) : Buffer.concat(this.#parts);
      const used = this.#read(buffer);
      this.#parts = used < buffer.length ? [buffer.subarray(used)] : [];
      this.#size = buffer.length - used;
    }
  }

  /** Reads what it can of one answer; answers how many bytes of it are done with, and sets `#wanted`. */
  #read(buffer: Buffer): number {
    if (this.#head === undefined) {
      this.#head = readHead(buffer);
      return this.#wait(this.#head?.bytes ?? 0, this.#head === undefined ? buffer.length + 1 : (this.#head.length ?? 1));
    }
    const { length } = this.#head;
    if (length === undefined) return this.#readChunk(buffer);
    this.#finish(buffer.subarray(0, length));
    return this.#wait(length, 1);
  }

  #readChunk(buffer: Buffer): number {
    const lineEnd = buffer.indexOf('\r\n');
    if (lineEnd < 0) return this.#wait(0, buffer.length + 1);
    const size = Number.parseInt(buffer.toString('latin1', 0, lineEnd), 16);
    if (Number.isNaN(size)) throw new Error('A chunk has no size.');
    const end = lineEnd + 2 + size + 2;
    if (buffer.length < end) return this.#wait(0, end);
    (this.#head as Head).bytes += end;
    if (size > 0) this.#chunks.push(buffer.subarray(lineEnd + 2, lineEnd + 2 + size));
    else this.#finish(Buffer.concat(this.#chunks.splice(0)));
    return this.#wait(end, 1);
  }

  #wait(used: number, wanted: number): number {
    this.#wanted = wanted;
    return used;
  }

  #finish(body: Buffer): void {
    const { status, headers, bytes, length } = this.#head as Head;
    this.#head = undefined;
    this.#answered({ status, headers, body, bytes: bytes + (length ?? 0) });
  }
}

function readHead(buffer: Buffer): Head | undefined {
  const end = buffer.indexOf(endOfHead);
  if (end < 0) return undefined;
  const headers = buffer.toString('latin1', 0, end);
  if (!headers.startsWith('HTTP/1.1 ')) throw new Error(`Not an HTTP/1.1 answer: ${headers.slice(0, 60)}`);
  const status = Number(headers.slice(9, 12));
  const stated = /\r\ncontent-length: *(\d+)/i.exec(headers)?.[1];
  const isEmpty = status === 204 || status === 304;
  const isChunked = /\r\ntransfer-encoding: *chunked/i.test(headers);
  if (!isEmpty && stated === undefined && !isChunked) throw new Error('An answer says neither its length nor that it comes in chunks.');
  return { status, headers, length: isEmpty ? 0 : stated === undefined ? undefined : Number(stated), bytes: end + endOfHead.length };
}
