import { NoConnection, initialize } from './negotiate.ts';
import type { ClientSelf, PeerMaker } from './negotiate.ts';
import type { McpPeer, ShownCaller } from './peer.ts';

/** A client that a server may ask something, in the course of its own requests. */
export type CallerSide = {
  /** The same for the same client of the same caller, and for nobody else. */
  readonly key: string;
  /** The consumer. */
  readonly owner: string;
  readonly capabilities: Readonly<Record<string, unknown>>;
  readonly info?: ClientSelf | undefined;
  /** Who is shown to the server, where it is shown that: then nobody else is ever in the same session. */
  readonly by?: ShownCaller | undefined;
};

/** What of a client's capabilities has a server ask it. */
const asking = ['sampling', 'elicitation', 'roots'];

/** Of a client's capabilities those by which a server asks it; undefined where there are none. */
export function asksBack(capabilities: Readonly<Record<string, unknown>> | undefined): Record<string, unknown> | undefined {
  const own = Object.entries(capabilities ?? {}).filter(([name, value]) => asking.includes(name) && typeof value === 'object' && value !== null);
  return own.length === 0 ? undefined : Object.fromEntries(own);
}

const idleMs = 10 * 60_000;
/** How long the stream that a server asks by may take to open. */
const openMs = 2000;

/** What was used within this time may be in the middle of something. */
const busyMs = 60_000;
/** Of all sessions, what one consumer may have. */
const shareOfOne = 4;

type Session = { readonly peer: Promise<McpPeer>; readonly owner: string; usedAtMs: number };

/**
 * Sessions with one older server for clients that it may ask something: it asks by the session, so that each client has one of its own, which nobody else is ever let into. What
 * was not used for a while is ended. Who has too many loses his own, and nobody's that is in use is ended for another.
 */
export class CallerSessions {
  readonly #sessions = new Map<string, Session>();
  readonly #make: PeerMaker;
  readonly #self: ClientSelf;
  readonly #max: number;
  readonly #sweeper: NodeJS.Timeout;
  #ending = 0;

  /** `make` makes peers that take what comes on no request's stream for part of the newest request. */
  constructor(make: PeerMaker, self: ClientSelf, maxSessions: number) {
    this.#max = maxSessions;
    this.#make = make;
    this.#self = self;
    this.#sweeper = setInterval(() => this.#sweep(performance.now() - idleMs), idleMs / 10).unref();
  }

  /** Rejects with `NoConnection` where none can be begun. */
  peerFor({ key, owner, capabilities, info, by }: CallerSide): Promise<McpPeer> {
    const known = this.#sessions.get(key);
    if (known === undefined && !this.#makeRoom(owner))
      return Promise.reject(new NoConnection('unreachable', 'it has too many clients at the moment'));
    // Those used last stand last.
    this.#sessions.delete(key);
    const session = known ?? { peer: this.#begin(capabilities, info, by), owner, usedAtMs: 0 };
    session.usedAtMs = performance.now();
    this.#sessions.set(key, session);
    if (known === undefined) session.peer.catch(() => void this.forget(key, session.peer));
    return session.peer;
  }

  /** Whether one more may be begun: those that end still take room, a process for one. */
  #makeRoom(owner: string): boolean {
    const own = [...this.#sessions].filter(([, session]) => session.owner === owner);
    const [ownOldest] = own;
    if (ownOldest !== undefined && own.length >= Math.ceil(this.#max / shareOfOne)) void this.forget(ownOldest[0]);
    const [oldest] = this.#sessions;
    if (this.#sessions.size >= this.#max && oldest !== undefined && performance.now() - oldest[1].usedAtMs > busyMs) void this.forget(oldest[0]);
    return this.#sessions.size < this.#max && this.#ending < this.#max;
  }

  /** Tells the server of one client something, where it has a session. */
  tell(key: string, method: string, params: Readonly<Record<string, unknown>>): void {
    void this.#sessions
      .get(key)
      ?.peer.then((peer) => peer.notify(method, params))
      .catch(() => undefined);
  }

  /** Ends a session; only the one of `peer` where that is given. */
  async forget(key: string, peer?: Promise<McpPeer>): Promise<void> {
    const session = this.#sessions.get(key);
    if (session === undefined || (peer !== undefined && session.peer !== peer)) return;
    this.#sessions.delete(key);
    this.#ending += 1;
    await session.peer.then((begun) => begun.close()).catch(() => undefined);
    this.#ending -= 1;
  }

  async close(): Promise<void> {
    clearInterval(this.#sweeper);
    await Promise.all([...this.#sessions.keys()].map((key) => this.forget(key)));
  }

  #sweep(beforeMs: number): void {
    for (const [key, { usedAtMs }] of [...this.#sessions]) if (usedAtMs < beforeMs) void this.forget(key);
  }

  async #begin(capabilities: CallerSide['capabilities'], info: ClientSelf | undefined, by: ShownCaller | undefined): Promise<McpPeer> {
    const { peer } = await initialize((era, revision) => this.#make(era, revision, true, by), info ?? this.#self, capabilities);
    const opened = Promise.withResolvers<void>();
    const late = setTimeout(opened.resolve, openMs);
    peer.listen({ onNotification: () => undefined, onLost: () => opened.resolve(), onOpen: () => opened.resolve() }, { resources: [] });
    await opened.promise;
    clearTimeout(late);
    return peer;
  }
}
