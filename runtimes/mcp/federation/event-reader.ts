import { BadMessage, maxMessageBytes } from './messages.ts';

const [lineFeed, carriageReturn] = [0x0a, 0x0d];

/** Reads an event stream (HTML "Server-sent events") as far as MCP uses it: the data of its events, the id of the last, and after how long to come back. */
export class EventReader {
  lastId: string | undefined;
  retryMs: number | undefined;
  readonly #event: (data: Buffer) => void;
  #rest: Buffer[] = [];
  #restBytes = 0;
  #data: Buffer[] = [];
  #dataBytes = 0;
  #endedWithReturn = false;

  /** `event` is told of each that has data. */
  constructor(event: (data: Buffer) => void) {
    this.#event = event;
  }

  /** @throws BadMessage for an event that is larger than a message may be */
  take(piece: Buffer): void {
    let from = 0;
    for (let at = 0; at < piece.length; at += 1) {
      const code = piece[at];
      if (code !== lineFeed && code !== carriageReturn) continue;
      const isSecondOfPair = code === lineFeed && at === from && this.#restBytes === 0 && this.#endedWithReturn;
      this.#endedWithReturn = code === carriageReturn;
      if (!isSecondOfPair) this.#line(Buffer.concat([...this.#rest, piece.subarray(from, at)]));
      this.#rest = [];
      this.#restBytes = 0;
      from = at + 1;
    }
    if (from === piece.length) return;
    this.#rest.push(Buffer.from(piece.subarray(from)));
    this.#restBytes += piece.length - from;
    this.#endedWithReturn = false;
    this.#bound();
  }

  #line(line: Buffer): void {
    if (line.length === 0) return this.#dispatch();
    const colon = line.indexOf(0x3a);
    const field = line.toString('utf8', 0, colon < 0 ? line.length : colon);
    const from = colon < 0 ? line.length : colon + (line[colon + 1] === 0x20 ? 2 : 1);
    const value = field === 'id' || field === 'retry' ? line.toString('utf8', from) : '';
    // It is to be sent back in a header.
    if (field === 'id' && /^[\x20-\x7e]{1,1024}$/.test(value)) this.lastId = value;
    if (field === 'retry' && /^\d{1,9}$/.test(value)) this.retryMs = Number(value);
    if (field !== 'data') return;
    this.#data.push(line.subarray(from));
    this.#dataBytes += line.length - from;
    this.#bound();
  }

  #dispatch(): void {
    const [first, ...others] = this.#data;
    this.#data = [];
    this.#dataBytes = 0;
    if (first === undefined) return;
    const data = Buffer.concat([first, ...others.flatMap((line) => [Buffer.from('\n'), line])]);
    if (data.length > 0) this.#event(data);
  }

  #bound(): void {
    if (this.#restBytes + this.#dataBytes > maxMessageBytes) throw new BadMessage(`what it sent is larger than ${maxMessageBytes} bytes`);
  }
}
