import type { ServerResponse } from 'node:http';
import { membersOf } from '@stoa/lib/json-members.ts';
import type { Revision } from '../../../revisions/revision.ts';
import { endWithoutAnswer } from '../hot-lane.ts';
import { sendJson } from '../json-rpc.ts';
import type { RequestId } from '../json-rpc.ts';
import { streamHead } from './kept-streams.ts';
import type { KeptStream } from './kept-streams.ts';

/** What is kept for a client that reads more slowly than its server writes. */
const maxWaitingBytes = 32 * 1024 * 1024;

/** The answer to one request: a JSON document, or where something is said before it, a stream that ends with it. */
export class RemoteAnswer {
  readonly #response: ServerResponse;
  readonly #id: RequestId;
  readonly #revision: Pick<Revision, 'errorStatus' | 'hasPolling'>;
  readonly #keep: (() => KeptStream) | undefined;
  #isStream = false;
  #kept: KeptStream | undefined;

  /** `keep` is asked for a stream that its client may come back to, once there is one. */
  constructor(response: ServerResponse, id: RequestId, revision: Pick<Revision, 'errorStatus' | 'hasPolling'>, keep?: () => KeptStream) {
    this.#keep = keep;
    this.#response = response;
    this.#id = id;
    this.#revision = revision;
  }

  /** False when the client does not take it, or is gone: then nobody need go on. */
  tell(message: string): boolean {
    const response = this.#response;
    if (this.#kept !== undefined) return this.#kept.tell(frameOf(message));
    if (response.destroyed || response.writableEnded) return false;
    const kept = this.#isStream ? undefined : this.#open();
    if (kept !== undefined) return kept.tell(frameOf(message));
    response.write(frameOf(message));
    return response.writableLength <= maxWaitingBytes;
  }

  /** Has the client come back for the rest, as the server had us, where its revision knows that and it can; else it goes on waiting. */
  poll(): void {
    const response = this.#response;
    if (!this.#revision.hasPolling || this.#keep === undefined) return;
    if (!this.#isStream && (response.destroyed || response.headersSent)) return;
    (this.#kept ?? this.#open())?.poll();
  }

  #open(): KeptStream | undefined {
    this.#isStream = true;
    this.#response.writeHead(200, streamHead);
    this.#kept = this.#keep?.();
    if (this.#revision.hasPolling) this.#kept?.prime();
    return this.#kept;
  }

  result(text: string, headers?: Record<string, string>): void {
    this.#end(`"result":${text}`, headers);
  }

  /** `text` is an error object. */
  error(text: string, headers?: Record<string, string>): void {
    const code = Number(membersOf(text)?.get('code'));
    this.#end(`"error":${text}`, headers, this.#revision.errorStatus[code]);
  }

  /** For a client that gave it up and expects nothing. */
  nothing(): void {
    if (this.#kept !== undefined) this.#kept.end();
    else if (this.#isStream) this.#response.end();
    else endWithoutAnswer(this.#response);
  }

  #end(outcome: string, headers?: Record<string, string>, status = 200): void {
    const message = `{"jsonrpc":"2.0","id":${JSON.stringify(this.#id)},${outcome}}`;
    if (!this.#isStream) return sendJson(this.#response, status, message, headers);
    if (this.#kept !== undefined) {
      this.#kept.tell(frameOf(message));
      return this.#kept.end();
    }
    if (!this.#response.destroyed) this.#response.end(frameOf(message));
  }
}

/** An event holds no line break of its own: JSON has them between its parts alone, where they mean nothing. */
export const frameOf = (message: string): string => `event: message\ndata: ${message.replace(/[\r\n]+/g, ' ')}\n\n`;
