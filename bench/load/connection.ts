import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { HttpReader } from './http-reader.ts';
import type { HttpAnswer } from './http-reader.ts';

/** One kept-alive connection with one request under way at a time. */
export class Connection {
  readonly #socket: Socket;
  #answered: ((answer: HttpAnswer) => void) | undefined;
  /** Told when the connection has ended, whoever ended it. */
  onClosed: (() => void) | undefined;

  private constructor(socket: Socket, failed: (error: Error) => void) {
    this.#socket = socket;
    const reader = new HttpReader((answer) => {
      const answered = this.#answered;
      this.#answered = undefined;
      answered?.(answer);
    });
    socket.on('data', (data) => {
      try {
        reader.push(data);
      } catch (error) {
        failed(error as Error);
      }
    });
    socket.on('error', failed);
    socket.on('close', () => {
      if (this.#answered !== undefined) failed(new Error('The server closed a connection that waited for an answer.'));
      this.onClosed?.();
    });
  }

  /** `failed` is told of everything that ends the connection while an answer is awaited. */
  static open(url: URL, failed: (error: Error) => void): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host: url.hostname, port: Number(url.port), noDelay: true });
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        resolve(new Connection(socket, failed));
      });
    });
  }

  send(request: Buffer, answered: (answer: HttpAnswer) => void): void {
    this.#answered = answered;
    this.#socket.write(request);
  }

  /** Resolves with the answer; for what happens before a measurement. */
  ask(request: Buffer): Promise<HttpAnswer> {
    return new Promise((resolve) => this.send(request, resolve));
  }

  close(): void {
    this.#socket.destroy();
  }
}
