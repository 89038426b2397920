import type { Logger } from '@stoa/lib/log.ts';
import type { CircuitRule, OperationEntry, Protection } from '../../model.ts';
import { createUpstreamMemory, upstreamKey, UpstreamTable } from './upstream-table.ts';
import type { UpstreamKey } from './upstream-table.ts';

/** A call that is not made, for the sake of its upstream; `retryAfterS` whole seconds, at least 1. */
export type HeldBack = {
  readonly kind: 'circuit_open' | 'upstream_busy';
  readonly policy: string;
  readonly retryAfterS: number;
};

/** What became of a call, as far as this says something of its upstream. */
export type UpstreamVerdict = 'ok' | 'failed' | 'unknown';

/** A call that is under way. */
export type Slot = {
  /** Says what became of it: the first time counts. */
  judge(verdict: UpstreamVerdict): void;
  /** To be called when nothing more of the call can come, whatever ended it: the first time counts. */
  leave(): void;
};

export const circuitStates = ['closed', 'open', 'half_open'] as const;
export type CircuitState = (typeof circuitStates)[number];
const [closed, open, halfOpen] = [0, 1, 2];

/** Finds out alone: whoever is given the word holds up all others no longer than that, whatever becomes of him. */
const probeMs = 30_000;
const budgetWindowMs = 10_000;
/** Retries in that time that are allowed to an upstream that is called seldom. */
const leastRetries = 3;

const none = { all: 0, some: 0 };
const oneGood = { all: 1, some: 0 };
const oneBad = { all: 1, some: 1 };
const unknownRoom = 'There is no room left to protect upstreams: more are called under policies than one process can keep in mind.';

export type ProtectorOptions = {
  /** What is known of upstreams, with other threads; memory of its own when absent. */
  readonly memory?: SharedArrayBuffer;
  /** Tells this thread from the others: from 1 to 64. */
  readonly owner?: number;
  /** A test's monotonic clock in milliseconds. */
  readonly now?: () => number;
  readonly log: Logger;
};

/**
 * Keeps calls from upstreams that fail or are busy, and retries within a budget: one state for each API and place where it is served, for all threads of a process. A runtime
 * serves one tenant, so that nobody's failures are another tenant's. Only the calls of APIs with such a policy come here.
 */
export class Protector {
  readonly table: UpstreamTable;
  readonly #log: Logger;
  readonly #keys = new WeakMap<OperationEntry, UpstreamKey>();

  constructor({ memory = createUpstreamMemory(), owner = 1, now, log }: ProtectorOptions) {
    this.table = new UpstreamTable(memory, owner, now);
    this.#log = log;
  }

