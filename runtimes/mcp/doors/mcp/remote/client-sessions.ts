import { canonicalJson } from '@stoa/lib/canonical-json.ts';
import { hash } from 'node:crypto';
import { personOf } from '../../../decide/person.ts';
import type { IncomingHttpHeaders } from 'node:http';
import type { CallerSide } from '../../../federation/caller-sessions.ts';
import { asksBack } from '../../../federation/caller-sessions.ts';
import type { ClientFacts } from '../../../federation/bridge.ts';
import type { ServerAsk } from '../../../federation/peer.ts';
import { isObject } from '../json-rpc.ts';
import type { RequestId } from '../json-rpc.ts';
import { sessionIdOf } from '../exchange.ts';
import type { Exchange } from '../exchange.ts';
import type { RemoteRequest } from './recognise-remote.ts';

const maxSessions = 10_000;
/** Of these, what one consumer may have: with more he ends his own. */
const maxSessionsOfOne = 1000;
const maxAsks = 10_000;
const maxSubscribed = 256;
const maxFactsChars = 16_384;
const own = 'io.modelcontextprotocol/';

/** A resource that a client wants to be told of. */
export type WatchedResource = { readonly serverId: string; readonly uri: string; release(): void };

type Session = {
  readonly person: string;
  /** Whose share it is of. */
  readonly consumerId: string;
  readonly capabilities: Record<string, unknown>;
  readonly info: ClientFacts['info'];
  readonly subscribed: Map<string, WatchedResource>;
  logLevel: string | undefined;
};

/** What clients of older revisions said when they began, by the session ids that we gave them, and what servers ask them meanwhile. A session of somebody else is none. */
export class ClientSessions {
  readonly #sessions = new Map<string, Session>();
  /** How many each consumer has. */
  readonly #counts = new Map<string, number>();
  readonly #asks = new Map<string, ServerAsk['answer']>();
  /** Those that their clients have ended, the oldest first. */
  readonly #ended = new Set<string>();
  #ids = 0;

  /** To be called for each `initialize` that was answered. */
  begin(sessionId: string, exchange: Exchange, params: unknown): void {
    if (!isObject(params) || JSON.stringify(params).length > maxFactsChars) return;
    const { capabilities, clientInfo: info } = params;
    const { consumerId } = exchange.caller;
    const count = this.#counts.get(consumerId) ?? 0;
    if (count >= maxSessionsOfOne) {
      for (const [id, session] of this.#sessions) {
        if (session.consumerId !== consumerId) continue;
        this.#end(id);
        break;
      }
    } else if (this.#sessions.size >= maxSessions) {
      const [oldest] = this.#sessions.keys();
      this.#end(oldest as string);
    }
    const facts = { capabilities: isObject(capabilities) ? capabilities : {}, info: info as ClientFacts['info'] };
    this.#counts.set(consumerId, (this.#counts.get(consumerId) ?? 0) + 1);
    this.#sessions.set(sessionId, { person: personOf(exchange), consumerId, ...facts, subscribed: new Map(), logLevel: undefined });
  }

