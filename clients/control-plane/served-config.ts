import { setImmediate as turn } from 'node:timers/promises';
import type { Logger } from '@stoa/lib/log.ts';
import type { AckState, HeartbeatConfig, RuntimeConfigState } from '@stoa/generated/schemas.ts';
import type { LastKnownGood } from './last-known-good.ts';
import type { ControlPlaneConnectionOptions, DesiredState, StateName } from './types.ts';
import { desiredState } from './verified-state.ts';
import type { VerifiedState } from './verified-state.ts';

export type ServedConfigOptions = Pick<ControlPlaneConnectionOptions, 'restore'> & { store: LastKnownGood; log: Logger };

const freshForMs = 150_000;

/** The configuration being served, what became of the newest one that came, and what is said of both: to `/readyz`, to the Control Plane, to the disk. */
export class ServedConfig {
  readonly #options: ServedConfigOptions;
  readonly #first = Promise.withResolvers<void>();
  #served: VerifiedState | undefined;
  /** The content that this process applied, as opposed to what it restored. */
  #appliedHere: string | undefined;
  #outcomeServed: AckState = 'applied';
  /** The newest content that was given to `apply`, whatever came of it. */
  #given: VerifiedState | undefined;
  #newest: { generation: number; state: HeartbeatConfig['state'] } | undefined;
  #confirmedAtMs: number | undefined;
  #trouble: string | undefined;
  #saving: Promise<void> = Promise.resolve();

  constructor(options: ServedConfigOptions) {
    this.#options = options;
  }

  get firstConfig(): Promise<void> {
    return this.#first.promise;
  }

  /** Serves what was good before and was found on disk. No network. */
  async restore(state: VerifiedState | undefined): Promise<void> {
    const { restore, log } = this.#options;
    if (state === undefined) return;
    const { generation, hash } = state;
    try {
      await restore(desiredState(state, undefined));
    } catch (error) {
      log.error({ err: error, generation }, 'The last good configuration could not be restored; nothing is served until the Control Plane answers.');
      return;
    }
    this.#served = state;
    this.#first.resolve();
    log.info({ generation, hash }, 'The last good configuration was restored from disk.');
  }

  /** Why a verified document is not what comes next: a generation only rises, so it is a replay or comes from a server that lost its memory. */
  regression({ gateway_id, generation, hash }: StateName): string | undefined {
    const served = this.#served;
    if (served === undefined || served.gateway_id !== gateway_id || generation > served.generation) return undefined;
    if (generation === served.generation && hash === served.hash) return undefined;
    return generation < served.generation
      ? `generation ${generation} is older than ${served.generation}, which is being served`
      : `generation ${generation} came with two different contents`;
  }

  isAppliedHere(state: StateName): boolean {
    return this.#appliedHere === identityOf(state);
  }

  /** What was last given to `apply`, when it is this and `apply` has answered. */
  settled(state: StateName): VerifiedState | undefined {
    const isGiven = this.#given !== undefined && identityOf(this.#given) === identityOf(state);
    return isGiven && this.#newest?.state !== 'pending' ? this.#given : undefined;
  }

  /** Answers what `apply` is to be given. */
  begin(state: VerifiedState): DesiredState {
    this.#given = state;
    this.#newest = { generation: state.generation, state: 'pending' };
    return desiredState(state, this.#served);
  }

  /** It is in force: from now on it is what is served, and what a restart serves. */
  async accept(accepted: VerifiedState, state: AckState): Promise<void> {
    const { generation, hash, held } = accepted;
    this.#served = accepted;
    this.#appliedHere = identityOf(accepted);
    this.#outcomeServed = state;
    this.#newest = { generation, state };
    this.#trouble = undefined;
    this.confirm();
    this.#first.resolve();
    this.#options.log.info({ generation, hash, items: held.length, state }, 'A configuration is in force.');
    await this.#save();
  }

  /** The same state carries the signature of another key: that one is kept, so that a restart knows the key when the one before is gone. */
  async signedAnew(state: VerifiedState): Promise<void> {
    if (this.#served?.signature.key_id === state.signature.key_id) return;
    this.#served = state;
    await this.#save();
  }

  /** What was served goes on being served. `generation` is undefined when the document names none. */
  reject(generation: number | undefined, trouble: string): void {
    this.#newest = { generation: generation ?? this.#newest?.generation ?? 0, state: 'rejected' };
    this.#trouble = trouble;
  }

  /** What this process applied is found to be no longer in force, or never came into force. */
  breakDown(state: StateName, trouble: string): void {
    if (this.isAppliedHere(state)) this.#outcomeServed = 'rejected';
    this.reject(state.generation, trouble);
  }

  /** The newest is what is served again: a bad generation was withdrawn. */
  withdrawNewer(): void {
    this.#newest = this.#served && { generation: this.#served.generation, state: this.#outcomeServed };
    this.clearTrouble();
  }

  /** What is served, to take from it what did not change. */
  get current(): VerifiedState | undefined {
    return this.#served;
  }

  isNews(generation: number): boolean {
    return generation > Math.max(this.#newest?.generation ?? -1, this.#served?.generation ?? -1);
  }

  /** A heartbeat's reply named this generation: when it is the one served, that is as good as an answer of the feed. */
  confirmGeneration(generation: number): void {
    if (generation === this.#served?.generation && this.#newest?.state !== 'rejected') this.confirm();
  }

  confirm(): void {
    this.#confirmedAtMs = performance.now();
  }

  trouble(sentence: string): void {
    this.#trouble = sentence;
  }

  /** What was rejected remains a trouble until it is withdrawn or replaced. */
  clearTrouble(): void {
    if (this.#newest?.state !== 'rejected') this.#trouble = undefined;
  }

  /** `sessionReason` says why this instance is not registered. */
  state(sessionReason: string | undefined): RuntimeConfigState {
    const { generation = 0, hash = '' } = this.#served ?? {};
    const reason = this.#trouble ?? sessionReason ?? this.#unconfirmed();
    const state = this.#served === undefined ? 'none' : reason === undefined ? 'fresh' : 'stale';
    return { state, generation, hash, ...(reason !== undefined && { reason }) };
  }

  heartbeat(): HeartbeatConfig {
    const { generation = 0, hash = '' } = this.#served ?? {};
    return { generation, hash, state: this.#newest?.state ?? (this.#served === undefined ? 'none' : 'applied') };
  }

  #unconfirmed(): string | undefined {
    if (this.#confirmedAtMs === undefined) return 'The Control Plane has not confirmed this configuration since the process started.';
    const silentMs = performance.now() - this.#confirmedAtMs;
    return silentMs < freshForMs ? undefined : `The Control Plane has not confirmed this configuration for ${Math.round(silentMs / 1000)} s.`;
  }

  /** One save after the other, each of what is served then: an older configuration can never be the last one written. */
  #save(): Promise<void> {
    const { store, log } = this.#options;
    this.#saving = this.#saving.then(async () => {
      // In a turn of the event loop after the one that applied it.
      await turn();
      if (this.#served === undefined) return;
      try {
        await store.save(this.#served);
      } catch (error) {
        log.error(
          { err: error },
          'The configuration in force could not be kept on disk: a restart without the Control Plane would serve the one before.',
        );
      }
    });
    return this.#saving;
  }
}

function identityOf({ gateway_id, generation, hash }: StateName): string {
  return `${gateway_id} ${generation} ${hash}`;
}