  /** Why a call is not to be made now; undefined where it may be tried. Throws when there is no room to say so. */
  refusal(operation: OperationEntry, protection: Protection): HeldBack | undefined {
    const key = this.#keyOf(operation);
    return this.table.locked(() => this.#refusal(this.#find(key), protection));
  }

  /** Lets a call go on its way, or says why it may not. Throws when there is no room to say so. */
  enter(operation: OperationEntry, protection: Protection): Slot | HeldBack {
    const key = this.#keyOf(operation);
    const { circuit } = protection;
    const { table } = this;
    const entered = table.locked(() => {
      const slot = this.#find(key);
      const held = this.#refusal(slot, protection);
      if (held !== undefined) return held;
      table.set(slot, 'usedAt', table.now());
      // One that no policy holds open any more is none.
      if (circuit === undefined) table.set(slot, 'state', closed);
      table.addInFlight(slot, 1);
      if (protection.retry !== undefined) table.count(slot, 'budget', budgetWindowMs, oneGood);
      return { slot, probe: circuit === undefined ? undefined : this.#beginProbe(slot) };
    });
    return 'kind' in entered ? entered : this.#passage(key, entered, circuit, operation);
  }

  /** Whether one more retry is within the budget, and takes it. */
  mayRetry(operation: OperationEntry, { retry }: Protection): boolean {
    if (retry === undefined) return false;
    const key = this.#keyOf(operation);
    const { table } = this;
    return table.locked(() => {
      const slot = this.#find(key);
      const { all, some } = table.count(slot, 'budget', budgetWindowMs, none);
      // Retries are calls as well, and earn none.
      const isWithin = some < Math.max(leastRetries, Math.floor(((all - some) * retry.budgetPercent) / 100));
      table.add(slot, isWithin ? 'retries' : 'retriesOverBudget');
      if (isWithin) table.count(slot, 'budget', budgetWindowMs, { all: 0, some: 1 });
      return isWithin;
    });
  }

  #passage(
    key: UpstreamKey,
    { slot, probe }: { slot: number; probe: number | undefined },
    rule: CircuitRule | undefined,
    operation: OperationEntry,
  ): Slot {
    const { table } = this;
    let isJudged = false;
    let isOver = false;
    const judge = (verdict: UpstreamVerdict): void => {
      if (isJudged) return;
      isJudged = true;
      if (rule === undefined) return;
      const turned = table.locked(() => (table.isAt(slot, key) ? this.#judge(slot, rule, probe, verdict) : undefined));
      if (turned !== undefined) this.#tell(turned, rule, operation);
    };
    return {
      judge,
      leave: () => {
        if (isOver) return;
        isOver = true;
        judge('unknown');
        table.locked(() => table.isAt(slot, key) && table.addInFlight(slot, -1));
      },
    };
  }

  #tell(turned: CircuitState, { policy, openMs }: CircuitRule, { api, origin }: OperationEntry): void {
    const about = { api: api.name, upstream: origin, policy };
    if (turned === 'open')
      this.#log.warn({ ...about, open_s: openMs / 1000 }, 'An upstream fails: its circuit is open, and no call is made for a while.');
    else this.#log.info(about, 'An upstream answers again: its circuit is closed.');
  }

  /** Counts what is held back. Only with the lock. */
  #refusal(slot: number, { circuit, concurrency }: Protection): HeldBack | undefined {
    const leftMs = circuit === undefined ? 0 : this.#closedForMs(slot);
    if (circuit !== undefined && leftMs > 0) {
      this.table.add(slot, 'heldOpen');
      return { kind: 'circuit_open', policy: circuit.policy, retryAfterS: Math.max(1, Math.ceil(leftMs / 1000)) };
    }
    if (concurrency === undefined || this.table.inFlight(slot) < concurrency.maxCalls) return undefined;
    this.table.add(slot, 'heldBusy');
    return { kind: 'upstream_busy', policy: concurrency.policy, retryAfterS: 1 };
  }

  /** For how long no call is made. Only with the lock. */
  #closedForMs(slot: number): number {
    const { table } = this;
    const state = table.get(slot, 'state');
    if (state === closed) return 0;
    // While one call finds out, nobody knows for how long: a moment.
    return state === open ? table.get(slot, 'openUntil') - table.now() : Math.min(1, table.get(slot, 'probeUntil') - table.now());
  }

  /** Which call this is of those that find out; undefined where the circuit is closed. Only with the lock. */
  #beginProbe(slot: number): number | undefined {
    const { table } = this;
    if (table.get(slot, 'state') === closed) return undefined;
    table.set(slot, 'state', halfOpen);
    table.set(slot, 'probeUntil', table.now() + probeMs);
    table.add(slot, 'probe');
    return table.get(slot, 'probe');
  }

  /** What the circuit turned to, where it did. Only with the lock. */
  #judge(slot: number, rule: CircuitRule, probe: number | undefined, verdict: UpstreamVerdict): CircuitState | undefined {
    const { table } = this;
    if (probe !== undefined) {
      // Another one finds out where this took too long.
      if (table.get(slot, 'state') !== halfOpen || table.get(slot, 'probe') !== probe) return undefined;
      if (verdict === 'unknown') table.set(slot, 'probeUntil', 0);
      if (verdict === 'failed') return this.#open(slot, rule);
      if (verdict !== 'ok') return undefined;
      table.set(slot, 'state', closed);
      table.forget(slot, 'circuit');
      return 'closed';
    }
    // What began before the circuit opened says nothing new.
    if (verdict === 'unknown' || table.get(slot, 'state') !== closed) return undefined;
    const { all, some } = table.count(slot, 'circuit', rule.windowMs, verdict === 'failed' ? oneBad : oneGood);
    return all >= rule.minimumCalls && some * 100 >= rule.failureRatePercent * all ? this.#open(slot, rule) : undefined;
  }

  #open(slot: number, { openMs }: CircuitRule): CircuitState {
    const { table } = this;
    table.set(slot, 'state', open);
    table.set(slot, 'openUntil', table.now() + openMs);
    table.forget(slot, 'circuit');
    table.add(slot, 'opened');
    return 'open';
  }

  #find(key: UpstreamKey): number {
    const slot = this.table.find(key);
    if (slot === undefined) throw new Error(unknownRoom);
    return slot;
  }

  #keyOf(operation: OperationEntry): UpstreamKey {
    let key = this.#keys.get(operation);
    if (key === undefined) this.#keys.set(operation, (key = upstreamKey(operation.api, operation.origin)));
    return key;
  }
}
