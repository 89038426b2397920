import { setImmediate } from 'node:timers/promises';
import type { Logger } from '@stoa/lib/log.ts';
import type { LimitPolicy } from '../../model.ts';
import { LimitTable, windowKey } from '../limit-table.ts';
import type { WindowKey } from '../limit-table.ts';
import { countsBytes } from '../limits.ts';
import { periodAt } from '../period.ts';
import { LeaseTable } from './lease-table.ts';
import { livenessMs } from './store.ts';
import type { LeaseAnswer, LeaseQuestion, LeaseStore } from './store.ts';

/** For which window of which limit calls are wanted, and by how many that wait. */
export type LeaseAsk = { readonly name: string; readonly policy: LimitPolicy; readonly waiting: number };

/** Gets calls of limits for all threads of a replica. */
export type LeaseSource = {
  /** Resolves once there may be some, or it is known that there are none. Never rejects. */
  lease(ask: LeaseAsk): Promise<void>;
};

export type LessorOptions = {
  readonly store: LeaseStore;
  readonly memory: SharedArrayBuffer;
  readonly leaseMemory: SharedArrayBuffer;
  readonly log: Logger;
  /** Wall-clock time that never goes back. */
  readonly now: () => number;
};

type Flight = { waiting: number; done: Promise<void> };
type Wish = { readonly want: number; readonly waiting: () => number; readonly keepsUnused: boolean };
type Held = { readonly name: string; readonly key: WindowKey; policy: LimitPolicy; countBefore: number };
type Claim = Pick<LeaseQuestion, 'claim' | 'claimedEnd' | 'claimedMs'>;

/** The threads that call have the numbers from 1. */
const owner = 2 ** 30;
const beatMs = 2_000;
const probeMs = 250;
const sweepMs = 1_000;
const sweptAtOnce = 5_000;
const toldAtOnce = 64;
/** For so long it is believed that there is nothing left: another replica may give back what it has no use for. */
const emptyMs = 500;
const quietMs = 60_000;
/** A window that ends so soon is not worth a question. */
const idleMs = 1_000;

/** One flight's worth: enough that few calls wait for the store, few enough that little is lost with a replica that is killed. */
const batchOf = (policy: LimitPolicy): number => Math.min(countsBytes(policy) ? Infinity : 1_000, Math.max(1, Math.floor(policy.limit / 40)));

/**
 * Takes calls of limits from a store that replicas share, in batches, one question at a time for each window, whatever threads want some. While the store is away, every
 * thread sees so and decides without it.
 */
export class Lessor implements LeaseSource {
  readonly #options: LessorOptions;
  readonly #table: LimitTable;
  readonly #leases: LeaseTable;
  readonly #flights = new Map<string, Flight>();
  readonly #held = new Map<string, Held>();
  #toSweep: Iterator<Held, undefined> | undefined;
  #sweeping: NodeJS.Timeout | undefined;
  #beating: NodeJS.Timeout | undefined;
  #hasStopped = false;
  #wasSeen = false;
  #backAtMs = -Infinity;
  #warnedAtMs = -Infinity;
  #isTold = false;
  /** For the metrics. */
  readonly counts = { leases: 0, failures: 0, outages: 0 };

