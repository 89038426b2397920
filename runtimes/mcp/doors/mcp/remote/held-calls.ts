import { randomUUID } from 'node:crypto';
import { objectText } from '@stoa/lib/json-members.ts';
import { methodNotFound } from '../../../federation/pending.ts';
import type { ServerAsk } from '../../../federation/peer.ts';
import type { OperationEntry } from '../../../model.ts';
import { Cancellation } from '../../../upstream/cancellation.ts';
import type { CallAnswer } from '../call-result.ts';
import { isObject } from '../json-rpc.ts';
import type { RemoteAnswer } from './answering.ts';

/** What no other gateway writes: behind another one there may be a third. */
const mark = `stoa-${randomUUID()}:`;
const maxHeld = 1000;
const maxHeldOfOne = 32;
const maxTold = 1000;
/** How long an outcome waits for a client that does not come back. */
const keptMs = 10 * 60_000;

/** Who began a call, and the consumer whose share of held calls it is of. */
export type Began = { readonly person: string; readonly consumerId: string };

/** Whoever waits for a held call at the moment: one request of HTTP. */
export type Waiting = { readonly answer: RemoteAnswer; deliver(outcome: CallAnswer): void };

/**
 * A request to an older server that is under way while its client, of 2026-07-28, comes and goes: what the server asks in the course of it is an input that the client is told to bring along
 * with its next request (MCP "Multi round-trip requests").
 */
export class HeldCall {
  readonly token = `${mark}${randomUUID()}`;
  readonly by: Began;
  readonly operation: OperationEntry;
  readonly cancellation = new Cancellation();
  readonly #asks = new Map<string, ServerAsk>();
  readonly #calls: HeldCalls;
  #waiting: Waiting | undefined;
  #outcome: CallAnswer | undefined;
  #told: string[] = [];
  #isDue = false;
  #ids = 0;

  constructor(calls: HeldCalls, by: Began, operation: OperationEntry) {
    this.#calls = calls;
    this.by = by;
    this.operation = operation;
  }

  /** Has a request of the client wait for what comes next. */
  attach(waiting: Waiting): void {
    this.#waiting = waiting;
    for (const text of this.#told.splice(0)) waiting.answer.tell(text);
    if (this.#outcome !== undefined) this.settle(this.#outcome);
    else if (this.#asks.size > 0) this.#askSoon();
  }

  tell(text: string): boolean {
    if (this.#waiting !== undefined) return this.#waiting.answer.tell(text);
    if (this.#told.length < maxTold) this.#told.push(text);
    return true;
  }

  ask(ask: ServerAsk): void {
    if (!this.#calls.hold(this)) return ask.answer({ error: methodNotFound });
    this.#asks.set(`input-${(this.#ids += 1)}`, ask);
    this.#askSoon();
  }

  /** Takes what the client brought. What it was asked for and did not bring it is asked for once more. */
  bring(responses: unknown): void {
    if (!isObject(responses)) return;
    for (const [key, response] of Object.entries(responses)) {
      const ask = this.#asks.get(key);
      if (ask === undefined) continue;
      this.#asks.delete(key);
      ask.answer({ result: JSON.stringify(response) });
    }
  }

  settle(outcome: CallAnswer): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting === undefined) {
      this.#outcome = outcome;
      setTimeout(() => this.#calls.release(this), keptMs).unref();
      return;
    }
    this.#calls.release(this);
    waiting.deliver(outcome);
  }

  /** What is asked at once is told at once. */
  #askSoon(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    setImmediate(() => {
      this.#isDue = false;
      const waiting = this.#waiting;
      if (waiting === undefined || this.#asks.size === 0) return;
      this.#waiting = undefined;
      const requests = [...this.#asks].map(([key, { method, params }]): [string, string] => [
        key,
        objectText([['method', JSON.stringify(method)], ...(params === undefined ? [] : [['params', params] as const])]),
      ]);
      waiting.answer.result(
        objectText([
          ['resultType', '"input_required"'],
          ['inputRequests', objectText(requests)],
          ['requestState', JSON.stringify(this.token)],
        ]),
      );
    });
  }
}

/** The held calls of a door, each bound to who began it. */
export class HeldCalls {
  readonly #held = new Map<string, HeldCall>();

  /** False where there are too many. */
  hold(call: HeldCall): boolean {
    if (this.#held.has(call.token)) return true;
    const ofOne = [...this.#held.values()].filter(({ by }) => by.consumerId === call.by.consumerId).length;
    if (this.#held.size >= maxHeld || ofOne >= maxHeldOfOne) return false;
    this.#held.set(call.token, call);
    return true;
  }

  release(call: HeldCall): void {
    this.#held.delete(call.token);
  }

  /** The call that a client goes on with; undefined where there is none of his. */
  find(token: string, person: string): HeldCall | undefined {
    const call = this.#held.get(token);
    return call?.by.person === person ? call : undefined;
  }
}

/** The token of a held call in a request, where it has one of ours. */
export function tokenIn(params: Readonly<Record<string, unknown>>): string | undefined {
  const state = params['requestState'];
  return typeof state === 'string' && state.startsWith(mark) ? state : undefined;
}
