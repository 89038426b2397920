import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Steps } from '@stoa/lib/slices.ts';
import type { Endable, Lasting, LastingRights } from '../../decide/may-go-on.ts';
import { errorCode, sendRpcError } from './json-rpc.ts';

export type ChangedList = 'tools' | 'prompts' | 'resources';
const changedFrame = (list: ChangedList): string =>
  `event: message\ndata: ${JSON.stringify({ jsonrpc: '2.0', method: `notifications/${list}/list_changed` })}\n\n`;

export type StreamsOptions = {
  readonly maxStreams: number;
  readonly keepAliveMs: number;
  readonly standing: LastingRights;
  readonly lasting: (credential: string) => Lasting;
  readonly tally: { streams: number };
};

/**
 * The long-lived connections of the MCP door: GET streams of the revisions before 2026-07-28, written here because a bare
 * response costs a tenth of the SDK's web streams in memory, and the SDK's `subscriptions/listen` streams, which are only
 * registered so that they end with the others. At most `maxStreams` are open at all endpoints that share a tally.
 */
export class Streams {
  /** Each is open to be told of changes, for as long as its credential is good. */
  readonly #open = new Set<Endable>();
  readonly #legacy = new Map<ServerResponse, { readonly credential: string; readonly sessionId: string | undefined; readonly forget: () => void }>();
  readonly #maxStreams: number;
  readonly #standing: LastingRights;
  readonly #lasting: StreamsOptions['lasting'];
  readonly #keepAlive: NodeJS.Timeout;
  readonly #tally: { streams: number };

  constructor(options: StreamsOptions) {
    this.#tally = options.tally;
    this.#maxStreams = options.maxStreams;
    this.#standing = options.standing;
    this.#lasting = options.lasting;
    this.#keepAlive = setInterval(() => {
      // A key may also expire while nothing else happens.
      this.endRefused();
      for (const [response, { forget }] of this.#legacy) {
        if (response.destroyed) forget();
        else send(response, ': keepalive\n\n');
      }
    }, options.keepAliveMs);
    this.#keepAlive.unref();
  }

  /** Opens a server-to-client stream for a GET (MCP 2025-11-25, "Listening for messages from the server"). */
  openLegacy(request: IncomingMessage, response: ServerResponse, credential: string): void {
    if (!(request.headers.accept ?? '').includes('text/event-stream')) {
      const message = 'Not Acceptable: Client must accept text/event-stream';
      sendRpcError(response, 406, { code: errorCode.server, message });
      return;
    }
    if (this.#tally.streams >= this.#maxStreams) {
      const message = `Too many open streams: ${this.#maxStreams} is the most this instance keeps. Poll tools/list instead.`;
      sendRpcError(response, 503, { code: errorCode.server, message }, { headers: { 'retry-after': '60' } });
      return;
    }
    // Whoever hung up while it was decided on: 'close' has been, and comes no more.
    if (response.destroyed) return;
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache, no-transform', 'x-accel-buffering': 'no' });
    // HEAD asks for the head that GET would have had, and for no stream (RFC 9110 §9.3.2).
    if (request.method === 'HEAD') return void response.end();
    response.flushHeaders();
    const unregister = this.register(credential, () => response.end());
    const forget = (): void => {
      this.#legacy.delete(response);
      unregister();
    };
    const { 'mcp-session-id': session } = request.headers;
    this.#legacy.set(response, { credential, sessionId: typeof session === 'string' ? session : undefined, forget });
    response.on('close', forget);
  }

  /** Keeps a stream that somebody else writes, until the returned function is run. */
  register(credential: string, end: () => void): () => void {
    const stream = { ...this.#lasting(credential), end };
    this.#open.add(stream);
    this.#tally.streams += 1;
    return () => {
      if (this.#open.delete(stream)) this.#tally.streams -= 1;
    };
  }

  /** Tells the legacy streams of the callers concerned that a list of theirs is another one, a stream a step. */
  *listChanged(list: ChangedList, concerns: (credential: string) => boolean): Steps<void> {
    const frame = changedFrame(list);
    for (const [response, { credential }] of [...this.#legacy]) {
      if (concerns(credential)) send(response, frame);
      yield;
    }
  }

  /** Writes to the legacy streams of sessions that are named, where they are of who may read it. */
  tell(frame: string, isFor: (sessionId: string, credential: string) => boolean): void {
    for (const [response, { credential, sessionId }] of this.#legacy)
      if (sessionId !== undefined && isFor(sessionId, credential)) send(response, frame);
  }

  /** Ends the streams of a session. */
  endSession(id: string): void {
    for (const [response, { sessionId }] of [...this.#legacy]) if (sessionId === id) response.end();
  }

  /** Ends the streams whose credential is no longer good: a revoked key must not go on listening. Where an issuer has to be asked for that, it is asked first. */
  endRefused(): void {
    this.#standing.endRefused(this.#open);
  }

  get size(): number {
    return this.#open.size;
  }

  close(): void {
    clearInterval(this.#keepAlive);
    for (const stream of this.#open) stream.end();
  }
}

function send(response: ServerResponse, frame: string): void {
  // Ended by us a moment ago, or by the client: gone from the set at its 'close', and until then a write would throw.
  if (response.writableEnded || response.destroyed) return;
  // A client that does not read would make us buffer for it without bound.
  if (response.writableNeedDrain) response.destroy();
  else response.write(frame);
}
