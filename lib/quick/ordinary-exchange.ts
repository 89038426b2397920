import { IncomingMessage, ServerResponse } from 'node:http';
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { PlainHead } from './head.ts';

/** Told once the answer is whole; `isLast` when the client was told that the connection ends. */
type Owner = { answered(isLast: boolean): void };

/** What Node's server sets and calls on a response that it makes. */
type Inner = { _keepAliveTimeout: number; _last: boolean; _closed: boolean /** Tells that there is room again, and notes it. */; _flush(): void };

/**
 * A request of the quick lane that goes to those who listen for requests, by the same objects and events as from Node's server, which attaches a response to the
 * connection, detaches it when it is whole, and tells of its end after that.
 */
export class OrdinaryExchange {
  readonly #server: Server;
  readonly #socket: Socket;
  readonly #owner: Owner;
  #response: ServerResponse | undefined;

  constructor(server: Server, socket: Socket, owner: Owner) {
    this.#server = server;
    this.#socket = socket;
    this.#owner = owner;
  }

  begin({ method, target, headers, rawHeaders }: PlainHead, body: Buffer): void {
    const request = new IncomingMessage(this.#socket);
    // Handlers write to them, and the head is kept for the next request.
    Object.assign(request, { httpVersion: '1.1', httpVersionMajor: 1, httpVersionMinor: 1, method, url: target, headers: { ...headers } });
    request.rawHeaders.push(...rawHeaders);
    if (body.length > 0) request.push(body);
    request.push(null);
    request.complete = true;
    const response = new ServerResponse(request);
    (response as unknown as Inner)._keepAliveTimeout = this.#server.keepAliveTimeout;
    response.assignSocket(this.#socket);
    response.on('finish', () => this.#finished(response));
    this.#response = response;
    this.#server.emit('request', request, response);
  }

  /** The connection takes more. */
  drained(): void {
    if (this.#response?.writableNeedDrain === true) (this.#response as unknown as Inner)._flush();
  }

  #finished(response: ServerResponse): void {
    const inner = response as unknown as Inner;
    response.detachSocket(this.#socket);
    process.nextTick(() => {
      if (inner._closed) return;
      inner._closed = true;
      response.destroyed = true;
      response.emit('close');
    });
    this.#owner.answered(inner._last);
  }
}
