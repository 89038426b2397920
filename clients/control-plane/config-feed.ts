import { createHash } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import type { Logger } from '@stoa/lib/log.ts';
import type { ControlPlaneClient } from '@stoa/generated/client.ts';
import type { Success } from './call.ts';
import { companionCall } from './companion-call.ts';
import type { CompanionContext, Verdict } from './companion-call.ts';
import { ackOfOutcome, ackOfRejection, reasonOf } from './config-ack.ts';
import type { Acknowledgement } from './config-ack.ts';
import { readDifference } from './difference.ts';
import type { Misfit } from './difference.ts';
import { fetchMissing } from './fetch-missing.ts';
import { keepRunning } from './keep-running.ts';
import type { Lease } from './lease.ts';
import { hashOfNothing } from './list-hash.ts';
import { Pause } from './pause.ts';
import { Quarantine } from './quarantine.ts';
import type { ServedConfig } from './served-config.ts';
import type { SigningKeys } from './signing-keys.ts';
import { fullJitterMs, stretchedMs } from './timing.ts';
import type { ApplyOutcome, ControlPlaneConnectionOptions, DesiredState, StateName, WritePermit } from './types.ts';
import { verifyConfig } from './verify-config.ts';
import type { VerifiedState } from './verified-state.ts';

export type ConfigFeedOptions = Pick<ControlPlaneConnectionOptions, 'apply'> & {
  client: ControlPlaneClient;
  context: CompanionContext;
  keys: SigningKeys;
  served: ServedConfig;
  acknowledge(ack: Acknowledgement): void;
  log: Logger;
};

const waitS = 50;
/** The server may hold the answer for `waitS`; a half-open connection is given up soon after (lesson 21). */
const pollTimeoutMs = (waitS + 10) * 1000;
/** Between two polls of a server that answers 304 at once again and again: one that does not know `wait_s`. A server that stops does so once. */
const shortPollMs = 30_000;
const tooSoonMs = 1000;
const itemTimeoutMs = 30_000;

/** Brings the desired state: long poll, verification, apply, acknowledgement. */
export class ConfigFeed {
  readonly #options: ConfigFeedOptions;
  readonly #pause = new Pause();
  readonly #quarantine: Quarantine;
  #etag: string | undefined;
  #attempt = 0;
  #answeredTooSoon = 0;
  #canBeWoken = false;
  #knownByServer = false;
  /** The last difference did not fit. */
  #fromNothing = false;
  #saidAbsent = false;

  constructor(options: ConfigFeedOptions) {
    this.#options = options;
    this.#quarantine = new Quarantine(options.context.random);
  }

