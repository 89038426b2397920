import type { IncomingMessage } from 'node:http';
import type { McpEra } from '../model.ts';
import { Pending } from './pending.ts';
import { send } from './http-post.ts';
import type { HttpWay } from './http-post.ts';
import { encodedHeader } from './param-headers.ts';
import type { McpAnswer, Members, McpPeer, PeerEvents, PeerRequest, ShownCaller } from './peer.ts';
import { textIn } from '@stoa/lib/json-members.ts';

export type HttpPeerOptions = {
  readonly way: HttpWay;
  readonly era: McpEra;
  /** Undefined before it is agreed on. */
  readonly revision: string | undefined;
  /** What is sent with requests that belong to no caller, where each stands alone. */
  readonly envelope?: Readonly<Record<string, unknown>>;
  /** Whether the session is of one client alone: then what the server says beside its answers is said in the course of the newest request. */
  readonly isOfOneClient?: boolean;
  /** Who is shown with what is no caller's request, in a session of one client; the newest request says it anew. */
  readonly by?: ShownCaller | undefined;
};

/** Where a stream goes on that the server closed, and how often it did. */
type Resumption = { readonly lastId: string; readonly retryMs: number | undefined; readonly times: number };

type Sent = { readonly method: 'POST' | 'GET'; readonly headers: readonly string[]; readonly body?: string };

const both = 'application/json, text/event-stream';
/** Pauses before a stream that the server closed is opened anew. */
const reopenMs = 1000;
/** The shortest pause before the stream of an answer is come back to, at first, and the longest. A deadline ends it before so many. */
const [firstResumeMs, longestResumeMs, maxResumptions] = [50, 60_000, 10_000];
const brokenOff = 'The MCP server broke off its answer.';

