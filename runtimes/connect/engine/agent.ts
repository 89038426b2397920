import type { AdoptionQuestion, DriftEvent, GatewayConfig } from '@stoa/generated/schemas.ts';
import { createForwardClock } from '@stoa/lib/clock.ts';
import type { Logger } from '@stoa/lib/log.ts';
import { rehearseAdoption } from './adopt.ts';
import type { RehearsedAdoption } from './adopt.ts';
import type { AppliedStateFile } from './applied-state.ts';
import type { DriftLog } from './drift-log.ts';
import type { DesiredConfig, GatewayAdapter } from './model.ts';
import { rejectAll, withDelay } from './outcome.ts';
import type { PassOutcome } from './outcome.ts';
import { reconcile } from './reconcile.ts';
import type { Known, ObservedReport, PassResult, PassReading } from './reconcile.ts';
import { rehearse } from './rehearse.ts';
import type { RehearsedPass } from './rehearse.ts';
import { createRenderer } from './render.ts';

export type AgentConfig = Omit<GatewayConfig, 'signature'>;

/** What the agent needs of the Control Plane. */
export type Authority = {
  /** Whether this process may write to the third-party gateway now. */
  readonly mayWrite: () => boolean;
  readonly observed: (report: ObservedReport) => void;
  /** Says anew what became of a configuration, after a later pass repaired it or found it no longer in force. */
  readonly amend: (config: AgentConfig, outcome: PassOutcome) => void;
};

export type AgentOptions = {
  readonly adapter: GatewayAdapter;
  readonly state: AppliedStateFile;
  readonly drift: DriftLog;
  readonly log: Logger;
  readonly resyncIntervalMs: number;
  readonly random?: () => number;
  /** Says what has expired: never goes back, so that a key that has ended stays ended. */
  readonly nowMs?: () => number;
};

/** What the agent says of itself, for heartbeats, metrics and readiness. */
export type AgentStatus = {
  /** Undefined before the first contact. */
  readonly targetReachable: boolean | undefined;
  /** Why the agent is degraded; undefined when all is well. */
  readonly problem: string | undefined;
  readonly passes: number;
  readonly failedPasses: number;
  readonly writes: number;
  readonly driftObjects: number;
  readonly driftRepaired: number;
  readonly managedObjects: number;
  readonly rejectedItems: number;
};

export type Agent = {
  /** Brings the third-party gateway to this configuration and tells what became of it. Never throws. */
  apply(config: AgentConfig, mayWrite: () => boolean): Promise<PassOutcome>;
  /** What a pass over this configuration would do, from what the gateway holds now. Waits for the pass in hand. */
  rehearse(config: DesiredConfig): Promise<RehearsedPass>;
  /** What taking over something on the gateway would be. Waits for the pass in hand. */
  rehearseAdoption(config: DesiredConfig, question: AdoptionQuestion): Promise<RehearsedAdoption>;
  /** Begins to look for drift. Before there is a configuration it only looks whether the gateway is there. */
  start(authority: Authority): void;
  status(): AgentStatus;
  /** Finishes the write in hand and ends. */
  stop(): Promise<void>;
};

/** The same report is sent again this often, in case the Control Plane lost it. */
const reportEveryMs = 600_000;
const maxBackOffMs = 60_000;
/** How long a pass may go on reading back what it has written, once the process is to stop. */
const stopGraceMs = 5000;

