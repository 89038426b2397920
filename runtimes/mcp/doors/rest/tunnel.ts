import type { Socket } from 'node:net';

/** One side of a tunnel, and what came from it already. */
export type TunnelEnd = { readonly socket: Socket; readonly head: Buffer };
export type Passed = { readonly sentBytes: number; readonly receivedBytes: number };

/** Two connections of which each is given what comes from the other, at the pace of who reads it. `ended` is told once, when the first of them has closed. */
export class Tunnel {
  readonly #client: TunnelEnd;
  readonly #upstream: TunnelEnd;
  readonly #ended: (passed: Passed) => void;
  #isOver = false;

  constructor(client: TunnelEnd, upstream: TunnelEnd, ended: (passed: Passed) => void) {
    this.#client = client;
    this.#upstream = upstream;
    this.#ended = ended;
  }

  /** Tells the client that the protocol is another one from here on: `headers` are those of the upstream's answer, names and values alternating. */
  start(headers: readonly string[]): void {
    const { socket: client, head: sent } = this.#client;
    const { socket: upstream, head: received } = this.#upstream;
    let text = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n';
    for (let at = 0; at < headers.length; at += 2) text += `${headers[at]}: ${headers[at + 1]}\r\n`;
    for (const socket of [client, upstream]) {
      socket.setTimeout(0).setKeepAlive(true, 60_000).setNoDelay(true);
      socket.on('error', () => socket.destroy());
      socket.once('close', () => this.end());
    }
    client.write(`${text}\r\n`, 'latin1');
    client.write(received);
    upstream.write(sent);
    client.pipe(upstream);
    upstream.pipe(client);
  }

  /** What went through until now. */
  get passed(): Passed {
    const { bytesWritten: sentBytes, bytesRead: receivedBytes } = this.#upstream.socket;
    return { sentBytes, receivedBytes };
  }

  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const { passed } = this;
    // What was written goes out first.
    for (const { socket } of [this.#client, this.#upstream]) socket.destroySoon();
    this.#ended(passed);
  }
}