  async run(signal: AbortSignal): Promise<void> {
    const { log, context } = this.#options;
    await keepRunning({ name: 'config feed', step: () => this.#step(signal), pause: this.#pause, signal, log, random: context.random });
  }

  /** A heartbeat's reply named this generation: when it is news, a feed that idles asks at once. One that backs off does not. */
  wake(generation: number): void {
    const { served } = this.#options;
    if (!served.isNews(generation)) served.confirmGeneration(generation);
    else if (this.#canBeWoken) this.#pause.wake();
  }

  async #step(signal: AbortSignal): Promise<number> {
    this.#canBeWoken = false;
    const lease = await this.#options.context.session.active(signal);
    if (lease === undefined) return 0;
    if (this.#quarantine.isDue()) this.#etag = undefined;
    // After trouble the first answer comes at once: what is served is confirmed now, not when a long poll ends.
    const askedS = this.#attempt > 0 ? 0 : Math.min(waitS, Math.ceil(this.#quarantine.msUntilDue() / 1000));
    const startedMs = performance.now();
    const base = this.#baseFor(lease);
    const verdict = await this.#poll(lease, base, askedS, signal);
    if (signal.aborted) return 0;
    if (!verdict.ok) return this.#failed(verdict, lease, signal);
    this.#attempt = 0;
    this.#knownByServer = true;
    this.#options.served.confirm();
    const mayWait = askedS > 0 || this.#etag === undefined;
    if (verdict.status === 304) return this.#unchanged(mayWait && performance.now() - startedMs < tooSoonMs);
    return this.#received(verdict, lease, base, signal);
  }

  /** The first poll of a process is unconditional: what was restored gets applied again, read back and acknowledged. */
  async #poll(lease: Lease, base: string | undefined, askedS: number, signal: AbortSignal): Promise<Verdict> {
    const { client, context } = this.#options;
    const etag = this.#etag;
    const query = etag === undefined ? {} : { wait_s: askedS };
    const header = etag === undefined ? {} : { 'If-None-Match': etag };
    const params = { path: { gateway_id: lease.gatewayId }, query: { ...query, ...(base !== undefined && { base }) }, header };
    const verdict = await companionCall(context, lease, this.#attempt, pollTimeoutMs, this.#ends(lease, signal), ({ headers, ...init }) =>
      client.getGatewayConfig({
        params,
        ...init,
        headers: base === undefined ? headers : { ...headers, 'accept-encoding': 'gzip' },
        parseAs: 'arrayBuffer',
      }),
    );
    // A server from before `base` refuses what it does not know: the one that announced it was replaced by an older one.
    if (base === undefined || verdict.ok || verdict.failure.status !== 400) return verdict;
    lease.takesBase = false;
    this.#etag = undefined;
    return this.#poll(lease, undefined, askedS, signal);
  }

  #ends(lease: Lease, signal: AbortSignal): AbortSignal {
    const permit = lease.permit();
    return permit === undefined ? signal : AbortSignal.any([signal, permit.signal]);
  }

  /** The hash of what is at hand, or of nothing; undefined for a server that gives whole documents alone. */
  #baseFor({ takesBase }: Lease): string | undefined {
    const { current } = this.#options.served;
    if (!takesBase) return undefined;
    return current === undefined || current.whole !== undefined || this.#fromNothing ? hashOfNothing : current.hash;
  }

