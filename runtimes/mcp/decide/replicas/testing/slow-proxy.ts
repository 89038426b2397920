import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

/** Passes TCP on to a port of this machine: each piece later by `delayMs`, or no more at all while `isStuck`. */
export class SlowProxy {
  delayMs = 0;
  readonly #target: number;
  readonly #sockets = new Set<Socket>();
  readonly #server = createServer((socket) => this.#join(socket));

  private constructor(target: number) {
    this.#target = target;
  }

  static async before(target: number): Promise<SlowProxy> {
    const proxy = new SlowProxy(target);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get url(): string {
    return `redis://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Breaks every connection that there is. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  close(): void {
    this.#server.close();
    this.cut();
  }

  #join(socket: Socket): void {
    const onwards = connect(this.#target, '127.0.0.1');
    for (const [from, to] of [
      [socket, onwards],
      [onwards, socket],
    ] as const) {
      this.#sockets.add(from);
      from.on('data', (bytes) => void setTimeout(() => to.writable && to.write(bytes), this.delayMs));
      from.on('error', () => undefined);
      from.on('close', () => {
        this.#sockets.delete(from);
        to.destroy();
      });
    }
  }
}
