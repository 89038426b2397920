import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { ExpectedError } from '@stoa/lib/errors.ts';
import { listenOnSocket } from '@stoa/lib/unix-socket.ts';

const cutAfterMs = 6000;
const socketPrefix = 'unix:';

/** Where connections come in: an address of this machine, or a socket in a folder, whose permissions then say who may connect. */
export class Entrance {
  readonly #address: string;
  readonly #server: Server;
  readonly #open = new Set<Socket>();

  constructor(address: string, accept: (socket: Socket) => void) {
    this.#address = address;
    this.#server = createServer((socket) => {
      this.#open.add(socket);
      socket.on('error', () => socket.destroy()).once('close', () => this.#open.delete(socket));
      accept(socket.setNoDelay(true));
    });
  }

  /** `socketMode` is that of a socket in a folder. */
  async open(reusePort: boolean, socketMode: string): Promise<void> {
    if (this.#address.startsWith(socketPrefix)) {
      return listenOnSocket(this.#server, { path: this.#address.slice(socketPrefix.length), mode: socketMode }, 'STOA_GRPC_LISTEN');
    }
    try {
      const listening = once(this.#server, 'listening');
      const colon = this.#address.lastIndexOf(':');
      const host = this.#address.slice(0, colon).replace(/^\[|\]$/g, '');
      this.#server.listen({ host, port: Number(this.#address.slice(colon + 1)), ...(reusePort && { reusePort }) });
      await listening;
    } catch (error) {
      throw new ExpectedError(`STOA_GRPC_LISTEN cannot be listened on: ${(error as Error).message}.`, { cause: error });
    }
  }

  /** Takes no more connections, and waits for those that are open: for so long as questions may take. */
  async close(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    const cut = setTimeout(() => this.#open.forEach((socket) => socket.destroy()), cutAfterMs);
    await closed;
    clearTimeout(cut);
  }
}