  #unchanged(tooSoon: boolean): number {
    this.#options.served.clearTrouble();
    this.#canBeWoken = true;
    this.#answeredTooSoon = tooSoon ? this.#answeredTooSoon + 1 : 0;
    if (this.#answeredTooSoon < 2) return 0;
    const { context } = this.#options;
    // What is due is asked for without an ETag. Where that was answered so too, it is not asked for without a pause.
    if (this.#quarantine.isDue()) return this.#etag === undefined ? stretchedMs(shortPollMs, context.random) : 0;
    return stretchedMs(Math.min(shortPollMs, this.#quarantine.msUntilDue()), context.random);
  }

  async #failed(verdict: Verdict & { ok: false }, lease: Lease, signal: AbortSignal): Promise<number> {
    const { log, context, served } = this.#options;
    this.#attempt += 1;
    const { status, detail } = verdict.failure;
    // When the lease ended during the poll, the session logs why.
    if (lease.permit() === undefined) return fullJitterMs(0, context.random);
    if (verdict.kind === 'unknown') return this.#absent(lease, verdict.afterMs, signal);
    // Messages of the network name addresses, and anyone may read /readyz.
    served.trouble(`The config feed cannot be read: ${status === 'none' ? 'the Control Plane gave no usable answer' : detail}.`);
    const afterMs = verdict.kind === 'later' ? verdict.afterMs : stretchedMs(5 * 60_000, context.random);
    log[this.#attempt === 1 ? 'warn' : 'debug']({ status, retry_in_ms: Math.round(afterMs) }, `The config feed cannot be read: ${detail}.`);
    return afterMs;
  }

  /**
   * 404 has two meanings. When the gateway is unknown the next heartbeat is told so too, and registers again; when the heartbeat is answered, this
   * server has no config feed, and the instance carries on without. In neither case is it an empty desired state (lesson 11).
   */
  async #absent(lease: Lease, afterMs: number, signal: AbortSignal): Promise<number> {
    const { log, context, served } = this.#options;
    const { session } = context;
    const beatsBefore = session.beatsOfLease;
    // A heartbeat out of turn only where a feed was seen before: a server without one gets its heartbeats at their interval.
    if (this.#knownByServer) session.beatNow();
    await session.nextAnswer(signal);
    if (session.lease !== lease || session.beatsOfLease === beatsBefore) return fullJitterMs(0, context.random);
    const trouble = 'The Control Plane has no config feed for this instance.';
    served.trouble(trouble);
    log[this.#saidAbsent ? 'debug' : 'warn'](`${trouble} What is served stays as it is; the feed is asked for again from time to time.`);
    this.#saidAbsent = true;
    this.#canBeWoken = true;
    return afterMs;
  }

  async #received({ bytes, headers }: Success, lease: Lease, base: string | undefined, signal: AbortSignal): Promise<number> {
    const { keys, log, served } = this.#options;
    this.#etag = headers.get('etag') ?? undefined;
    const trustedKeys = keys.trusted(lease.gatewayId);
    const asItems = base !== undefined && /^application\/jsonl\b/.test(headers.get('content-type') ?? '');
    const reading = asItems
      ? await readDifference(bytes, { gatewayId: lease.gatewayId, trustedKeys, base, before: served.current })
      : verifyConfig(bytes.toString('utf8'), lease.gatewayId, trustedKeys, served.current);
    if ('state' in reading) return this.#complete(reading.state, lease, signal);
    if ('misfit' in reading) return this.#misfits(reading, base);
    const { fault, phase, known } = reading;
    const name = known?.hash ?? createHash('sha256').update(bytes).digest('hex');
    if (known === undefined) return this.#reject(name, fault, undefined);
    log.debug({ generation: known.generation, hash: known.hash }, 'A bad document came from the config feed.');
    return this.#reject(name, fault, ackOfRejection(known, phase, fault));
  }

  /** A difference that does not lead to what it promises may have met another state at hand: all of it is asked for, once. */
  #misfits({ misfit, known }: Misfit, base: string | undefined): number {
    if (this.#fromNothing || base === hashOfNothing) return this.#reject(known.hash, misfit, ackOfRejection(known, 'validate', misfit));
    this.#options.log.warn({ generation: known.generation, hash: known.hash }, `The whole configuration is asked for, because ${misfit}.`);
    this.#fromNothing = true;
    this.#etag = undefined;
    return 0;
  }

  /** Fetches what was damaged on disk and did not come with the difference, each item alone. */
  async #complete(state: VerifiedState, lease: Lease, signal: AbortSignal): Promise<number> {
    const { client, context } = this.#options;
    const fetched = await fetchMissing(state, (hash) =>
      companionCall(context, lease, this.#attempt, itemTimeoutMs, this.#ends(lease, signal), (init) =>
        client.getConfigItem({ params: { path: { gateway_id: lease.gatewayId, hash } }, ...init, parseAs: 'arrayBuffer' }),
      ),
    );
    if ('state' in fetched) return this.#verified(fetched.state, lease);
    this.#etag = undefined;
    if ('misfit' in fetched) return this.#misfits({ misfit: fetched.misfit, known: { ...state, itemIds: [] } }, state.hash);
    return signal.aborted ? 0 : this.#failed(fetched, lease, signal);
  }

  async #verified(state: VerifiedState, lease: Lease): Promise<number> {
    this.#fromNothing = false;
    const regression = this.#options.served.regression(state);
    if (regression === undefined) return this.#take(state, lease);
    return this.#reject(state.hash, regression, ackOfRejection({ ...state, itemIds: namesOf(state) }, 'validate', regression));
  }

  async #take(state: VerifiedState, lease: Lease): Promise<number> {
    const { served } = this.#options;
    if (served.isAppliedHere(state)) {
      this.#quarantine.release();
      served.withdrawNewer();
      await served.signedAnew(state);
      return this.#unchanged(true);
    }
    if (this.#quarantine.holds(state.hash)) return this.#waitOut();
    // Reading, applying and keeping are each a turn of the event loop: calls that came meanwhile wait for one of them, not for all.
    await turn();
    const permit = lease.permit();
    if (permit === undefined) {
      this.#etag = undefined;
      return 0;
    }
    const outcome = await this.#apply(served.begin(state), permit, namesOf(state));
    const ack = ackOfOutcome(state, outcome);
    if (outcome.state === 'rejected') return this.#reject(state.hash, reasonOf(outcome), ack);
    return this.#accept(state, ack);
  }

  /** See `ControlPlaneConnection.amend`. What was rejected and took effect after all is taken in as if it had been applied at once. */
  async amend(name: StateName, outcome: ApplyOutcome): Promise<void> {
    const { served, log, acknowledge } = this.#options;
    const state = served.settled(name);
    if (state === undefined) return;
    const ack = ackOfOutcome(state, outcome);
    if (outcome.state !== 'rejected') {
      await this.#accept(state, ack);
      return;
    }
    const trouble = `Generation ${name.generation} is no longer in force: ${reasonOf(outcome)}.`;
    served.breakDown(name, trouble);
    log.error({ hash: name.hash }, trouble);
    acknowledge(ack);
  }

  async #apply(state: DesiredState, permit: WritePermit, itemIds: readonly string[]): Promise<ApplyOutcome> {
    try {
      return await this.#options.apply(state, permit);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#options.log.error({ err: error, generation: state.generation }, 'Applying a configuration failed.');
      return ackOfRejection({ ...state, itemIds }, 'apply', reason);
    }
  }

