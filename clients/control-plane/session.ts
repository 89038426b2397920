import type { Logger } from '@stoa/lib/log.ts';
import type { ControlPlaneClient } from '@stoa/generated/client.ts';
import type { HeartbeatConfig, HeartbeatReply, RegisterReply } from '@stoa/generated/schemas.ts';
import { call } from './call.ts';
import type { Success } from './call.ts';
import type { Credential } from './credential.ts';
import { decide } from './decide.ts';
import type { Effect, Failure } from './decide.ts';
import { keepRunning } from './keep-running.ts';
import { Lease, now } from './lease.ts';
import type { Moment } from './lease.ts';
import { Bell, Pause } from './pause.ts';
import { parseHeartbeatReply, parseRegisterReply } from './replies.ts';
import { heartbeatRequest, registerRequest } from './session-requests.ts';
import { deregister } from './deregister.ts';
import { SessionTrouble } from './session-trouble.ts';
import type { CallName } from './session-trouble.ts';
import { firstBeatMs, fullJitterMs, nextBeatMs, requestTimeoutMs } from './timing.ts';
import type { Random } from './timing.ts';
import type { ControlPlaneConnectionOptions } from './types.ts';

export type SessionOptions = Pick<ControlPlaneConnectionOptions, 'instance' | 'report'> & {
  client: ControlPlaneClient;
  credential: Credential;
  bootId: string;
  /** What the next heartbeat says about the configuration. */
  config(): HeartbeatConfig;
  onRegistered(reply: RegisterReply): Promise<void>;
  /** Called with the newest generation that a heartbeat's reply names. */
  onGeneration(generation: number): void;
  log: Logger;
  random: Random;
};

/** A lease that was held for so many heartbeats was not one of two processes taking it from each other. */
const settledBeats = 10;

