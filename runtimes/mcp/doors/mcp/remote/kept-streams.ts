import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';

/** What is kept of the streams of one person, and of all. */
const [maxBytesOfOne, maxBytes] = [1024 * 1024, 16 * 1024 * 1024];
/** Streams that are kept, of one person and of all. */
const [maxStreamsOfOne, maxStreams] = [64, 4096];
/** How long a client may take to come back, and what has ended is kept. */
const keptMs = 30_000;
/** After how long clients come back. */
const retryMs = 500;
/** What waits for a client that reads more slowly than is written to it. */
const maxWaitingBytes = 32 * 1024 * 1024;
export const streamHead = { 'content-type': 'text/event-stream', 'cache-control': 'no-cache, no-transform', 'x-accel-buffering': 'no' };

/**
 * The stream of one answer to a client of an older revision, whose events have ids: a client whose connection broke comes back with the last that it saw, and is sent what came since (MCP 2025-11-25
 * "Resumability and redelivery"). What is told meanwhile is kept, within bounds.
 */
export class KeptStream {
  readonly id = randomUUID();
  readonly person: string;
  readonly #all: KeptStreams;
  readonly #frames: string[] = [];
  #bytes = 0;
  #response: ServerResponse;
  #hasEnded = false;
  #isWhole = true;
  readonly #abandoned: () => void;
  #timer: NodeJS.Timeout | undefined;

  /** `abandoned` is called once its client did not come back, and cannot any more. */
  constructor(all: KeptStreams, person: string, response: ServerResponse, abandoned: () => void) {
    this.#all = all;
    this.#abandoned = abandoned;
    this.person = person;
    this.#response = response;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Whether a client that is gone may still come back. */
  outlives(): boolean {
    if (!this.#isWhole) return false;
    // It may have come back before the connection that broke was known to be closed.
    if (this.#response.destroyed) this.#waitForClient();
    return true;
  }

  /** Begins with an event by whose id a client comes back that saw no other (MCP 2025-11-25 "Sending messages to the server"). */
  prime(): void {
    this.tell(`retry: ${retryMs}\ndata: \n\n`);
  }

  /** Closes the connection for the client to come back. */
  poll(): void {
    const response = this.#response;
    if (!this.#isWhole || response.destroyed || response.writableEnded) return;
    response.end();
    this.#waitForClient();
  }

  /** False when the client does not take it, and cannot be waited for. */
  tell(frame: string): boolean {
    const numbered = `id: ${this.id}_${this.#frames.length}\n${frame}`;
    this.#keep(numbered);
    const response = this.#response;
    if (response.destroyed || response.writableEnded) return this.#isWhole;
    response.write(numbered);
    return response.writableLength <= maxWaitingBytes;
  }

  end(): void {
    this.#hasEnded = true;
    if (!this.#response.destroyed) this.#response.end();
    this.#waitForClient();
  }

  /** Goes on at another connection, behind the event of a number; false where what came since is not kept. */
  resume(response: ServerResponse, after: number): boolean {
    if (!this.#isWhole || after >= this.#frames.length) return false;
    this.#stopWaiting();
    // Whoever comes back is the one that is written to.
    this.#response.destroy();
    this.#response = response;
    response.writeHead(200, streamHead);
    response.flushHeaders();
    for (const frame of this.#frames.slice(after + 1)) response.write(frame);
    if (this.#hasEnded) return (this.end(), true);
    response.on('close', () => {
      if (this.#response !== response || response.writableFinished) return;
      if (this.#isWhole) this.#waitForClient();
      else this.#abandoned();
    });
    return true;
  }

  /** Nothing of it is kept any more. */
  forget(): void {
    this.#isWhole = false;
    this.#bytes = 0;
    this.#frames.fill('');
    this.#stopWaiting();
    if (this.#response.destroyed || this.#response.writableEnded) this.#abandoned();
  }

  #keep(frame: string): void {
    this.#frames.push(this.#isWhole ? frame : '');
    if (!this.#isWhole) return;
    this.#bytes += frame.length;
    this.#all.grew(this, frame.length);
  }

  #waitForClient(): void {
    this.#stopWaiting();
    this.#timer = setTimeout(() => this.#all.release(this), keptMs).unref();
  }

  #stopWaiting(): void {
    clearTimeout(this.#timer);
  }
}

/** The streams of a door that clients may come back to, each bound to who began it. Where there are too many, the oldest are not kept any more. */
export class KeptStreams {
  readonly #streams = new Map<string, KeptStream>();
  readonly #ofPersons = new Map<string, Set<KeptStream>>();
  #bytes = 0;

  begin(person: string, response: ServerResponse, abandoned: () => void): KeptStream {
    const [ownOldest] = this.#of(person);
    if (ownOldest !== undefined && this.#of(person).size >= maxStreamsOfOne) this.release(ownOldest);
    const [oldest] = this.#streams.values();
    if (this.#streams.size >= maxStreams && oldest !== undefined) this.release(oldest);
    const stream = new KeptStream(this, person, response, abandoned);
    this.#streams.set(stream.id, stream);
    this.#ofPersons.set(person, this.#of(person).add(stream));
    return stream;
  }

  /** Has a client come back; false for an id that is none of his. */
  resume(eventId: string, person: string, response: ServerResponse): boolean {
    const [, id = '', number = ''] = /^([0-9a-f-]{36})_(\d{1,9})$/.exec(eventId) ?? [];
    const stream = this.#streams.get(id);
    return stream?.person === person && stream.resume(response, Number(number));
  }

  grew(stream: KeptStream, bytes: number): void {
    this.#bytes += bytes;
    let own = 0;
    for (const each of this.#of(stream.person)) own += each.bytes;
    if (own > maxBytesOfOne) this.release(stream);
    for (const oldest of this.#streams.values()) {
      if (this.#bytes <= maxBytes) return;
      this.release(oldest);
    }
  }

  release(stream: KeptStream): void {
    if (!this.#streams.delete(stream.id)) return;
    const own = this.#of(stream.person);
    own.delete(stream);
    if (own.size === 0) this.#ofPersons.delete(stream.person);
    this.#bytes -= stream.bytes;
    stream.forget();
  }

  #of(person: string): Set<KeptStream> {
    return this.#ofPersons.get(person) ?? new Set();
  }
}
