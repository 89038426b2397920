import { setTimeout as delay } from 'node:timers/promises';
import type { McpServerState } from '@stoa/generated/schemas.ts';
import type { Logger } from '@stoa/lib/log.ts';
import type { ApiEntry, McpCatalog, McpEra } from '../model.ts';
import { CallerSessions } from './caller-sessions.ts';
import type { CallerSide } from './caller-sessions.ts';
import { NoConnection, envelopeOf, negotiate } from './negotiate.ts';
import type { ClientSelf, Hello, PeerMaker } from './negotiate.ts';
import { readOffers } from './offers.ts';
import { ask } from './peer.ts';
import type { McpAnswer, McpPeer, PeerRequest } from './peer.ts';

export type FederatedServerOptions = {
  readonly entry: ApiEntry;
  readonly self: ClientSelf;
  readonly makePeer: PeerMaker;
  readonly log: Logger;
  /** Told when its state, or what it offers, is another one. Must not throw. */
  changed(server: FederatedServer): void;
  /** Told when a resource that was subscribed to has changed. Must not throw. */
  resourceUpdated(server: FederatedServer, params: string | undefined): void;
  /** Uniform in [0, 1). */
  readonly random?: () => number;
};

const [shortestPauseMs, longestPauseMs] = [100, 30_000];
/** A connection that held so long was a good one. */
const healthyMs = 10_000;
/** What a server offers is read anew so often, where it does not tell of changes or its telling was lost. */
const refreshMs = 60_000;
/** Several changes at once are read once. */
const gatherMs = 50;
const subscribeMs = 15_000;
/** Sessions of one client each; those of a command are processes. */
const [maxSessions, maxProcesses] = [1000, 16];
const maxResources = 5000;
const connecting = 'It has not been reached yet.';

/** One MCP server for as long as it is configured the same: its connection, which is made again and again, and what it offers. */
export class FederatedServer {
  readonly #options: FederatedServerOptions;
  readonly #stopped = new AbortController();
  #entry: ApiEntry;
  #hello: Hello | undefined;
  #state: McpServerState = 'unreachable';
  #reason: string | undefined = connecting;
  #catalog: McpCatalog | undefined;
  #wake = Promise.withResolvers<void>();
  #isStale = false;
  #isLost = false;
  #attempts = 0;
  readonly #callers: CallerSessions;
  /** Those that somebody wants to be told of, and how many want it. */
  readonly #resources = new Map<string, number>();
  readonly #running: Promise<void>;

  constructor(options: FederatedServerOptions) {
    this.#options = options;
    this.#entry = options.entry;
    this.#callers = new CallerSessions(options.makePeer, options.self, options.entry.mcp?.place.kind === 'stdio' ? maxProcesses : maxSessions);
    // What was offered before is offered still, until it can be asked.
    this.#catalog = options.entry.mcp?.catalog;
    this.#running = this.#run();
  }

  get entry(): ApiEntry {
    return this.#entry;
  }

  /** The newest entry of the same connection. */
  set entry(entry: ApiEntry) {
    this.#entry = entry;
  }

  get catalog(): McpCatalog | undefined {
    return this.#catalog;
  }

  get state(): McpServerState {
    return this.#state;
  }

  /** Why it is not connected, or what of it is not served. */
  get reason(): string | undefined {
    return this.#reason;
  }

  get era(): McpEra | undefined {
    return this.#hello?.era;
  }