  async #accept(state: VerifiedState, ack: Acknowledgement): Promise<number> {
    const { served, acknowledge, log } = this.#options;
    this.#quarantine.release();
    this.#answeredTooSoon = 0;
    const [first] = state.rejected;
    if (first !== undefined)
      log.warn({ items: state.rejected.length, item: first.id }, `Items of generation ${ack.generation} are left out. ${first.reason ?? ''}`);
    await served.accept(state, ack.state);
    acknowledge(ack);
    return 0;
  }

  #reject(name: string, reason: string, ack: Acknowledgement | undefined): number {
    const { log, acknowledge, served, context } = this.#options;
    // A server that sends what was refused again, whatever If-None-Match says, would else be asked without a pause.
    if (this.#quarantine.holds(name)) return this.#waitOut();
    const dueInMs = this.#quarantine.msUntilDue();
    const holdsAnother = dueInMs > 0 && dueInMs < Infinity;
    const retryMs = this.#quarantine.add(name);
    const trouble = `${ack === undefined ? 'A configuration' : `Generation ${ack.generation}`} was rejected: ${reason}.`;
    served.reject(ack?.generation, trouble);
    log.error({ hash: name, retry_in_ms: Math.round(retryMs) }, `${trouble} What was served before is still served.`);
    if (ack !== undefined) acknowledge(ack);
    // With an ETag the feed waits for a better one at once; without, the same document would come back at once.
    if (this.#etag === undefined) return this.#waitOut();
    // One bad document after the other, as from two servers that do not agree.
    return holdsAnother ? fullJitterMs(0, context.random) : 0;
  }

  /** Until the one in quarantine is worth another try, or a heartbeat tells of a newer one. */
  #waitOut(): number {
    this.#canBeWoken = true;
    return this.#quarantine.msUntilDue();
  }
}

/** As an acknowledgement of a rejection names the items: of a state that came as items, the first speaks for all. */
function namesOf({ whole, held }: VerifiedState): readonly string[] {
  return whole?.named ?? held.slice(0, 1).map(({ id }) => id);
}
