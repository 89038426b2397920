import { once } from 'node:events';
import { lstat, unlink } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { ExpectedError } from '@stoa/lib/errors.ts';

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

  async open(reusePort: boolean): Promise<void> {
    const path = this.#address.startsWith(socketPrefix) ? this.#address.slice(socketPrefix.length) : undefined;
    try {
      if (path !== undefined) await removeIfDead(path);
      const listening = once(this.#server, 'listening');
      const colon = this.#address.lastIndexOf(':');
      const host = this.#address.slice(0, colon).replace(/^\[|\]$/g, '');
      this.#server.listen(path === undefined ? { host, port: Number(this.#address.slice(colon + 1)), ...(reusePort && { reusePort }) } : { path });
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

/** A process that was killed leaves its socket behind, which nobody else can then listen on. */
async function removeIfDead(path: string): Promise<void> {
  const socket = connect(path);
  try {
    await once(socket, 'connect');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ECONNREFUSED' && (await lstat(path)).isSocket()) await unlink(path);
    return;
  } finally {
    socket.destroy();
  }
}