/** Keeps one third-party gateway as the Control Plane wants it: one pass at a time, at each new configuration and at each resync. */
export function createAgent(options: AgentOptions): Agent {
  const { adapter, state, log, resyncIntervalMs, random = Math.random, nowMs = createForwardClock() } = options;
  let stopping = false;
  const reading = new AbortController();
  const wake = { timer: undefined as NodeJS.Timeout | undefined };
  const counts = { passes: 0, failedPasses: 0, writes: 0, driftRepaired: 0 };
  const render = createRenderer(adapter);
  let authority: Authority | undefined;
  let config: AgentConfig | undefined;
  let last: PassResult | undefined;
  let targetReachable: boolean | undefined;
  let unavailable: string | undefined;
  let failuresInARow = 0;
  let acknowledged = '';
  let reported = { text: '', atMs: 0 };
  // Passes queue up here: two at once would see each other's half-done writes as drift.
  let queue: Promise<unknown> = Promise.resolve();

  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = queue.then(work);
    queue = turn.catch(() => undefined);
    return turn;
  }

  function report(found: ObservedReport): void {
    const text = JSON.stringify(found);
    if (text === reported.text && nowMs() - reported.atMs < reportEveryMs) return;
    if (authority === undefined) return;
    reported = { text, atMs: nowMs() };
    authority.observed(found);
  }

  async function withHistory(found: ObservedReport, events: () => Promise<readonly DriftEvent[]>): Promise<ObservedReport> {
    try {
      const history = await events();
      return history.length === 0 ? found : { ...found, drift_history: [...history] };
    } catch (error) {
      log.error({ err: error }, 'what came of drift could not be kept on disk');
      return found;
    }
  }

  async function pass(current: AgentConfig, mayWrite: () => boolean, known?: Known<unknown>): Promise<PassResult> {
    const lastApplied = await state.load(current.gateway_id);
    const shouldStop = (): boolean => !mayWrite() || stopping;
    let observed: ObservedReport | undefined;
    const result = await reconcile({
      adapter,
      render,
      config: current,
      known,
      lastApplied,
      onObserved: async (found) => {
        for (const { object, kind, detail } of found.drift) log.warn({ object, kind, detail }, 'drift found');
        observed = found;
        report(await withHistory(found, () => options.drift.found(current.gateway_id, found.drift)));
      },
      shouldStop,
      signal: reading.signal,
      nowMs: nowMs(),
    });
    await remember(current.gateway_id, result);
    // What was repaired is told at once, and not at the next look.
    if (observed !== undefined && result.drift.length > 0) {
      report(await withHistory(observed, () => options.drift.settled(current.gateway_id, result.remaining)));
    }
    note(result);
    return result;
  }

  /** With a renderer of its own: the agent's goes by what it rendered last. */
  async function readingOf(given: DesiredConfig): Promise<PassReading> {
    const lastApplied = await state.load(given.gateway_id);
    return { adapter, render: createRenderer(adapter), config: given, lastApplied, signal: reading.signal, nowMs: nowMs() };
  }

  async function remember(gatewayId: string, { applied }: PassResult): Promise<void> {
    try {
      await state.save(gatewayId, applied);
    } catch (error) {
      // What was applied is applied; the next pass tries to remember it again.
      log.error({ err: error }, 'what was applied could not be kept on disk');
    }
  }

  function note(result: PassResult): void {
    const { unavailable: reason, outcome, writes, drift } = result;
    // The same outcome again is no news, and may have a line for each of a thousand items.
    const isNews = JSON.stringify(outcome) !== JSON.stringify(last?.outcome);
    last = result;
    counts.passes += 1;
    counts.writes += writes.length;
    if (!result.retry) counts.driftRepaired += drift.filter(({ wins }) => wins !== 'gateway').length;
    if (reason !== undefined) counts.failedPasses += 1;
    tellReachability(reason);
    for (const { action, object, detail } of writes) log.info({ action, object: object.label, detail }, 'written');
    if (isNews) logOutcome(log, outcome);
  }

  function tellReachability(reason: string | undefined): void {
    // A request that we broke off ourselves says nothing about the gateway.
    if (reading.signal.aborted) return;
    if (reason !== undefined && reason !== unavailable) log.error({ reason }, `the ${adapter.type} gateway cannot be worked on`);
    if (reason === undefined && unavailable !== undefined) log.info(`the ${adapter.type} gateway can be worked on again`);
    unavailable = reason;
    targetReachable = reason === undefined;
  }

  async function resync(): Promise<boolean> {
    const mayWrite = authority?.mayWrite ?? ((): boolean => false);
    if (config === undefined || !mayWrite()) return probe();
    const current = config;
    const result = await pass(current, mayWrite);
    // The Control Plane refuses reports of a process without the lease.
    if (mayWrite()) amend(current, result);
    return !result.retry;
  }

  /** A gateway that cannot be read may well be as it was left, so that what was acknowledged of it stands. */
  function amend(current: AgentConfig, { outcome, unavailable: reason }: PassResult): void {
    const text = JSON.stringify([current.generation, outcome]);
    if (text === acknowledged || reason !== undefined) return;
    acknowledged = text;
    authority?.amend(current, outcome);
  }

  async function probe(): Promise<boolean> {
    try {
      await adapter.reach(reading.signal);
      tellReachability(undefined);
      return true;
    } catch (error) {
      tellReachability((error as Error).message);
      return false;
    }
  }

  function schedule(delayMs: number): void {
    if (stopping) return;
    clearTimeout(wake.timer);
    wake.timer = setTimeout(() => void inTurn(turn), delayMs);
  }

  async function turn(): Promise<void> {
    if (stopping) return;
    let well = false;
    try {
      well = await resync();
    } catch (error) {
      log.error({ err: error }, 'a pass ended in an unexpected error');
    }
    scheduleNext(well);
  }

  /** The interval give or take a tenth; after a failure full jitter up to 60 s, but not beyond the interval. */
  function scheduleNext(well: boolean): void {
    failuresInARow = well ? 0 : failuresInARow + 1;
    const ceilingMs = Math.min(maxBackOffMs, resyncIntervalMs, 1000 * 2 ** Math.min(failuresInARow, 10));
    schedule(well ? resyncIntervalMs * (0.9 + 0.2 * random()) : 200 + random() * ceilingMs);
  }

  return {
    apply: (given, mayWrite) =>
      inTurn(async () => {
        const before = config?.gateway_id;
        config = given;
        let outcome: PassOutcome;
        let said: PassOutcome | undefined;
        let well = false;
        let isPartial = false;
        try {
          // What changed is looked at, and the rest is as the last pass left it; each resync looks at everything.
          const known = before === given.gateway_id ? last?.known : undefined;
          const result = await pass(given, mayWrite, known);
          outcome = result.outcome;
          isPartial = known !== undefined && !result.retry;
          if (adapter.probe === undefined) said = withDelay(outcome, result.writes, adapter.capabilities);
          well = !result.retry;
        } catch (error) {
          log.error({ err: error }, 'a pass ended in an unexpected error');
          outcome = rejectAll(given.items, 'apply', 'STOA Connect failed unexpectedly; its log has the error.');
        }
        acknowledged = JSON.stringify([given.generation, outcome]);
        // A look at a part puts off no look at everything: where the configuration changes all the time, drift would never be found.
        if (authority !== undefined && !isPartial) scheduleNext(well);
        return said ?? outcome;
      }),
    rehearse: (given) => inTurn(async () => rehearse(await readingOf(given))),
    rehearseAdoption: (given, question) => inTurn(async () => rehearseAdoption(await readingOf(given), question)),
    start(given) {
      authority = given;
      schedule(0);
    },
    status: () => ({
      ...counts,
      targetReachable,
      problem:
        unavailable ?? last?.outcome.leftovers[0] ?? (last?.retry === true ? 'Some items could not be applied; they are tried again.' : undefined),
      driftObjects: last?.drift.length ?? 0,
      managedObjects: last?.applied.length ?? 0,
      rejectedItems: last?.outcome.items.filter(({ state: what }) => what === 'rejected').length ?? 0,
    }),
    async stop() {
      stopping = true;
      clearTimeout(wake.timer);
      const grace = setTimeout(() => reading.abort(), stopGraceMs);
      await queue;
      clearTimeout(grace);
    },
  };
}

function logOutcome(log: Logger, { items, leftovers }: PassOutcome): void {
  for (const reason of leftovers) log.error({ reason }, 'not as desired');
  for (const { id, state, phase, reason } of items) {
    if (state !== 'applied') log.warn({ item: id, state, phase, reason }, 'item not fully applied');
  }
}
