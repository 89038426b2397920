import { createHash } from 'node:crypto';
import type { Logger } from '@stoa/lib/log.ts';
import type { ControlPlaneClient } from '@stoa/generated/client.ts';
import type { GatewayConfig, HeartbeatConfig, RuntimeConfigState } from '@stoa/generated/schemas.ts';
import type { Success } from './call.ts';
import { companionCall } from './companion-call.ts';
import type { CompanionContext, Verdict } from './companion-call.ts';
import { ackOfOutcome, ackOfRejection, reasonOf } from './config-ack.ts';
import type { Acknowledgement } from './config-ack.ts';
import { keepRunning } from './keep-running.ts';
import type { LastKnownGood } from './last-known-good.ts';
import type { Lease } from './lease.ts';
import { Pause } from './pause.ts';
import { Quarantine } from './quarantine.ts';
import type { SigningKeys } from './signing-keys.ts';
import { fullJitterMs, stretchedMs } from './timing.ts';
import type { ApplyOutcome, ControlPlaneLinkOptions } from './types.ts';
import { verifyConfig } from './verify-config.ts';

export type ConfigFeedOptions = Pick<ControlPlaneLinkOptions, 'apply' | 'restore'> & {
  client: ControlPlaneClient;
  context: CompanionContext;
  keys: SigningKeys;
  store: LastKnownGood;
  acknowledge(ack: Acknowledgement): void;
  log: Logger;
};

const waitS = 50;
/** The server may hold the answer for `waitS`; a half-open connection is given up soon after (lesson 21). */
const pollTimeoutMs = (waitS + 10) * 1000;
/** Between two polls of a server that answers 304 at once: one that does not know `wait_s`. */
const shortPollMs = 30_000;
const freshForMs = 150_000;

/** Brings the desired state: long poll, verification, apply, last-known-good, acknowledgement. */
export class ConfigFeed {
  readonly #options: ConfigFeedOptions;
  readonly #pause = new Pause();
  readonly #quarantine: Quarantine;
  readonly #first = Promise.withResolvers<void>();
  #served: GatewayConfig | undefined;
  /** The content that this process applied, as opposed to what it restored. */
  #appliedHere: string | undefined;
  #outcomeServed: ApplyOutcome['state'] = 'applied';
  /** The newest content that was given to `apply`, whatever came of it. */
  #given: string | undefined;
  #saving: Promise<void> = Promise.resolve();
  #etag: string | undefined;
  #newest: { generation: number; state: HeartbeatConfig['state'] } | undefined;
  #confirmedAtMs: number | undefined;
  #trouble: string | undefined;
  #attempt = 0;
  #canBeWoken = false;
  #knownByServer = false;
  #saidAbsent = false;

  constructor(options: ConfigFeedOptions) {
    this.#options = options;
    this.#quarantine = new Quarantine(options.context.random);
  }

  get firstConfig(): Promise<void> {
    return this.#first.promise;
  }

  /** Serves from disk what was good before. No network. */
  async restore(): Promise<void> {
    const { store, restore, log } = this.#options;
    const config = await store.load();
    if (config === undefined) return;
    try {
      await restore(config);
    } catch (error) {
      log.error({ err: error, generation: config.generation }, 'The last good configuration could not be restored; nothing is served until the Control Plane answers.');
      return;
    }
    this.#served = config;
    this.#first.resolve();
    log.info({ generation: config.generation, hash: config.hash }, 'The last good configuration was restored from disk.');
  }