/** A server that speaks Streamable HTTP, of either era: each request is one of HTTP, and what comes in the course of it is on its own stream. */
export class HttpPeer implements McpPeer {
  readonly era: McpEra;
  /** Of an older server that wants one. */
  #session: string | undefined;
  readonly #options: HttpPeerOptions;
  #revision: string | undefined;
  #ids = 0;
  #by: ShownCaller | undefined;
  readonly #inFlight = new Set<Pending>();
  #endListening: (() => void) | undefined;
  #reopening: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(options: HttpPeerOptions) {
    this.#options = options;
    this.era = options.era;
    this.#revision = options.revision;
    this.#by = options.by;
  }

  /** The revision that was agreed on by `initialize`. */
  agreed(revision: string): void {
    this.#revision = revision;
  }

  request(request: PeerRequest): void {
    const id = (this.#ids += 1);
    const { method, params, by } = request;
    if (this.#options.isOfOneClient === true) this.#by = by ?? this.#by;
    let end = (): void => undefined;
    const own: { pending?: Pending } = {};
    const settle: PeerRequest['settle'] = (answer) => {
      if (own.pending !== undefined) this.#inFlight.delete(own.pending);
      request.settle(answer);
    };
    const pending: Pending = new Pending(
      { ...request, settle },
      {
        abort: () => {
          end();
          // Before 2026-07-28 a closed connection is no cancellation: it has to be said.
          if (this.era === 'legacy' && method !== 'initialize') this.notify('notifications/cancelled', { requestId: id });
        },
        reply: (message) => this.#post(message),
      },
    );
    if (pending.isSettled) return;
    this.#inFlight.add(pending);
    own.pending = pending;
    const body = JSON.stringify({ jsonrpc: '2.0', id, method, params });
    end = this.#exchange(
      { method: 'POST', headers: [...this.#headers(method, request.name), ...(request.headers ?? [])], body, by: by ?? this.#by },
      { pending, onPoll: request.onPoll },
    );
  }

  notify(method: string, params: Readonly<Record<string, unknown>>): void {
    this.#post(JSON.stringify({ jsonrpc: '2.0', method, params }), method);
  }

  listen(events: PeerEvents, { resources }: { readonly resources: readonly string[] }): void {
    clearTimeout(this.#reopening);
    this.#endListening?.();
    if (this.era === 'modern') this.#subscribe(events, resources);
    else this.#openStream(events, undefined);
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#reopening);
    this.#endListening?.();
    if (this.#session !== undefined) this.#send({ method: 'DELETE', headers: this.#headers(undefined, undefined) });
  }

  /** One request of HTTP in the course of a request, and those that go on where its stream was broken off. */
  #exchange(
    given: Sent & { by: ShownCaller | undefined },
    concerned: { readonly pending: Pending } & Pick<PeerRequest, 'onPoll'>,
    before?: Resumption,
  ): () => void {
    const { pending, onPoll } = concerned;
    let end = (): void => undefined;
    const resume = (lastId = before?.lastId, retryMs = before?.retryMs): void => {
      if (pending.isSettled) return;
      const times = (before?.times ?? 0) + 1;
      if (lastId === undefined || this.era === 'modern' || times > maxResumptions) return pending.fail(brokenOff);
      onPoll?.();
      const headers = ['accept', 'text/event-stream', ...this.#common(), 'last-event-id', lastId];
      const again = (): void => {
        end = this.#exchange({ method: 'GET', headers, by: given.by }, concerned, { lastId, retryMs, times });
      };
      const timer = setTimeout(again, resumePauseMs(times, retryMs)).unref();
      end = () => clearTimeout(timer);
    };
    end = send(this.#options.way, given, {
      onHead: (headers) => this.#keepSession(headers),
      onMessage: (members) => pending.take(members),
      onStatus: (status, words) => pending.settle(this.#answerOf(status, words)),
      onEnd: resume,
      onFailure: (reason, cause, isAway) => pending.fail(reason, cause, isAway),
    });
    return () => end();
  }

  #answerOf(status: number, words: string): McpAnswer {
    if (status === 404 && this.#session !== undefined) return { kind: 'forgotten' };
    if (status < 500 && status !== 408 && status !== 429) return { kind: 'refused', status, words: wordsOf(words) };
    const reason = `The MCP server answered HTTP ${status}.`;
    return { kind: 'failed', reason, timeout: false, cause: new Error(`${reason} ${wordsOf(words)}`) };
  }

  #keepSession(headers: IncomingMessage['headers']): void {
    const given = headers['mcp-session-id'];
    if (this.era === 'legacy' && typeof given === 'string' && /^[\x21-\x7e]{1,1024}$/.test(given)) this.#session ??= given;
  }

  #post(body: string, method?: string): void {
    this.#send({ method: 'POST', headers: this.#headers(method, undefined), body });
  }

  /** What nothing is expected of. */
  #send(given: { method: 'POST' | 'DELETE'; headers: readonly string[]; body?: string }): void {
    const nothing = (): void => undefined;
    send(this.#options.way, { ...given, by: this.#by }, { onMessage: nothing, onStatus: nothing, onEnd: nothing, onFailure: nothing });
  }

  #common(): string[] {
    return [
      ...(this.#revision === undefined ? [] : ['mcp-protocol-version', this.#revision]),
      ...(this.#session === undefined ? [] : ['mcp-session-id', this.#session]),
    ];
  }

  /** The headers that 2026-07-28 wants beside the body, so that what stands between may read them. */
  #headers(method: string | undefined, name: string | undefined): string[] {
    const headers = ['accept', both, 'content-type', 'application/json', ...this.#common()];
    if (this.era === 'legacy' || method === undefined) return headers;
    headers.push('mcp-method', method);
    if (name !== undefined) headers.push('mcp-name', encodedHeader(name));
    return headers;
  }

  /** The stream of 2026-07-28 for what changes. */
  #subscribe(events: PeerEvents, resources: readonly string[]): void {
    const notifications = {
      toolsListChanged: true,
      promptsListChanged: true,
      resourcesListChanged: true,
      ...(resources.length > 0 && { resourceSubscriptions: resources }),
    };
    const method = 'subscriptions/listen';
    const params = { _meta: this.#options.envelope, notifications };
    const body = JSON.stringify({ jsonrpc: '2.0', id: (this.#ids += 1), method, params });
    this.#last({ method: 'POST', headers: this.#headers(method, undefined), body }, events, () => this.#subscribe(events, resources));
  }

  /** That of the revisions before. */
  #openStream(events: PeerEvents, lastId: string | undefined): void {
    const headers = ['accept', 'text/event-stream', ...this.#common(), ...(lastId === undefined ? [] : ['last-event-id', lastId])];
    this.#last({ method: 'GET', headers }, events, (last = lastId) => this.#openStream(events, last));
  }

  #last(given: Sent, events: PeerEvents, again: (lastId: string | undefined) => void): void {
    this.#endListening = send(
      this.#options.way,
      { ...given, lasts: true, by: this.#by },
      {
        onHead: () => events.onOpen?.(),
        onMessage: (members) => this.#told(members, events),
        onStatus: (status) => {
          events.onOpen?.();
          // A server that has no such stream is asked from time to time instead.
          if (status === 404 && this.#session !== undefined) events.onLost('The MCP server does not know the session any more.');
        },
        onEnd: (lastId, retryMs = 0) => {
          if (this.#isClosed) return;
          this.#reopening = setTimeout(() => again(lastId), Math.min(Math.max(retryMs, reopenMs), longestResumeMs)).unref();
        },
        onFailure: (reason) => {
          if (!this.#isClosed) events.onLost(reason);
        },
      },
    );
  }

  #told(members: Members, events: PeerEvents): void {
    const method = textIn(members, 'method');
    if (method === undefined) return;
    const newest = this.#options.isOfOneClient === true ? [...this.#inFlight].at(-1) : undefined;
    if (newest !== undefined) return newest.take(members);
    const id = members.get('id');
    if (id === undefined) return events.onNotification(method, members.get('params'));
    // Nobody's request it belongs to: there is nobody to ask.
    const outcome = method === 'ping' ? '"result":{}' : '"error":{"code":-32601,"message":"Method not found"}';
    this.#post(`{"jsonrpc":"2.0","id":${id},${outcome}}`);
  }
}

/** As the server said it, and longer and longer where it closes its stream again and again. */
const resumePauseMs = (times: number, saidMs = 0): number =>
  Math.min(Math.max(saidMs, Math.min(reopenMs, firstResumeMs * 2 ** Math.min(times - 1, 10))), longestResumeMs);

/** The message in a body of JSON, else its beginning, on one line. */
export function wordsOf(body: string): string {
  let text = body;
  try {
    const value = JSON.parse(body) as { error?: { message?: unknown } | string; message?: unknown; error_description?: unknown };
    const found = [typeof value.error === 'object' ? value.error.message : undefined, value.error_description, value.message, value.error].find(
      (each) => typeof each === 'string',
    );
    if (typeof found === 'string') text = found;
  } catch {
    // It is no JSON.
  }
  return text.replace(/\s+/g, ' ').trim().slice(0, 500);
}
