import type { ClientRequest, IncomingMessage } from 'node:http';
import type { OperationEntry } from '../model.ts';
import { ProofFailure } from '../upstream/proofs/proof-failure.ts';
import type { Prover, ShownToUpstream } from '../upstream/proofs/prover.ts';
import type { Relays } from '../upstream/relays.ts';
import { EventReader } from './event-reader.ts';
import { BadMessage, maxMessageBytes, messagesIn } from './messages.ts';
import type { Members, ShownCaller } from './peer.ts';

/** How requests get to a server, and what proves us there. */
export type HttpWay = {
  readonly relays: Relays;
  readonly prover: Prover;
  /** Of the server: its origin, its line and its proofs. */
  readonly operation: OperationEntry;
  readonly path: string;
  readonly headers: readonly string[];
  /** In the place of the headers where a caller is shown; undefined where none is. */
  readonly besideCallers?: readonly string[] | undefined;
};

export type HttpEvents = {
  /** The head of an answer that is one. */
  onHead?(headers: IncomingMessage['headers']): void;
  onMessage(members: Members): void;
  /** It answered with a status that is no answer; `words` are the beginning of its body. */
  onStatus(status: number, words: string): void;
  /** The answer is complete. `lastId` names the last event of a stream that had ids, and `retryMs` is after how long the server wants to be come back to. */
  onEnd(lastId: string | undefined, retryMs: number | undefined): void;
  /** `reason` is a sentence; `isAway` where not even the head of an answer came. */
  onFailure(reason: string, cause: Error, isAway: boolean): void;
};

const maxWords = 2000;
/** Bytes of one stream that nobody asked to last. */
const maxStreamBytes = 256 * 1024 * 1024;
const nobody = { caller: { consumerId: '', consumerName: '', keyId: undefined }, token: undefined, requestId: '' };

/** Sends one request and reads what comes of it. Redirects are answers like any other: nobody follows them (lesson 27). The function it answers with ends it. */
export function send(
  way: HttpWay,
  given: { method: 'POST' | 'GET' | 'DELETE'; headers: readonly string[]; body?: string; lasts?: boolean; by?: ShownCaller | undefined },
  events: HttpEvents,
): () => void {
  const by = way.besideCallers === undefined ? undefined : given.by;
  const operation = by?.operation ?? way.operation;
  let isOver = false;
  let sent: ClientRequest | undefined;
  const over = (tell: () => void): void => {
    if (isOver) return;
    isOver = true;
    tell();
  };
  const open = (proven: ShownToUpstream | undefined, mayRepeat: boolean): void => {
    if (isOver) return;
    const headers = [...((by && way.besideCallers) ?? way.headers), ...given.headers, ...(proven?.headers ?? [])];
    if (given.body !== undefined) headers.push('content-length', String(Buffer.byteLength(given.body)));
    const opened = way.relays.open(operation, { method: given.method, target: way.path, headers });
    if ('kind' in opened) return over(() => events.onFailure(opened.reason, opened.cause, true));
    sent = opened;
    let hasBegun = false;
    opened.on('error', (error) => {
      const failure = way.relays.failureOf(error, hasBegun);
      over(() => events.onFailure(failure.reason.replace('The upstream', 'The MCP server'), error, !hasBegun));
    });
    opened.on('response', (response) => {
      hasBegun = true;
      if (response.statusCode === 401 && mayRepeat && proven !== undefined && way.prover.wasRefused(proven)) {
        response.resume();
        return begin(false);
      }
      read(response, given.lasts === true, events, over, () => opened.destroy());
    });
    opened.end(given.body);
  };
  const begin = (mayRepeat: boolean): void => {
    if (operation.proofs.length === 0) return open(undefined, false);
    way.prover.prove(operation, by ?? nobody).then(
      (proven) => open(proven, mayRepeat),
      (error: unknown) =>
        over(() =>
          events.onFailure(
            error instanceof ProofFailure ? error.message : 'What proves the gateway to the MCP server could not be made.',
            error as Error,
            // What one caller cannot show says nothing about the server.
            by === undefined,
          ),
        ),
    );
  };
  begin(true);
  return () => {
    isOver = true;
    sent?.destroy();
  };
}

function read(response: IncomingMessage, lasts: boolean, events: HttpEvents, over: (tell: () => void) => void, cut: () => void): void {
  const { statusCode: status = 0, headers } = response;
  const type = headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  const isStream = status === 200 && type === 'text/event-stream';
  const isJson = type === 'application/json';
  const failed = (error: unknown): void => {
    const reason = error instanceof BadMessage ? `The MCP server broke the protocol: ${error.message}.` : 'The MCP server broke off its answer.';
    over(() => events.onFailure(reason, error as Error, false));
    cut();
  };
  if (status === 200 || status === 202) events.onHead?.(headers);
  const chunks: Buffer[] = [];
  let bytes = 0;
  const stream = new EventReader((data) => {
    for (const members of messagesIn(data)) events.onMessage(members);
  });
  response.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    try {
      if (isStream) {
        if (!lasts && bytes > maxStreamBytes) throw new BadMessage(`its stream is longer than ${maxStreamBytes} bytes`);
        return stream.take(chunk);
      }
      if (bytes > maxMessageBytes) throw new BadMessage(`what it sent is larger than ${maxMessageBytes} bytes`);
      if (isJson || Buffer.concat(chunks).length < maxWords) chunks.push(chunk);
    } catch (error) {
      failed(error);
    }
  });
  response.on('error', failed);
  response.on('end', () => {
    try {
      const body = Buffer.concat(chunks);
      // A JSON-RPC error comes with a status of its own in 2026-07-28.
      const messages = isJson && body.length > 0 && (status < 300 || isMessage(body)) ? messagesIn(body) : undefined;
      if (messages !== undefined) for (const members of messages) events.onMessage(members);
      else if (status !== 202 && !isStream) return over(() => events.onStatus(status, body.toString('utf8').slice(0, maxWords)));
      over(() => events.onEnd(stream.lastId, stream.retryMs));
    } catch (error) {
      failed(error);
    }
  });
}

/** Of a refusal by something before the server the body may be any JSON. */
function isMessage(body: Buffer): boolean {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    const [first] = Array.isArray(value) ? (value as unknown[]) : [value];
    return typeof first === 'object' && first !== null && 'jsonrpc' in first;
  } catch {
    return false;
  }
}