  constructor(options: LessorOptions) {
    this.#options = options;
    this.#table = new LimitTable(options.memory, owner, options.now);
    this.#leases = new LeaseTable(options.leaseMemory);
    this.#leases.isAway = true;
    options.store.onChange(() => void this.#tellAll(true).catch((error: unknown) => this.#lose(error)));
  }

  get isAway(): boolean {
    return this.#leases.isAway;
  }
  get replicas(): number {
    return this.#leases.replicas;
  }

  /** Asks for the store once, and goes on whether it is there or not. */
  async start(): Promise<void> {
    await this.#beat();
    this.#sweeping = setInterval(() => this.#sweep(), sweepMs).unref();
    this.#beatLater();
  }

  lease(ask: LeaseAsk): Promise<void> {
    if (this.isAway || this.#hasStopped) return Promise.resolve();
    const under = this.#flights.get(ask.name);
    if (under !== undefined) {
      under.waiting += ask.waiting;
      return under.done;
    }
    const held = this.#hold(ask);
    // Another thread's question was answered since this one was asked.
    if (this.#table.locked(() => this.#hasSome(held))) return Promise.resolve();
    return this.#fly(held, ask.waiting, async (flight) => {
      // The calls of this turn wait for one answer.
      await setImmediate();
      await this.#ask(held, { want: batchOf(held.policy), waiting: () => flight.waiting, keepsUnused: true });
    });
  }

  /** Gives back what was not used, and leaves. Close the doors before. */
  async stop(): Promise<void> {
    this.#hasStopped = true;
    clearInterval(this.#sweeping);
    clearTimeout(this.#beating);
    if (!this.isAway) {
      const unused = [...this.#held.values()].filter((held) => this.#table.locked(() => this.#hasSome(held)));
      await this.#inParts(unused, (held) => this.#giveBack(held)).catch(() => undefined);
      await this.#options.store.beat(true).catch(() => undefined);
    }
    this.#options.store.close();
  }

  #hold({ name, policy }: LeaseAsk): Held {
    let held = this.#held.get(name);
    if (held === undefined) this.#held.set(name, (held = { name, key: windowKey(name, 'monotonic'), policy, countBefore: -1 }));
    held.policy = policy;
    return held;
  }

  /** Only with the lock. */
  #hasSome({ key }: Held): boolean {
    const slot = this.#table.find(key);
    return slot !== undefined && this.#leftMs(slot) > 0 && this.#leases.get(slot, 'granted') > this.#table.count(slot);
  }

  #leftMs(slot: number): number {
    return this.#table.endsAt(slot) - this.#table.now('monotonic');
  }

  /** One question at a time for each window. Never rejects. */
  #fly({ name }: Held, waiting: number, work: (flight: Flight) => Promise<void>): Promise<void> {
    const flight: Flight = { waiting, done: Promise.resolve() };
    this.#flights.set(name, flight);
    flight.done = work(flight)
      .catch((error: unknown) => this.#lose(error))
      .finally(() => this.#flights.delete(name));
    return flight.done;
  }

  async #ask(held: Held, wish: Wish, again = true): Promise<void> {
    const { policy, name } = held;
    this.counts.leases += 1;
    const [claim, sentAtMs, storeNowMs] = this.#table.locked(
      () => [this.#claimOf(held, wish.keepsUnused), this.#table.now('monotonic'), this.#storeNow()] as const,
    );
    const window = policy.kind === 'rate_limit' ? { lengthMs: policy.windowS * 1000 } : periodAt(policy.period, storeNowMs);
    const asked = { name, limit: policy.limit, want: wish.want, waiting: wish.waiting(), replicas: this.replicas, ...claim, window };
    const answer = await this.#options.store.lease(asked);
    this.#table.locked(() => this.#take(held, sentAtMs, answer, asked));
    if (answer.kind === 'elsewhen' && again) await this.#ask(held, wish, false);
  }

  /** What this replica has let through in the window, with what it keeps to itself. Only with the lock. */
  #claimOf({ key }: Held, keepsUnused: boolean): Claim {
    const slot = this.#table.find(key);
    if (slot === undefined || this.#leftMs(slot) <= 0) return { claim: 0, claimedEnd: 0, claimedMs: 0 };
    const claim = Math.max(keepsUnused ? this.#leases.get(slot, 'granted') : 0, this.#table.count(slot));
    return { claim, claimedEnd: this.#leases.get(slot, 'storeEnd'), claimedMs: this.#leftMs(slot) };
  }

  /** Only with the lock. */
  #take({ key }: Held, sentAtMs: number, answer: LeaseAnswer, { want, waiting, claim, limit }: LeaseQuestion): void {
    const leases = this.#leases;
    leases.storeOffsetMs = answer.nowMs - sentAtMs;
    if (answer.kind === 'elsewhen') return;
    // Reckoned from when the question was sent: never later than it ends for the others.
    const endsAtMs = sentAtMs + answer.leftMs;
    const slot = this.#table.find(key);
    if (slot === undefined || endsAtMs <= this.#table.now('monotonic')) return;
    if (this.#leftMs(slot) <= 0 || (claim > 0 && !answer.claimCounts)) {
      this.#table.begin(slot, endsAtMs);
      leases.clear(slot);
    }
    this.#table.setEnd(slot, endsAtMs);
    leases.set(slot, 'granted', answer.mine);
    leases.set(slot, 'total', answer.total);
    leases.set(slot, 'storeEnd', answer.end);
    leases.set(slot, 'shared', 0);
    const isEmpty = want + waiting > 0 && answer.mine <= this.#table.count(slot);
    leases.set(slot, 'emptyFor', isEmpty ? limit : 0);
    leases.set(slot, 'emptyUntil', isEmpty ? this.#table.now('monotonic') + emptyMs : 0);
  }

  /** Only with the lock. */
  #storeNow(): number {
    const { storeOffsetMs } = this.#leases;
    return storeOffsetMs === 0 ? this.#table.now('wall') : storeOffsetMs + this.#table.now('monotonic');
  }

  /** What nobody here has used for a while is of use to another replica. */
  async #giveBack(held: Held): Promise<void> {
    this.#table.locked(() => {
      const slot = this.#table.find(held.key);
      if (slot !== undefined) this.#leases.set(slot, 'granted', Math.min(this.#leases.get(slot, 'granted'), this.#table.count(slot)));
    });
    await this.#tell(held, true);
  }

