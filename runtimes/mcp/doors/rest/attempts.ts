import type { IncomingMessage } from 'node:http';
import { isIdempotent, pauseMs } from '../../decide/protect.ts';
import type { Protection } from '../../model.ts';
import type { HeldBack, Slot } from '../../upstream/protection/protector.ts';
import type { UpstreamFailure } from '../../upstream/upstream.ts';
import { hasBody } from './admitted.ts';
import type { Admitted } from './admitted.ts';

/** What happened before anything of the request came to it. */
const beforeRequest: ReadonlySet<string | undefined> = new Set(['connect', 'getaddrinfo']);

/** The attempts at one request, as the policies for its upstream let them be made. */
export class Attempts {
  readonly #admitted: Admitted;
  readonly #protection: Protection;
  #slot: Slot | undefined;
  #retries = 0;
  #pause: NodeJS.Timeout | undefined;
  #hasAnswer = false;

  constructor(admitted: Admitted, protection: Protection) {
    this.#admitted = admitted;
    this.#protection = protection;
  }

  /** Begins one, or says why there is none. Throws when there is no room to say so. */
  begin(): HeldBack | undefined {
    const { engine, operation } = this.#admitted;
    this.#slot?.leave();
    const entered = engine.protector.enter(operation, this.#protection);
    if ('kind' in entered) return entered;
    this.#slot = entered;
    return undefined;
  }

  /** The upstream answers. Whether the answer is to be given up for another attempt. */
  answered(status: number): boolean {
    this.#hasAnswer = true;
    const { circuit, retry } = this.#protection;
    const isFailure = circuit?.isFailure(status) === true;
    // Who has not sent his body yet may be the reason.
    if (!isFailure || !this.#isHeldUp()) this.#slot?.judge(isFailure ? 'failed' : 'ok');
    if (retry?.isWorthIt(status) !== true || !this.#mayGoAgain()) return false;
    this.#hasAnswer = false;
    return true;
  }

  /** Nothing came of it. Whether there is to be another attempt. */
  failed({ isUpstreams, timeout, cause }: UpstreamFailure): boolean {
    if (isUpstreams !== true || this.#hasAnswer) return false;
    const isBefore = beforeRequest.has((cause as NodeJS.ErrnoException).syscall);
    if (isBefore || !this.#isHeldUp()) this.#slot?.judge('failed');
    return !timeout && this.#mayGoAgain();
  }

  /** Has another one begin after a while. */
  again(begin: () => void): void {
    const { retry } = this.#protection;
    this.#slot?.leave();
    this.#slot = undefined;
    this.#pause = setTimeout(begin, retry === undefined ? 0 : pauseMs(retry, this.#retries));
    this.#retries += 1;
  }

  /** Nothing more comes of any. */
  end(): void {
    clearTimeout(this.#pause);
    this.#slot?.leave();
  }

  /** Takes one from the budget. */
  #mayGoAgain(): boolean {
    const { engine, operation, request, client, body, response } = this.#admitted;
    const maxRetries = this.#protection.retry?.maxRetries ?? 0;
    if (this.#retries >= maxRetries || client !== undefined || response.headersSent) return false;
    // What passes by unread cannot be sent once more.
    if (!isIdempotent(request.method) || !isAtHand(request, body)) return false;
    return engine.protector.mayRetry(operation, this.#protection);
  }

  /** Whether the upstream waits for the caller. */
  #isHeldUp(): boolean {
    const { request, body } = this.#admitted;
    return !isAtHand(request, body) && !request.complete;
  }
}

const isAtHand = (request: IncomingMessage, body: Buffer | undefined): boolean => body !== undefined || !hasBody(request);