  #of(exchange: Exchange): { readonly id: string; readonly session: Session } | undefined {
    const id = sessionIdOf(exchange.headers);
    const session = id === undefined ? undefined : this.#sessions.get(id);
    return id === undefined || session?.person !== personOf(exchange) ? undefined : { id, session };
  }

  #end(sessionId: string): void {
    const session = this.#sessions.get(sessionId);
    if (session === undefined) return;
    for (const { release } of session.subscribed.values()) release();
    const left = (this.#counts.get(session.consumerId) ?? 0) - 1;
    if (left > 0) this.#counts.set(session.consumerId, left);
    else this.#counts.delete(session.consumerId);
    this.#sessions.delete(sessionId);
  }

  /** Ends the session of a request for good; false where it has none that was begun here. */
  end(exchange: Exchange): boolean {
    const found = this.#of(exchange);
    if (found === undefined) return false;
    this.#end(found.id);
    const [oldest] = this.#ended;
    if (this.#ended.size >= maxSessions && oldest !== undefined) this.#ended.delete(oldest);
    this.#ended.add(found.id);
    return true;
  }

  /** Whether the client of a request has ended its session itself: it is to begin a new one. */
  hasEnded(headers: IncomingHttpHeaders): boolean {
    const id = this.#ended.size === 0 ? undefined : sessionIdOf(headers);
    return id !== undefined && this.#ended.has(id);
  }

  /** False where there is no session to keep it in, or it has too many. */
  subscribe(exchange: Exchange, subscribed: WatchedResource): boolean {
    const all = this.#of(exchange)?.session.subscribed;
    if (all === undefined || all.size >= maxSubscribed) return false;
    all.get(subscribed.uri)?.release();
    all.set(subscribed.uri, subscribed);
    return true;
  }

  unsubscribe(exchange: Exchange, uri: string): void {
    const all = this.#of(exchange)?.session.subscribed;
    all?.get(uri)?.release();
    all?.delete(uri);
  }

  isSubscribed(sessionId: string, person: string | undefined, serverId: string, uri: string): boolean {
    const session = this.#sessions.get(sessionId);
    return session !== undefined && session.person === person && session.subscribed.get(uri)?.serverId === serverId;
  }

  setLogLevel(exchange: Exchange, level: unknown): void {
    const found = this.#of(exchange);
    if (found !== undefined && typeof level === 'string' && level.length <= 32) found.session.logLevel = level;
  }

  hasSession(exchange: Exchange): boolean {
    return this.#of(exchange) !== undefined;
  }

  /** What the client of a request is and can, as far as it said so. */
  factsOf(exchange: Exchange, { era, params }: Pick<RemoteRequest, 'era' | 'params'>): ClientFacts & { readonly side: CallerSide | undefined } {
    const { consumerId } = exchange.caller;
    if (era === 'modern') {
      const meta = isObject(params['_meta']) ? params['_meta'] : {};
      const capabilities = asksBack(meta[`${own}clientCapabilities`] as Record<string, unknown> | undefined);
      const info = meta[`${own}clientInfo`] as ClientFacts['info'];
      const level = meta[`${own}logLevel`];
      const digest = hash('sha256', canonicalJson([capabilities ?? null, info ?? null]), 'base64');
      const side = capabilities && { key: JSON.stringify([personOf(exchange), 'modern', digest]), owner: consumerId, capabilities, info };
      return { info, capabilities, logLevel: typeof level === 'string' ? level : undefined, side };
    }
    const found = this.#of(exchange);
    if (found === undefined) return { side: undefined };
    const { info, logLevel } = found.session;
    const capabilities = asksBack(found.session.capabilities);
    const side = capabilities && { key: JSON.stringify([personOf(exchange), found.id]), owner: consumerId, capabilities, info };
    return { info, capabilities, logLevel, side };
  }

  /** Keeps what a server asks until it is answered, and says by which id the client is asked; undefined where there are too many. */
  ask(exchange: Exchange, answer: ServerAsk['answer']): { readonly id: string; forget(): void } | undefined {
    if (this.#asks.size >= maxAsks) return undefined;
    const id = `ask-${(this.#ids += 1)}`;
    const key = keyOf(exchange, id);
    this.#asks.set(key, answer);
    return { id, forget: () => void this.#asks.delete(key) };
  }

  /** Takes a client's answer; false where nothing was asked by the id, or of somebody else. */
  answered(exchange: Exchange, id: RequestId, reply: Parameters<ServerAsk['answer']>[0]): boolean {
    const key = keyOf(exchange, String(id));
    const answer = this.#asks.get(key);
    this.#asks.delete(key);
    answer?.(reply);
    return answer !== undefined;
  }
}

const keyOf = (exchange: Exchange, id: string): string => JSON.stringify([personOf(exchange), sessionIdOf(exchange.headers) ?? '', id]);
