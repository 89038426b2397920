export type HttpAnswer = { status: number; body: Buffer; headers: string };

type Head = { status: number; headers: string; bodyAt: number; length: number | undefined; chunked: boolean };

const maxAnswerBytes = 16 * 1024 * 1024;
const endOfHead = Buffer.from('\r\n\r\n');

/**
 * Reads HTTP/1.1 answers (RFC 9112) off one connection, framed by length or in chunks: what the servers measured here send. A general
 * client costs as much as the fastest of them, and a load generator must not be what limits.
 */
export class HttpReader {
  readonly #answered: (answer: HttpAnswer) => void;
  #buffer: Buffer = Buffer.alloc(0);
  #head: Head | undefined;

  constructor(answered: (answer: HttpAnswer) => void) {
    this.#answered = answered;
  }

  /** Takes what arrived; calls back with every answer that is complete. Throws on what it cannot read. */
  push(data: Buffer): void {
    this.#buffer = this.#buffer.length === 0 ? data : Buffer.concat([this.#buffer, data]);
    if (this.#buffer.length > maxAnswerBytes) throw new Error('An answer is larger than 16 MiB.');
    while (this.#buffer.length > 0) {
      this.#head ??= readHead(this.#buffer);
      if (this.#head === undefined) return;
      const read = this.#head.chunked ? readChunks(this.#buffer, this.#head.bodyAt) : readSized(this.#buffer, this.#head);
      if (read === undefined) return;
      const { status, headers } = this.#head;
      this.#head = undefined;
      this.#buffer = this.#buffer.subarray(read.end);
      this.#answered({ status, headers, body: read.body });
    }
  }
}

function readHead(buffer: Buffer): Head | undefined {
  const end = buffer.indexOf(endOfHead);
  if (end < 0) return undefined;
  const headers = buffer.toString('latin1', 0, end);
  if (!headers.startsWith('HTTP/1.1 ')) throw new Error(`Not an HTTP/1.1 answer: ${headers.slice(0, 60)}`);
  const length = /\r\ncontent-length: *(\d+)/i.exec(headers)?.[1];
  const status = Number(headers.slice(9, 12));
  const empty = status === 204 || status === 304;
  return {
    status,
    headers,
    bodyAt: end + endOfHead.length,
    length: empty ? 0 : length === undefined ? undefined : Number(length),
    chunked: !empty && length === undefined && /\r\ntransfer-encoding: *chunked/i.test(headers),
  };
}

type Read = { body: Buffer; end: number };

function readSized(buffer: Buffer, { bodyAt, length }: Head): Read | undefined {
  if (length === undefined) throw new Error('An answer says neither its length nor that it comes in chunks.');
  const end = bodyAt + length;
  return buffer.length < end ? undefined : { body: buffer.subarray(bodyAt, end), end };
}

function readChunks(buffer: Buffer, from: number): Read | undefined {
  const chunks: Buffer[] = [];
  let at = from;
  for (;;) {
    const lineEnd = buffer.indexOf('\r\n', at);
    if (lineEnd < 0) return undefined;
    const size = Number.parseInt(buffer.toString('latin1', at, lineEnd), 16);
    if (Number.isNaN(size)) throw new Error('A chunk has no size.');
    const dataAt = lineEnd + 2;
    if (buffer.length < dataAt + size + 2) return undefined;
    if (size === 0) return { body: Buffer.concat(chunks), end: dataAt + 2 };
    chunks.push(buffer.subarray(dataAt, dataAt + size));
    at = dataAt + size + 2;
  }
}