  async run(signal: AbortSignal): Promise<void> {
    const { log, context } = this.#options;
    await keepRunning({ name: 'config feed', step: () => this.#step(signal), pause: this.#pause, signal, log, random: context.random });
  }

  /** A heartbeat's reply named this generation: when it is news, a feed that idles asks at once. One that backs off does not. */
  wake(generation: number): void {
    const isNews = generation > Math.max(this.#newest?.generation ?? -1, this.#served?.generation ?? -1);
    if (isNews && this.#canBeWoken) this.#pause.wake();
    if (!isNews && generation === this.#served?.generation && this.#newest?.state !== 'rejected') this.#confirm();
  }

  state(): RuntimeConfigState {
    const generation = this.#served?.generation ?? 0;
    const hash = this.#served?.hash ?? '';
    const reason = this.#trouble ?? this.#options.context.session.reason ?? this.#silence();
    const state = this.#served === undefined ? 'none' : reason === undefined ? 'fresh' : 'stale';
    return { state, generation, hash, ...(reason !== undefined && { reason }) };
  }

  heartbeatConfig(): HeartbeatConfig {
    const { generation = 0, hash = '' } = this.#served ?? {};
    return { generation, hash, state: this.#newest?.state ?? (this.#served === undefined ? 'none' : 'applied') };
  }

  #silence(): string | undefined {
    if (this.#confirmedAtMs === undefined) return 'The Control Plane has not confirmed this configuration since the process started.';
    const silentMs = performance.now() - this.#confirmedAtMs;
    return silentMs < freshForMs ? undefined : `The Control Plane has not confirmed this configuration for ${Math.round(silentMs / 1000)} s.`;
  }

  #confirm(): void {
    this.#confirmedAtMs = performance.now();
  }

  async #step(signal: AbortSignal): Promise<number> {
    this.#canBeWoken = false;
    const lease = await this.#options.context.session.active(signal);
    if (lease === undefined) return 0;
    if (this.#quarantine.isDue()) this.#etag = undefined;
    // After trouble the first answer comes at once: what is served is confirmed now, not when a long poll ends.
    const askedS = this.#attempt > 0 ? 0 : Math.min(waitS, this.#quarantine.secondsUntilDue());
    const startedMs = performance.now();
    const verdict = await this.#poll(lease, askedS, signal);
    if (signal.aborted) return 0;
    if (!verdict.ok) return this.#failed(verdict, lease, signal);
    this.#attempt = 0;
    this.#knownByServer = true;
    this.#confirm();
    if (verdict.status === 304) return this.#unchanged(askedS > 0 && performance.now() - startedMs < 1000);
    return this.#received(verdict, lease);
  }

  /** The first poll of a process is unconditional: what was restored gets applied again, read back and acknowledged. */
  async #poll(lease: Lease, askedS: number, signal: AbortSignal): Promise<Verdict> {
    const { client, context } = this.#options;
    const etag = this.#etag;
    const query = etag === undefined ? {} : { wait_s: askedS };
    const header = etag === undefined ? {} : { 'If-None-Match': etag };
    const params = { path: { gateway_id: lease.gatewayId }, query, header };
    const permit = lease.permit();
    const ends = permit === undefined ? signal : AbortSignal.any([signal, permit.signal]);
    return companionCall(context, lease, this.#attempt, pollTimeoutMs, ends, (init) => client.getGatewayConfig({ params, ...init }));
  }

  #unchanged(tooSoon: boolean): number {
    if (this.#newest?.state !== 'rejected') this.#trouble = undefined;
    this.#canBeWoken = true;
    const { random } = this.#options.context;
    return tooSoon && !this.#quarantine.isDue() ? stretchedMs(Math.min(shortPollMs, this.#quarantine.secondsUntilDue() * 1000), random) : 0;
  }

  async #failed(verdict: Verdict & { ok: false }, lease: Lease, signal: AbortSignal): Promise<number> {
    const { log, context } = this.#options;
    this.#attempt += 1;
    const { status, detail } = verdict.failure;
    // A lease that ended under a poll is the session's to speak of.
    if (lease.permit() === undefined) return fullJitterMs(0, context.random);
    if (verdict.kind === 'unknown') return this.#absent(lease, verdict.afterMs, signal);
    this.#trouble = `The config feed cannot be read: ${detail}.`;
    const afterMs = verdict.kind === 'later' ? verdict.afterMs : stretchedMs(5 * 60_000, context.random);
    log[this.#attempt === 1 ? 'warn' : 'debug']({ status, retry_in_ms: Math.round(afterMs) }, this.#trouble);
    return afterMs;
  }

  /**
   * 404 has two meanings. When the gateway is unknown the next heartbeat is told so too, and registers again; when the heartbeat is answered, this
   * server has no config feed, and the instance carries on without. In neither case is it an empty desired state (lesson 11).
   */
  async #absent(lease: Lease, afterMs: number, signal: AbortSignal): Promise<number> {
    const { log, context } = this.#options;
    const { session } = context;
    const beatsBefore = session.beatsOfLease;
    // A heartbeat out of turn only where a feed was seen before: a server without one is owed its interval.
    if (this.#knownByServer) session.beatNow();
    await session.nextAnswer(signal);
    if (session.lease !== lease || session.beatsOfLease === beatsBefore) return fullJitterMs(0, context.random);
    this.#trouble = 'The Control Plane has no config feed for this instance.';
    log[this.#saidAbsent ? 'debug' : 'warn'](`${this.#trouble} What is served stays as it is; the feed is asked for again from time to time.`);
    this.#saidAbsent = true;
    this.#canBeWoken = true;
    return afterMs;
  }

  async #received({ text, etag }: Success, lease: Lease): Promise<number> {
    const { keys, log } = this.#options;
    const verification = verifyConfig(text, lease.gatewayId, keys.trusted(lease.gatewayId));
    this.#etag = etag ?? undefined;
    if ('config' in verification) {
      const { config } = verification;
      const regression = this.#regression(config);
      return regression === undefined ? this.#take(config, lease) : this.#reject(config.hash, regression, ackOfRejection({ ...config, itemIds: idsOf(config) }, 'validate', regression));
    }
    const { fault, phase, known } = verification;
    const name = known?.hash ?? createHash('sha256').update(text).digest('hex');
    if (known === undefined) return this.#reject(name, fault, undefined);
    log.debug({ generation: known.generation, hash: known.hash }, 'A bad document came from the config feed.');
    return this.#reject(name, fault, ackOfRejection(known, phase, fault));
  }

  /** A generation only rises: an older document, or another with the same number, is a replay or a server that lost its memory. */
  #regression({ gateway_id, generation, hash }: GatewayConfig): string | undefined {
    const served = this.#served;
    if (served === undefined || served.gateway_id !== gateway_id || generation > served.generation) return undefined;
    if (generation === served.generation && hash === served.hash) return undefined;
    return generation < served.generation
      ? `generation ${generation} is older than ${served.generation}, which is being served`
      : `generation ${generation} came with two different contents`;
  }

  async #take(config: GatewayConfig, lease: Lease): Promise<number> {
    if (this.#appliedHere === identityOf(config)) {
      // Also when a bad generation was withdrawn.
      this.#quarantine.release();
      this.#newest = this.#served && { generation: this.#served.generation, state: this.#outcomeServed };
      return this.#unchanged(true);
    }
    if (this.#quarantine.holds(config.hash)) {
      this.#canBeWoken = true;
      return this.#quarantine.secondsUntilDue() * 1000;
    }
    const permit = lease.permit();
    if (permit === undefined) {
      this.#etag = undefined;
      return 0;
    }
    this.#newest = { generation: config.generation, state: 'pending' };
    this.#given = identityOf(config);
    const outcome = await this.#apply(config, permit);
    const ack = ackOfOutcome(config, outcome);
    if (outcome.state === 'rejected') return this.#reject(config.hash, reasonOf(outcome), ack);
    return this.#accept(config, ack);
  }

  /** See `ControlPlaneLink.amend`. What was rejected and took effect after all is taken in as if it had been applied at once. */
  async amend(config: GatewayConfig, outcome: ApplyOutcome): Promise<void> {
    if (identityOf(config) !== this.#given || this.#newest?.state === 'pending') return;
    const ack = ackOfOutcome(config, outcome);
    if (outcome.state !== 'rejected') {
      await this.#accept(config, ack);
      return;
    }
    if (this.#appliedHere === this.#given) this.#outcomeServed = 'rejected';
    this.#newest = { generation: config.generation, state: 'rejected' };
    this.#trouble = `Generation ${config.generation} is no longer in force: ${reasonOf(outcome)}.`;
    this.#options.log.error({ hash: config.hash }, this.#trouble);
    this.#options.acknowledge(ack);
  }

  async #apply(config: GatewayConfig, permit: Parameters<ConfigFeedOptions['apply']>[1]): Promise<ApplyOutcome> {
    try {
      return await this.#options.apply(config, permit);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#options.log.error({ err: error, generation: config.generation }, 'Applying a configuration failed.');
      return ackOfRejection({ ...config, itemIds: idsOf(config) }, 'apply', reason);
    }
  }

  async #accept(config: GatewayConfig, ack: Acknowledgement): Promise<number> {
    this.#served = config;
    this.#appliedHere = identityOf(config);
    this.#outcomeServed = ack.state;
    this.#newest = { generation: config.generation, state: ack.state };
    this.#trouble = undefined;
    this.#quarantine.release();
    this.#confirm();
    this.#first.resolve();
    this.#options.log.info({ generation: config.generation, hash: config.hash, items: config.items.length, state: ack.state }, 'A configuration is in force.');
    await this.#save();
    this.#options.acknowledge(ack);
    return 0;
  }

  /** One save after the other, each of what is served then: an older configuration can never be the last one written. */
  #save(): Promise<void> {
    const { store, keys, log } = this.#options;
    this.#saving = this.#saving.then(async () => {
      const config = this.#served;
      if (config === undefined) return;
      try {
        await store.save(config, keys.trusted(config.gateway_id));
      } catch (error) {
        log.error({ err: error }, 'The configuration in force could not be kept on disk: a restart without the Control Plane would serve the one before.');
      }
    });
    return this.#saving;
  }

  #reject(name: string, reason: string, ack: Acknowledgement | undefined): number {
    const { log, acknowledge } = this.#options;
    const retryMs = this.#quarantine.add(name);
    const which = ack === undefined ? 'A configuration' : `Generation ${ack.generation}`;
    this.#newest = { generation: ack?.generation ?? this.#newest?.generation ?? 0, state: 'rejected' };
    this.#trouble = `${which} was rejected: ${reason}.`;
    log.error({ hash: name, retry_in_ms: Math.round(retryMs) }, `${this.#trouble} What was served before is still served.`);
    if (ack !== undefined) acknowledge(ack);
    // With an ETag the feed waits for a better one at once; without, the same document would come back at once.
    if (this.#etag !== undefined) return 0;
    this.#canBeWoken = true;
    return retryMs;
  }
}

function idsOf({ items }: GatewayConfig): string[] {
  return items.map(({ id }) => id);
}

function identityOf({ gateway_id, generation, hash }: GatewayConfig): string {
  return `${gateway_id} ${generation} ${hash}`;
}
