import { RefusedAddressError } from '@stoa/lib/upstream-guard.ts';
import type { Carried, Connections } from './connections.ts';
import { WithDeadline } from './deadlines.ts';
import type { Deadlines } from './deadlines.ts';
import { linesOf } from './http1/answer-head.ts';
import type { AnswerHead } from './http1/answer-head.ts';
import type { Connection } from './http1/connection.ts';
import type { Outgoing } from './http1/request-text.ts';
import { refused } from './upstream.ts';
import type { UpstreamFailure } from './upstream.ts';

/** Who is told of an answer as it comes. Of `ended` and `failed` one is called, once. None of them must throw. */
export type PassedTo = {
  /** Names and values of `headers` alternate. */
  begun(status: number, headers: string[]): void;
  /** Lent for the time of the call. */
  piece(bytes: Buffer): void;
  /** All that has come by now was told, and there is more to come. */
  caughtUp(): void;
  ended(): void;
  failed(failure: UpstreamFailure): void;
};

export type PassageTerms = {
  readonly lines: Connections;
  readonly deadlines: Deadlines;
  readonly timedOut: UpstreamFailure;
  /** Whether the request may be made once more where nothing of it was read. */
  readonly mayRepeat: boolean;
  /** Told once, at the end. */
  readonly over: () => void;
};

/** One request whose body is at hand, and its answer, which passes by unread at the pace of who reads it. */
export class Passage extends WithDeadline implements Carried {
  carrier: Connection | undefined;
  isPaused = false;
  readonly #terms: PassageTerms;
  readonly #request: Outgoing;
  readonly #to: PassedTo;
  #mayRepeat: boolean;
  #hasBegun = false;
  #isTimed = true;
  #isOver = false;

  constructor(terms: PassageTerms, request: Outgoing, to: PassedTo) {
    super();
    this.#terms = terms;
    this.#request = request;
    this.#to = to;
    this.#mayRepeat = terms.mayRepeat;
    terms.deadlines.add(this);
  }

  /** To be called once. */
  begin(): void {
    try {
      this.#terms.lines.dispatch(this.#request, this);
    } catch (error) {
      this.#fail({ kind: 'failed', reason: 'The request to the upstream could not be made.', timeout: false, cause: error as Error });
    }
  }

  /** Ends it before its time. Nobody is told. */
  cut(): void {
    if (this.#isOver) return;
    this.#end();
    this.#terms.lines.cut(this);
  }

  /** Reads no more of the answer, until `resume`. */
  pause(): void {
    this.isPaused = true;
    this.carrier?.pause();
  }

  resume(): void {
    this.isPaused = false;
    this.carrier?.resume();
  }

  /** The upstream may be silent for as long as it likes. */
  goOnForEver(): void {
    this.#isTimed = false;
    this.#terms.deadlines.remove(this);
  }

  begun(head: AnswerHead): void {
    if (this.#isOver) return;
    this.#hasBegun = true;
    this.#to.begun(head.status, linesOf(head));
  }

  piece(bytes: Buffer): void {
    if (!this.#isOver) this.#to.piece(bytes);
  }

  caughtUp(): void {
    if (this.#isOver) return;
    this.#touch();
    if (this.#hasBegun) this.#to.caughtUp();
  }

  answered(): void {
    this.#terms.lines.release(this);
    if (this.#isOver) return;
    this.#end();
    this.#to.ended();
  }

  failed(error: Error): void {
    const isStale = this.carrier?.isStale === true;
    this.#terms.lines.release(this);
    if (this.#isOver) return;
    if (isStale && this.#mayRepeat) {
      this.#mayRepeat = false;
      return this.begin();
    }
    if (error instanceof RefusedAddressError) return this.#fail(refused(error));
    const reason = this.#hasBegun ? 'The upstream broke off its answer.' : 'The upstream could not be reached or broke the connection.';
    this.#fail({ kind: 'failed', reason, timeout: false, cause: error });
  }

  override expire(): void {
    if (this.#isOver) return;
    this.#fail(this.#terms.timedOut);
    this.#terms.lines.cut(this);
  }

  /** An upstream is given up when it is silent for as long. */
  #touch(): void {
    if (!this.#isTimed) return;
    this.#terms.deadlines.remove(this);
    this.#terms.deadlines.add(this);
  }

  #fail(failure: UpstreamFailure): void {
    this.#end();
    this.#to.failed(failure);
  }

  #end(): void {
    this.#isOver = true;
    this.#terms.deadlines.remove(this);
    this.#terms.over();
  }
}
