import type { AnyRequest, AnyResponse } from '@stoa/lib/quick/any.ts';
import { requestIdOf } from '@stoa/lib/request-id.ts';
import { observedOf } from '@stoa/lib/telemetry/model.ts';
import type { ClientRequest, TraceHeaders } from '@stoa/lib/telemetry/model.ts';
import { closedBy } from '../../decide/admit.ts';
import { rightTo, tokenIn } from '../../decide/authorize-request.ts';
import type { MeteredOutcome } from '../../decide/authorize-request.ts';
import type { Endable } from '../../decide/may-go-on.ts';
import type { Caller } from '../../model.ts';
import { unusable } from '../../upstream/relays.ts';
import { failureWord } from '../../upstream/upstream.ts';
import type { UpstreamFailure } from '../../upstream/upstream.ts';
import type { Admitted } from './admitted.ts';
import { ByteCharge } from './byte-charge.ts';
import { corsHeaders } from './cors.ts';
import { answeredHeaders } from './headers.ts';
import { refuseFailed } from './refuse.ts';
import { readTarget } from './target.ts';

/**
 * One request that was let in, and its answer, however they are passed on. Metered once, when nothing more of the answer can come: whatever ends it, the caller, the upstream or
 * we. Ends with the right to it.
 */
export abstract class Relayed<From extends AnyRequest, To extends AnyResponse> implements Endable {
  /** Whether its answer may have no end of its own. */
  isStream = false;
  protected readonly admitted: Admitted<From, To>;
  protected requestBytes = 0;
  protected responseBytes = 0;
  /** Of the upstream's answer. */
  protected status: number | undefined;
  readonly #charge: ByteCharge;
  /** How the upstream is told of the trace, and the trace of its answer. */
  #asked: ClientRequest | undefined;
  readonly #ended: (ended: Relayed<From, To>) => void;
  /** Since when its operation is served no more. */
  #withdrawnAtMs: number | undefined;
  #isOver = false;

  constructor(admitted: Admitted<From, To>, ended: (ended: Relayed<From, To>) => void) {
    this.admitted = admitted;
    this.#ended = ended;
    this.#charge = new ByteCharge(admitted);
  }

  /** Ends it before its time. */
  end(): void {
    if (this.#isOver) return;
    this.over('cancelled');
    this.giveUp();
    this.admitted.response.destroy();
  }

  /** Ends what is under way with the upstream. */
  protected abstract giveUp(): void;

  get credential(): string | null {
    return tokenIn(this.admitted.question)?.credential ?? null;
  }

  isLetIn(): boolean {
    return this.#isLetIn();
  }

  isLetInAsKnown(): boolean {
    return this.#isLetIn(this.admitted.caller);
  }

  #isLetIn(known?: Caller): boolean {
    const { engine, request, question, operation, client } = this.admitted;
    const { snapshot } = engine;
    try {
      const { route } = readTarget(snapshot, request.method ?? 'GET', request.url ?? '/');
      const right = rightTo(engine, { ...question, snapshot, route }, operation, known);
      if (right !== 'withdrawn') return right === 'as_before' && !this.#isClosed() && !(this.isStream && this.#charge.isSpent(this.moved()));
      // What has an end of its own may come to it, in the time that an upstream has.
      const nowMs = performance.now();
      this.#withdrawnAtMs ??= nowMs;
      return !this.isStream && client === undefined && nowMs - this.#withdrawnAtMs < engine.relays.timeoutMs;
    } catch (error) {
      engine.log.error({ err: error }, 'A decision failed for a reason of our own.');
      return false;
    }
  }

  /** What has an end of its own began in time. */
  #isClosed(): boolean {
    const { engine, operation } = this.admitted;
    const { times } = (engine.snapshot.apis.get(operation.api.id) ?? operation.api).policies;
    return this.isStream && closedBy(times, engine.now()) !== undefined;
  }

  /** By what the upstream is to go on with the trace of who asked; undefined where that goes on as it is. To be called before it is asked. */
  protected traceFor(): TraceHeaders | undefined {
    const { response, operation } = this.admitted;
    this.#asked ??= observedOf(response)?.ask(operation);
    return this.#asked?.headers;
  }

  protected get isOver(): boolean {
    return this.#isOver;
  }

  /** Once it is sure that whoever asked still may: the configuration may be another one than was decided by. Where nothing comes of it, the upstream is given up. */
  protected goOn(withIt: () => void, giveUp: () => void): void {
    const { engine, question, standing } = this.admitted;
    const go = (): void => {
      if (this.#isOver) return giveUp();
      try {
        withIt();
      } catch (error) {
        this.fail(unusable(error as Error));
        giveUp();
      }
    };
    if (engine.snapshot === question.snapshot) go();
    else void standing.endIfRefused(this).then(go);
  }

  protected headersOf(rawHeaders: readonly string[]): string[] {
    const { request, response, operation, target, told } = this.admitted;
    return answeredHeaders(operation.api, rawHeaders, { ...corsHeaders(target.api, request), ...told }, requestIdOf(response));
  }

  protected fail(failure: UpstreamFailure): void {
    if (this.#isOver) return;
    const { engine, request, response, operation, target, told } = this.admitted;
    const { code, message } = failure.cause as NodeJS.ErrnoException;
    const ids = observedOf(response)?.ids();
    engine.log.warn({ code, cause: message, operation: operation.operationId, api: operation.api.name, ...ids }, failure.reason);
    this.#asked?.end(undefined, failureWord(failure));
    this.over('upstream_error');
    this.giveUp();
    refuseFailed(response, failure, { ...corsHeaders(target.api, request), ...told });
  }

  /** The caller has gone, or has everything. */
  protected leave(): void {
    if (this.#isOver) return;
    this.over('cancelled');
    this.giveUp();
  }

  /** So much more of the answer goes to the caller. */
  protected answered(bytes: number): void {
    this.responseBytes += bytes;
    this.#charge.takeLarge(this.moved());
  }

  /** What has passed until now. */
  protected moved(): number {
    return this.requestBytes + this.responseBytes;
  }

  /** Meters it, the first time. */
  protected over(outcome: MeteredOutcome): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#asked?.end(this.status, outcome === 'cancelled' ? 'cancelled' : undefined);
    const { engine, question, operation, caller, startedAt } = this.admitted;
    const durationMs = performance.now() - startedAt;
    const { consumerId, keyId } = caller;
    const { requestBytes, responseBytes } = this;
    engine.meter.record({
      door: 'rest',
      operation,
      consumerId,
      keyId,
      outcome,
      durationMs,
      requestBytes,
      responseBytes,
      addressOf: question.addressOf,
    });
    this.#charge.take(this.moved());
    this.#ended(this);
  }
}

export const outcomeOf = (status: number): MeteredOutcome =>
  status >= 500 ? 'upstream_error' : status >= 300 && status !== 304 ? 'client_error' : 'ok';
