import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import { Pool } from 'undici';
import type { Dispatcher } from 'undici';

// The least that a reverse proxy can do in Node.js: no authentication, no policy, no metering, one request made of another.
const upstream = new Pool(process.env['UPSTREAM_URL'] ?? '', { connections: 128 });

class Relay implements Dispatcher.DispatchHandler {
  readonly #response: ServerResponse;

  constructor(response: ServerResponse) {
    this.#response = response;
  }

  onRequestStart(): void {}

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: Record<string, string | string[] | undefined>): void {
    this.#response.writeHead(status, { 'content-type': String(headers['content-type']), 'content-length': String(headers['content-length']) });
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#response.write(chunk);
  }

  onResponseEnd(): void {
    this.#response.end();
  }

  onResponseError(): void {
    if (this.#response.headersSent) this.#response.destroy();
    else this.#response.writeHead(502).end();
  }
}

createServer({ keepAliveTimeout: 600_000 }, (request, response) => {
  upstream.dispatch({ method: request.method as Dispatcher.HttpMethod, path: request.url ?? '/', headers: { accept: 'application/json' } }, new Relay(response));
}).listen(Number(process.env['PORT']), '127.0.0.1');