/** Registers, and keeps the registration alive: one `setTimeout` chain, one call in flight. */
export class GatewaySession {
  readonly #options: SessionOptions;
  readonly #pause = new Pause();
  readonly #changed = new Bell();
  readonly #trouble: SessionTrouble;
  readonly #failures: Record<CallName, number> = { registration: 0, heartbeat: 0 };
  /** The calls that were told to leave out what can be left out. */
  readonly #lean = new Set<CallName>();
  #lease: Lease | undefined;
  #intervalS: number | undefined;
  #seq = 0;
  #beatsOfLease = 0;
  #fencings = 0;
  #forbidden = false;
  #ended = false;
  #gatewayId: string | undefined;
  /** The set of signing keys that registration told. */
  #keysId: string | undefined;
  /** Another set, which a heartbeat named. */
  #newKeysId: string | undefined;
  /** The one that the last registration was made for: of two servers that do not agree each is asked once. */
  #askedKeysId: string | undefined;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#trouble = new SessionTrouble(options.log);
  }

  get gatewayId(): string | undefined {
    return this.#gatewayId;
  }

  get intervalS(): number | undefined {
    return this.#intervalS;
  }

  /** Heartbeats that were answered since registration: another loop can see in it that the gateway is known. */
  get beatsOfLease(): number {
    return this.#beatsOfLease;
  }

  /** Why this instance is not registered, or undefined when the last call succeeded. */
  get reason(): string | undefined {
    return this.#trouble.reason;
  }

  /** The lease under which configuration is taken and reports are sent; undefined while there is none, or while it is forbidden. */
  get lease(): Lease | undefined {
    return this.#lease?.permit() !== undefined && !this.#forbidden && !this.#ended ? this.#lease : undefined;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { log, random } = this.#options;
    await keepRunning({ name: 'session with the Control Plane', step: () => this.#step(signal), pause: this.#pause, signal, log, random });
  }

  /** Waits for a lease. Undefined when the signal aborted first. */
  async active(signal: AbortSignal): Promise<Lease | undefined> {
    while (!signal.aborted) {
      const { lease } = this;
      if (lease !== undefined) return lease;
      await this.#changed.wait(signal);
    }
    return undefined;
  }

  /** Resolves at the next heartbeat or registration that was answered, whatever the answer, or when the signal aborts. */
  nextAnswer(signal: AbortSignal): Promise<void> {
    return this.#changed.wait(signal);
  }

  /** Beats now: another call learnt something that the session should hear for itself. */
  beatNow(): void {
    this.#pause.wake();
  }

  /** Another call under this lease was told 409 `stale_epoch`: writing stops at once, and a heartbeat asks what is true. */
  fenced(lease: Lease): void {
    lease.end('A newer process holds the lease of this instance.');
    if (this.#lease === lease) this.beatNow();
  }

  /** Another call was told 410. */
  decommissioned(): void {
    this.#effects.end('heartbeat');
    this.#changed.ring();
  }

  /** Gives the lease back when it is still ours. */
  async deregister(): Promise<void> {
    if (this.#lease?.permit() !== undefined) await deregister(this.#options, this.#lease, this.#intervalS);
  }

  /** Ends the right to write. To be called when the process stops. */
  close(): void {
    this.#lease?.end('The process stops.');
  }

  async #step(signal: AbortSignal): Promise<number> {
    if (this.#ended) {
      await this.#changed.wait(signal);
      return 0;
    }
    const lease = this.#newKeysId === undefined ? this.#lease : undefined;
    const waitMs = await (lease === undefined ? this.#register(signal) : this.#beat(lease, signal));
    this.#changed.ring();
    return waitMs;
  }

  async #register(signal: AbortSignal): Promise<number> {
    const { client, credential, instance, bootId } = this.#options;
    const body = registerRequest(instance, bootId, this.#lean.has('registration'));
    const headers = { authorization: credential.header() };
    const sentAt = now();
    const send = (sendSignal: AbortSignal) => client.registerGateway({ body, headers, signal: sendSignal, parseAs: 'text' });
    const outcome = await call(send, requestTimeoutMs(undefined), signal);
    if (signal.aborted) return 0;
    if (!outcome.ok) return this.#failed('registration', outcome, headers.authorization);
    const parsed = parseRegisterReply(outcome.text);
    if ('fault' in parsed) return this.#failed('registration', { status: 'none', detail: parsed.fault }, headers.authorization);
    return this.#registered(parsed.reply, sentAt);
  }

  async #registered(reply: RegisterReply, sentAt: Moment): Promise<number> {
    const { credential, onRegistered, log, random } = this.#options;
    this.#succeeded('registration');
    this.#intervalS = reply.heartbeat_interval_s;
    this.#gatewayId = reply.gateway_id;
    this.#lean.delete('heartbeat');
    credential.replace(reply.credential);
    await onRegistered(reply);
    this.#learntKeys(reply);
    if (this.#lease?.isOf(reply) === true) {
      this.#lease.renew(sentAt, reply.lease_ttl_s, reply.features);
      return nextBeatMs(this.#intervalS, random);
    }
    this.#lease?.end('Another lease took its place.');
    this.#lease = new Lease(reply.gateway_id, reply.lease_epoch, sentAt, reply.lease_ttl_s, reply.features);
    log.info(
      { gateway_id: reply.gateway_id, interval_s: reply.heartbeat_interval_s, lease_epoch: reply.lease_epoch },
      'Registered with the Control Plane.',
    );
    return firstBeatMs(this.#intervalS, random);
  }

  async #beat(lease: Lease, signal: AbortSignal): Promise<number> {
    const { client, credential } = this.#options;
    this.#seq += 1;
    const body = heartbeatRequest(this.#report(), { lease, seq: this.#seq, config: this.#options.config(), lean: this.#lean.has('heartbeat') });
    const headers = { authorization: credential.header() };
    const params = { path: { gateway_id: lease.gatewayId } };
    const sentAt = now();
    const send = (sendSignal: AbortSignal) => client.heartbeat({ params, body, headers, signal: sendSignal, parseAs: 'text' });
    const outcome = await call(send, requestTimeoutMs(this.#intervalS), signal);
    if (signal.aborted) return 0;
    if (!outcome.ok) return this.#failed('heartbeat', outcome, headers.authorization);
    return this.#answered(outcome, lease, sentAt, headers.authorization);
  }

  async #answered(outcome: Success, lease: Lease, sentAt: Moment, authorization: string): Promise<number> {
    const parsed = parseHeartbeatReply(outcome.text);
    if ('fault' in parsed) return this.#failed('heartbeat', { status: 'none', detail: parsed.fault }, authorization);
    this.#obey(parsed.reply, lease, sentAt);
    const { random } = this.#options;
    // Another call under this lease was told that it is fenced, although this heartbeat was accepted: register again to learn which holds.
    if (lease.permit() === undefined) {
      this.#loseLease('The lease is over.');
      return fullJitterMs(0, random);
    }
    return nextBeatMs(this.#intervalS ?? 30, random);
  }

  #obey(reply: HeartbeatReply, lease: Lease, sentAt: Moment): void {
    this.#succeeded('heartbeat');
    this.#beatsOfLease += 1;
    this.#intervalS = reply.heartbeat_interval_s ?? this.#intervalS;
    this.#options.credential.replace(reply.credential);
    lease.renew(sentAt, reply.lease_ttl_s);
    if (reply.config_generation !== undefined) this.#options.onGeneration(reply.config_generation);
    const { signing_keys_id: id } = reply;
    // It takes the place of the next heartbeat: a fleet that is told at once does not come back at once.
    if (id !== undefined && id !== this.#keysId && id !== this.#askedKeysId) this.#newKeysId = id;
  }

  #learntKeys({ signing_keys_id: id }: RegisterReply): void {
    this.#askedKeysId = this.#newKeysId;
    this.#newKeysId = undefined;
    this.#keysId = id;
  }

  #report(): ReturnType<SessionOptions['report']> {
    try {
      return this.#options.report();
    } catch (error) {
      this.#options.log.error({ err: error }, 'The instance could not describe itself; it is reported as unhealthy.');
      return { status: 'unhealthy', metrics: {} };
    }
  }

  #succeeded(name: CallName): void {
    this.#failures[name] = 0;
    this.#forbidden = false;
    this.#trouble.over(name);
  }

  async #failed(name: CallName, failure: Failure, authorization: string): Promise<number> {
    const { random, credential } = this.#options;
    // A lease must not run out over it: the next heartbeat names the keys again.
    this.#newKeysId = undefined;
    // A new key deserves a try at once, however long the old one was refused.
    if (failure.status === 401 && (await credential.refused(authorization))) this.#failures[name] = 0;
    const decision = decide(failure, failure.status === 409 ? this.#countFencing() : this.#failures[name], random);
    this.#failures[name] += 1;
    this.#trouble.met(name, failure, decision);
    this.#effects[decision.effect](name);
    return decision.afterMs;
  }

  #countFencing(): number {
    const earlier = this.#beatsOfLease >= settledBeats ? 0 : this.#fencings;
    this.#fencings = earlier + 1;
    return earlier;
  }

  readonly #effects: Record<Effect, (name: CallName) => void> = {
    retry: () => {},
    'refuse-body': () => {},
    'reread-credential': () => {},
    'stop-syncing': () => {
      this.#forbidden = true;
      this.#lease?.suspend('The Control Plane forbids this instance.');
    },
    register: () => this.#loseLease('The Control Plane does not know this gateway.'),
    fence: () => this.#loseLease('A newer process holds the lease of this instance.'),
    end: () => {
      this.#ended = true;
      this.#lease?.end('An operator decommissioned this instance.');
    },
    'drop-extras': (name) => {
      this.#lean.add(name);
    },
  };

  #loseLease(reason: string): void {
    this.#lease?.end(reason);
    this.#lease = undefined;
    this.#beatsOfLease = 0;
  }
}
