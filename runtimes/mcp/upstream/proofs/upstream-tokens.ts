import { ProofFailure } from './proof-failure.ts';
import type { GivenToken } from './token-endpoint.ts';

type Kept = { readonly token: string; readonly gotAtMs: number; readonly renewAtMs: number; readonly untilMs: number };
type Refused = { readonly failure: ProofFailure; readonly untilMs: number };

/** Of tokens whose issuer says nothing of their end. */
const usualLifetimeS = 300;
/** A token is got anew when this share of its life is over, while the old one is used on. */
const renewedAfter = 0.8;
/** What is taken off its end, for the way to the upstream. */
const marginMs = 5_000;
/** An issuer that has just refused, or is away, is left alone for as long; and so is one whose fresh token an upstream refuses. */
const restMs = 2_000;
const maxTokens = 10_000;

/** Tokens by what they were asked for with: kept until they expire, asked for by one at a time, and renewed before anybody has to wait. */
export class UpstreamTokens {
  readonly #now: () => number;
  readonly #kept = new Map<string, Kept>();
  readonly #refused = new Map<string, Refused>();
  readonly #asking = new Map<string, Promise<string>>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** @throws ProofFailure when there is none to be had */
  get(name: string, ask: () => Promise<GivenToken>): string | Promise<string> {
    const nowMs = this.#now();
    const kept = this.#kept.get(name);
    if (kept !== undefined && nowMs < kept.untilMs) {
      if (nowMs >= kept.renewAtMs && !this.#isResting(name, nowMs)) this.#ask(name, ask).catch(() => undefined);
      return kept.token;
    }
    const refused = this.#refused.get(name);
    if (refused !== undefined && nowMs < refused.untilMs) throw refused.failure;
    return this.#ask(name, ask);
  }

  /** Whether an upstream that refused this token may be asked once more with another one, which is got at the next `get`. */
  forget(name: string, token: string): boolean {
    const kept = this.#kept.get(name);
    // Somebody else was refused with it and has another one.
    if (kept?.token !== token) return true;
    if (this.#now() - kept.gotAtMs < restMs) return false;
    this.#kept.delete(name);
    return true;
  }

  #isResting(name: string, nowMs: number): boolean {
    return nowMs < (this.#refused.get(name)?.untilMs ?? 0);
  }

  #ask(name: string, ask: () => Promise<GivenToken>): Promise<string> {
    const asking = this.#asking.get(name);
    if (asking !== undefined) return asking;
    const asked = this.#keep(name, ask).finally(() => this.#asking.delete(name));
    this.#asking.set(name, asked);
    return asked;
  }

  async #keep(name: string, ask: () => Promise<GivenToken>): Promise<string> {
    try {
      const { token, lifetimeS = usualLifetimeS } = await ask();
      const nowMs = this.#now();
      const lifeMs = lifetimeS * 1000;
      const untilMs = nowMs + Math.max(lifeMs - marginMs, lifeMs / 2);
      put(this.#kept, name, { token, gotAtMs: nowMs, renewAtMs: nowMs + lifeMs * renewedAfter, untilMs });
      this.#refused.delete(name);
      return token;
    } catch (error) {
      if (error instanceof ProofFailure) put(this.#refused, name, { failure: error, untilMs: this.#now() + restMs });
      throw error;
    }
  }
}

/** The oldest go first. */
function put<T>(map: Map<string, T>, name: string, value: T): void {
  map.delete(name);
  map.set(name, value);
  if (map.size > maxTokens) map.delete(map.keys().next().value as string);
}
