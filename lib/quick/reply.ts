import { STATUS_CODES } from 'node:http';

/** Who writes the answer, and learns that there is one. */
type Carrier = { answer(reply: QuickReply, text: string, body: string | Buffer, encoding: 'latin1' | 'utf8'): void };

/**
 * An answer to a request in its plainest form, with as much of `ServerResponse` as it takes to send one whole answer. It is given up, and whatever is sent does
 * nothing, once the client has gone.
 */
export class QuickReply {
  /** There is no request left to be read to its end. */
  readonly req = undefined;
  headersSent = false;
  destroyed = false;
  readonly #carrier: Carrier;
  #head = '';
  #abandoned: { cancel(): void } | undefined;

  constructor(carrier: Carrier) {
    this.#carrier = carrier;
  }

  /** Names and values alternate, `content-length` among them; they are ours, and need no judgement. */
  writeHead(status: number, headers: readonly string[]): void {
    let text = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Unknown'}\r\n`;
    for (let at = 0; at < headers.length; at += 2) text += `${headers[at]}: ${headers[at + 1]}\r\n`;
    this.#head = text;
    this.headersSent = true;
  }

  /** The end of the answer: all of its body. */
  end(body: string | Buffer, encoding: 'latin1' | 'utf8' = 'utf8'): void {
    if (this.destroyed) return;
    this.destroyed = true;
    this.#abandoned = undefined;
    this.#carrier.answer(this, this.#head, body, encoding);
  }

  /** Has `work` cancelled when the client goes before it has its answer. */
  onAbandoned(work: { cancel(): void }): void {
    this.#abandoned = work;
  }

  /** The client has gone. */
  abandon(): void {
    if (this.destroyed) return;
    this.destroyed = true;
    this.#abandoned?.cancel();
  }
}