  #tell(held: Held, keepsUnused: boolean): Promise<void> {
    return this.#ask(held, { want: 0, waiting: () => 0, keepsUnused });
  }

  #sweep(): void {
    if (this.isAway) return;
    const idle: Held[] = [];
    const untold: Held[] = [];
    this.#toSweep ??= this.#held.values();
    for (let swept = 0; swept < sweptAtOnce; swept += 1) {
      const next = this.#toSweep.next();
      if (next.done === true) {
        this.#toSweep = undefined;
        break;
      }
      const held = next.value;
      if (this.#flights.has(held.name)) continue;
      if (this.#isUntold(held)) untold.push(held);
      else if (this.#isIdle(held)) idle.push(held);
    }
    for (const held of idle) void this.#fly(held, 0, () => this.#giveBack(held));
    for (const held of untold) void this.#fly(held, 0, () => this.#tell(held, true));
  }

  /** Whether more was taken than the store knows, as bytes are that were not known before they passed. */
  #isUntold({ key }: Held): boolean {
    return this.#table.locked(() => {
      const slot = this.#table.find(key);
      return slot !== undefined && this.#leftMs(slot) > 0 && this.#table.count(slot) > this.#leases.get(slot, 'granted');
    });
  }

  /** Forgets those whose windows are over. */
  #isIdle(held: Held): boolean {
    return this.#table.locked(() => {
      const slot = this.#table.find(held.key);
      if (slot === undefined || this.#leftMs(slot) <= 0) {
        this.#held.delete(held.name);
        return false;
      }
      const count = this.#table.count(slot);
      const isIdle = held.countBefore === count && this.#leases.get(slot, 'granted') > count && this.#leftMs(slot) > idleMs;
      held.countBefore = count;
      return isIdle;
    });
  }

  #beatLater(): void {
    if (this.#hasStopped) return;
    this.#beating = setTimeout(() => void this.#beat().finally(() => this.#beatLater()), this.isAway ? probeMs : beatMs).unref();
  }

  /** Never rejects. */
  async #beat(): Promise<void> {
    try {
      const sentAtMs = this.#table.locked(() => this.#table.now('monotonic'));
      const { replicas, rank, nowMs } = await this.#options.store.beat();
      this.#leases.storeOffsetMs = nowMs - sentAtMs;
      if (this.isAway) this.#backAtMs = performance.now();
      // A store that came back empty has not heard of the others yet.
      const mayBeFewer = !this.#wasSeen || performance.now() - this.#backAtMs > livenessMs;
      if (mayBeFewer || replicas >= this.replicas) this.#leases.setReplicas(replicas, rank);
      if (this.isAway) await this.#comeBack();
    } catch (error) {
      this.#lose(error);
    }
  }

  /** Before anything is taken of it again, the store hears what was taken before and meanwhile. */
  async #comeBack(): Promise<void> {
    await this.#tellAll(false);
    this.#leases.isAway = false;
    const { log } = this.#options;
    const about = { replicas: this.replicas, outages: this.counts.outages };
    if (!this.#wasSeen) log.info(about, 'Limits are counted in Redis, for all replicas together.');
    else if (this.#isTold) log.info(about, 'Redis is back: limits hold for all replicas together.');
    this.#wasSeen = true;
    this.#isTold = false;
  }

  /** Tells the store what it may not know. */
  #tellAll(keepsUnused: boolean): Promise<void> {
    const held = [...this.#held.values()].filter((each) => this.#table.locked(() => this.#claimOf(each, true).claim > 0));
    return this.#inParts(held, async (each) => {
      await this.#flights.get(each.name)?.done;
      await this.#tell(each, keepsUnused);
    });
  }

  async #inParts(held: readonly Held[], work: (each: Held) => Promise<void>): Promise<void> {
    for (let from = 0; from < held.length; from += toldAtOnce) await Promise.all(held.slice(from, from + toldAtOnce).map(work));
  }

  #lose(error: unknown): void {
    this.counts.failures += 1;
    if (!this.isAway) this.counts.outages += 1;
    this.#leases.isAway = true;
    // Once for each time that it is away, and not each time where it comes and goes.
    if (this.#isTold || this.#hasStopped || performance.now() - this.#warnedAtMs < quietMs) return;
    this.#isTold = true;
    this.#warnedAtMs = performance.now();
    this.#options.log.warn(
      { cause: (error as Error).message, replicas: this.replicas, outages: this.counts.outages },
      'Redis cannot be asked: until it can, this replica lets through its share of each limit, or what the policy says under on_store_unavailable.',
    );
  }
}