  /** Sends a request, which `make` words once it is known in which era. What cannot be sent is answered at once. */
  request(make: (era: McpEra) => PeerRequest, side?: CallerSide, isRepeated = false): void {
    const hello = this.#hello;
    if (hello === undefined) {
      this.#awake();
      const request = make('modern');
      const reason = `The MCP server ${this.#entry.name} ${this.#state === 'refused' ? 'does not serve this gateway' : 'cannot be reached'} at the moment. Its other calls fail too: try again later.`;
      return request.settle({ kind: 'failed', reason, timeout: false, cause: new Error(this.#reason ?? reason) });
    }
    if (side !== undefined && hello.era === 'legacy') return this.#requestFor(side, make(hello.era), isRepeated);
    const request = make(hello.era);
    hello.peer.request({ ...request, settle: (answer) => this.#settled(hello.peer, answer, request, make, isRepeated) });
  }

  #settled(peer: McpPeer, answer: McpAnswer, request: PeerRequest, make: (era: McpEra) => PeerRequest, isRepeated: boolean): void {
    if (answer.kind === 'failed' && answer.isAway === true) this.#lose(peer, answer.reason);
    if (answer.kind !== 'forgotten') return request.settle(answer);
    this.#lose(peer, 'It does not know the session any more.');
    const again = (): void => (isRepeated ? request.settle(answer) : this.request(make, undefined, true));
    void this.#connected().then(again);
  }

  /** The same in a session of one client. */
  #requestFor(side: CallerSide, request: PeerRequest, isRepeated: boolean): void {
    this.#callers.peerFor(side).then(
      (peer) =>
        peer.request({
          ...request,
          settle: (answer) => {
            if (answer.kind !== 'forgotten' && !(answer.kind === 'failed' && answer.isAway === true)) return request.settle(answer);
            void this.#callers.forget(side.key);
            if (answer.kind === 'failed' || isRepeated) request.settle(answer);
            else this.#requestFor(side, request, true);
          },
        }),
      (cause: Error) =>
        request.settle({
          kind: 'failed',
          reason: `The MCP server ${this.#entry.name} began no session for this client.${ownWords(cause)}`,
          timeout: false,
          cause,
        }),
    );
  }

  /** Resolves after the next attempt to connect, whatever came of it. */
  #connected(): Promise<void> {
    if (this.#stopped.signal.aborted) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
  readonly #waiting: (() => void)[] = [];

  /** Tells the server something of one client, where that has a session of its own there. */
  tell(key: string, method: string, params: Readonly<Record<string, unknown>>): void {
    this.#callers.tell(key, method, params);
  }

  /** Ends the session that one client has there. */
  forget(key: string): void {
    void this.#callers.forget(key);
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    this.#hello = undefined;
    for (const resolve of this.#waiting.splice(0)) resolve();
    this.#awake();
    await Promise.all([this.#callers.close(), this.#running]);
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      this.#isLost = false;
      const hello = await this.#connect();
      for (const resolve of this.#waiting.splice(0)) resolve();
      if (hello !== undefined) {
        const sinceMs = performance.now();
        await this.#serve(hello);
        this.#hello = undefined;
        await hello.peer.close();
        // One that is lost again and again is asked more and more slowly, like one that is away.
        this.#attempts = performance.now() - sinceMs > healthyMs ? -1 : this.#attempts;
        if (signal.aborted) return;
      }
      this.#attempts += 1;
      const { random = Math.random } = this.#options;
      const pauseMs = Math.min(longestPauseMs, shortestPauseMs * 2 ** Math.min(this.#attempts, 10)) * (0.5 + random() / 2);
      await this.#sleep(pauseMs, gatherMs);
    }
  }

  /** Undefined when there is no connection. Never rejects. */
  async #connect(): Promise<Hello | undefined> {
    const { self, makePeer, log } = this.#options;
    let hello: Hello | undefined;
    try {
      hello = await negotiate(makePeer, self);
      await this.#read(hello);
      return hello;
    } catch (error) {
      await hello?.peer.close();
      if (this.#stopped.signal.aborted) return undefined;
      const { message } = error as Error;
      const state = error instanceof NoConnection ? error.state : 'unreachable';
      if (this.#tell(state, message)) log.warn({ server: this.#entry.name, reason: message }, 'An MCP server is not connected.');
      return undefined;
    }
  }

  async #serve(hello: Hello): Promise<void> {
    const { peer } = hello;
    this.#listen(peer);
    if (hello.era === 'legacy') for (const uri of this.#resources.keys()) void ask(peer, subscriptionTo(uri));
    while (!this.#stopped.signal.aborted && !this.#isLost) {
      await this.#sleep(refreshMs, gatherMs);
      if (this.#stopped.signal.aborted || this.#isLost) return;
      this.#isStale = false;
      try {
        await this.#read(hello);
      } catch (error) {
        this.#lose(peer, (error as Error).message);
      }
    }
  }

  #listen(peer: McpPeer): void {
    const onNotification = (method: string, params: string | undefined): void => {
      if (method.endsWith('/list_changed')) this.#refreshSoon();
      if (method === 'notifications/resources/updated') this.#options.resourceUpdated(this, params);
    };
    peer.listen({ onNotification, onLost: (reason) => this.#lose(peer, reason) }, { resources: [...this.#resources.keys()] });
  }

  /** Has the server tell of changes of a resource, for one more that wants to know. Resolves with what it answered. */
  async subscribe(uri: string): Promise<McpAnswer> {
    const done: McpAnswer = { kind: 'result', text: '{}' };
    const count = this.#resources.get(uri) ?? 0;
    if (count === 0 && this.#resources.size >= maxResources) {
      const reason = 'Too many resources of this MCP server are subscribed to.';
      return { kind: 'failed', reason, timeout: false, cause: new Error(reason) };
    }
    this.#resources.set(uri, count + 1);
    const peer = this.#hello?.peer;
    // Where it is away, it is told when it returns.
    if (count > 0 || peer === undefined) return done;
    if (peer.era === 'legacy') return ask(peer, subscriptionTo(uri));
    this.#listen(peer);
    return done;
  }

  /** The same for one less. */
  unsubscribe(uri: string): void {
    const count = this.#resources.get(uri) ?? 0;
    if (count > 1) return void this.#resources.set(uri, count - 1);
    if (!this.#resources.delete(uri)) return;
    const peer = this.#hello?.peer;
    if (peer?.era === 'legacy') void ask(peer, { ...subscriptionTo(uri), method: 'resources/unsubscribe' });
    else if (peer !== undefined) this.#listen(peer);
  }

  async #read(hello: Hello): Promise<void> {
    const { offers, faults } = await readOffers(hello, envelopeOf(this.#options.self));
    const { era, protocolVersion, capabilities, instructions, serverInfo } = hello;
    const next: McpCatalog = { era, protocolVersion, capabilities, instructions, serverInfo, offers };
    const isSame = this.#catalog !== undefined && nameOf(this.#catalog) === nameOf(next);
    if (!isSame) this.#catalog = next;
    this.#hello = hello;
    const isNews = this.#tell('connected', faults.length === 0 ? undefined : faults.join(' ').slice(0, 2000), isSame);
    if (isNews) this.#options.log.info({ server: this.#entry.name, revision: protocolVersion, offers: offers.length }, 'An MCP server is connected.');
  }

  /** True when this is news. */
  #tell(state: McpServerState, reason: string | undefined, isSame = true): boolean {
    const isNews = !isSame || this.#state !== state || this.#reason !== reason;
    this.#state = state;
    this.#reason = reason?.slice(0, 2000);
    if (isNews) this.#options.changed(this);
    return isNews;
  }

  #lose(peer: McpPeer, reason: string): void {
    if (this.#hello?.peer !== peer) return;
    this.#hello = undefined;
    this.#isLost = true;
    this.#tell('unreachable', reason);
    this.#awake();
  }

  #refreshSoon(): void {
    this.#isStale = true;
    this.#awake();
  }

  #awake(): void {
    this.#wake.resolve();
  }

  /** Until it is woken, but not for less than `atLeastMs`. */
  async #sleep(ms: number, atLeastMs: number): Promise<void> {
    const over = new AbortController();
    const signal = AbortSignal.any([over.signal, this.#stopped.signal]);
    const rested = (time: number): Promise<void> => delay(time, undefined, { signal, ref: false }).catch(() => undefined);
    await Promise.race([rested(ms), this.#isStale ? undefined : this.#wake.promise]);
    if (!this.#stopped.signal.aborted && !this.#isLost) await rested(atLeastMs);
    over.abort();
    this.#wake = Promise.withResolvers();
  }
}

/** Why, where that is ours to say and not the server's. */
const ownWords = (cause: Error): string => (cause instanceof NoConnection && cause.state === 'unreachable' ? ` ${cause.message}` : '');

const subscriptionTo = (uri: string) => ({ method: 'resources/subscribe', params: { uri }, timeoutMs: subscribeMs });

/** What tells one catalog from another. */
const nameOf = ({ era, protocolVersion, capabilities, instructions, serverInfo, offers }: McpCatalog): string =>
  JSON.stringify([era, protocolVersion, [...capabilities], instructions, serverInfo, offers.map(({ kind, name, text }) => [kind, name, text])]);
