import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { problem, sendProblem } from '@stoa/lib/problem.ts';
import { requestIdOf } from '@stoa/lib/request-id.ts';
import { closedBy } from '../../decide/admit.ts';
import { rightTo, tokenIn, tokenOf } from '../../decide/authorize-request.ts';
import type { MeteredOutcome } from '../../decide/authorize-request.ts';
import type { Endable } from '../../decide/may-go-on.ts';
import { unproven } from '../../decide/prove.ts';
import type { Caller } from '../../model.ts';
import type { ShownToUpstream } from '../../upstream/proofs/prover.ts';
import { unusable } from '../../upstream/relays.ts';
import type { UpstreamFailure } from '../../upstream/upstream.ts';
import { hasBody, hasHungUp } from './admitted.ts';
import { corsHeaders } from './cors.ts';
import { inspectAnswer, isEndless } from './guarded-bodies.ts';
import { answeredHeaders, sentHeaders } from './headers.ts';
import { refuseAnswer, refuseFailed } from './refuse.ts';
import { readTarget } from './target.ts';
import { Tunnel } from './tunnel.ts';
import type { TunnelEnd } from './tunnel.ts';
import type { Admitted } from './admitted.ts';

const bodiless: ReadonlySet<string | undefined> = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * One request and its answer, each passed on as it comes, at the pace of who reads it. Metered once, when nothing more of the answer can come: whatever ends it,
 * the caller, the upstream or we.
 */
export class RelayedRequest implements Endable {
  /** Whether its answer may have no end of its own. */
  isStream = false;
  readonly #admitted: Admitted;
  readonly #ended: (ended: RelayedRequest) => void;
  #sent: ClientRequest | undefined;
  #tunnel: Tunnel | undefined;
  #requestBytes = 0;
  #responseBytes = 0;
  /** Since when its operation is served no more. */
  #withdrawnAtMs: number | undefined;
  #isOver = false;
  #proven: ShownToUpstream | undefined;
  /** Whether the upstream may be asked once more by a fresh token: what has a body has gone by. */
  #mayProveAnew = false;

  constructor(admitted: Admitted, ended: (ended: RelayedRequest) => void) {
    this.#admitted = admitted;
    this.#ended = ended;
  }

  start(): void {
    const { request, response, client } = this.#admitted;
    if (hasHungUp(this.#admitted)) return this.end();
    response.once('close', () => this.#leave());
    client?.socket.once('end', () => {
      if (this.#tunnel === undefined) this.end();
    });
    const mayRepeat = bodiless.has(request.method) && !hasBody(request);
    this.#mayProveAnew = mayRepeat;
    this.#prove(mayRepeat);
  }

  /** Where nothing is proven in this request alone, nothing is waited for. */
  #prove(mayRetry: boolean): void {
    const { engine, operation, caller, question, response } = this.#admitted;
    if (operation.proofs.length === 0) return this.#send(mayRetry);
    const token = tokenOf(engine, question, { caller, operation });
    engine.prover
      .prove(operation, { caller, token, requestId: requestIdOf(response) })
      .then((proven) => {
        this.#proven = proven;
        if (!this.#isOver) this.#send(mayRetry);
      })
      .catch((error: unknown) => this.#fail(unproven(error)));
  }

  #send(mayRetry: boolean): void {
    const { engine, request, response, target, operation, caller, body } = this.#admitted;
    const isUpgrade = this.#admitted.client !== undefined;
    const headers = sentHeaders(operation, request, {
      caller,
      requestId: requestIdOf(response),
      address: engine.addressOf(request),
      isUpgrade,
      body,
    });
    headers.push(...(this.#proven?.headers ?? []));
    const head = { method: request.method ?? 'GET', target: operation.forwarding.target(target.pathAndQuery), headers, isUpgrade };
    const sent = engine.relays.open(operation, head);
    if ('kind' in sent) return this.#fail(sent);
    this.#sent = sent;
    sent.once('response', (answer) => this.#answer(answer));
    sent.once('upgrade', (answer, socket, rest) => this.#join(answer, socket, rest));
    // One that was answered 401 and is made once more says nothing any more.
    const isGivenUp = (): boolean => this.#sent !== sent;
    sent.once('timeout', () => isGivenUp() || this.#fail(engine.relays.timedOut));
    sent.on('error', (error: NodeJS.ErrnoException) => {
      if (isGivenUp()) return;
      // A connection that had rested was closed by the upstream at the same moment: it has read nothing of this.
      const isStale = mayRetry && sent.reusedSocket && error.code === 'ECONNRESET' && !response.headersSent && !this.#isOver;
      if (isStale) this.#send(false);
      else this.#fail(engine.relays.failureOf(error, response.headersSent));
    });
    this.#passOn(sent);
  }

  get credential(): string | null {
    return tokenIn(this.#admitted.question)?.credential ?? null;
  }

  isLetIn(): boolean {
    return this.#isLetIn();
  }

  isLetInAsKnown(): boolean {
    return this.#isLetIn(this.#admitted.caller);
  }

  #isLetIn(known?: Caller): boolean {
    const { engine, request, question, operation, client } = this.#admitted;
    const { snapshot } = engine;
    try {
      const { route } = readTarget(snapshot, request.method ?? 'GET', request.url ?? '/');
      const right = rightTo(engine, { ...question, snapshot, route }, operation, known);
      if (right !== 'withdrawn') return right === 'as_before' && !this.#isClosed();
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
    const { engine, operation } = this.#admitted;
    const { times } = (engine.snapshot.apis.get(operation.api.id) ?? operation.api).policies;
    return this.isStream && closedBy(times, engine.now()) !== undefined;
  }

  /** Ends it before its time. */
  end(): void {
    if (this.#isOver) return;
    this.#over('cancelled');
    this.#sent?.destroy();
    this.#tunnel?.end();
    this.#admitted.response.destroy();
  }

  #passOn(sent: ClientRequest): void {
    const { request, body } = this.#admitted;
    this.#requestBytes = body?.length ?? 0;
    if (body !== undefined || !hasBody(request)) return void sent.end(body);
    const { maxRequestBytes = Infinity } = this.#admitted.operation.api.policies;
    request.on('data', (bytes: Buffer) => {
      this.#requestBytes += bytes.length;
      // A body that came in chunks told no length to hold against the limit before.
      if (this.#requestBytes > maxRequestBytes) this.#refuseSize(maxRequestBytes);
    });
    request.once('aborted', () => this.#leave());
    request.pipe(sent);
  }

  #answer(answer: IncomingMessage): void {
    if (answer.statusCode === 401 && this.#mayProveAnew && this.#wasRefused()) {
      answer.on('error', () => answer.destroy()).resume();
      this.#sent = undefined;
      this.#mayProveAnew = false;
      return this.#prove(false);
    }
    answer.once('error', (error) => this.#fail(this.#admitted.engine.relays.failureOf(error, true)));
    this.isStream = isEndless(answer);
    this.#goOn(answer, () => {
      const status = answer.statusCode ?? 0;
      // Node's client takes any three digits, and its server throws at these.
      if (status < 200) throw new Error(`The status is ${status}.`);
      this.#passBack(answer, status);
    });
  }

  #wasRefused(): boolean {
    return this.#proven !== undefined && !this.#isOver && this.#admitted.engine.prover.wasRefused(this.#proven);
  }

  /** Once it is sure that whoever asked still may: the configuration may be another one than was decided by. `from` is given up where nothing comes of it. */
  #goOn(from: IncomingMessage | Socket, withIt: () => void): void {
    const { engine, question, standing } = this.#admitted;
    const go = (): void => {
      if (this.#isOver) return void from.destroy();
      try {
        withIt();
      } catch (error) {
        if (this.#tunnel === undefined) this.#fail(unusable(error as Error));
        else this.end();
        from.destroy();
      }
    };
    if (engine.snapshot === question.snapshot) go();
    else void standing.endIfRefused(this).then(go);
  }

  #passBack(answer: IncomingMessage, status: number): void {
    const { request, response, operation } = this.#admitted;
    const isRead = operation.api.policies.contents.response.length > 0 && request.method !== 'HEAD' && ![204, 304].includes(status);
    if (isRead) return void this.#passInspected(answer, status);
    response.writeHead(status, this.#headersOf(answer));
    // Else the caller waits for the head until the first piece of the body, which may be long in coming.
    response.flushHeaders();
    if (this.isStream) this.#sent?.setTimeout(0);
    answer.on('data', (bytes: Buffer) => (this.#responseBytes += bytes.length));
    answer.once('end', () => this.#over(outcomeOf(status)));
    answer.pipe(response);
  }

  /** The same once a policy has read all of it. */
  async #passInspected(answer: IncomingMessage, status: number): Promise<void> {
    const { engine, request, response, operation, target } = this.#admitted;
    const verdict = await inspectAnswer(engine, operation, answer).catch((error: unknown) => this.#fail(unusable(error as Error)));
    if (this.#isOver || verdict === undefined) return;
    if ('reason' in verdict) {
      this.#over('content_refused');
      this.#sent?.destroy();
      return refuseAnswer(response, verdict.reason, corsHeaders(target.api, request));
    }
    this.#responseBytes = verdict.body.length;
    response
      .writeHead(status, [...this.#headersOf({ rawHeaders: verdict.rawHeaders }), 'content-length', String(verdict.body.length)])
      .end(verdict.body);
    this.#over(outcomeOf(status));
  }

  #headersOf({ rawHeaders }: Pick<IncomingMessage, 'rawHeaders'>): string[] {
    const { request, response, operation, target, limits } = this.#admitted;
    return answeredHeaders(operation.api, rawHeaders, { ...corsHeaders(target.api, request), ...limits }, requestIdOf(response));
  }

  /** Both sides speak WebSocket from here on (RFC 6455), until one of them ends. */
  #join(answer: IncomingMessage, socket: Socket, head: Buffer): void {
    const { client } = this.#admitted;
    socket.on('error', () => socket.destroy());
    this.#goOn(socket, () => {
      if (client === undefined) throw new Error('It speaks another protocol, and was not asked to.');
      this.#connect({ socket, head }, client, this.#headersOf(answer));
    });
  }

  #connect(upstream: TunnelEnd, client: TunnelEnd, headers: readonly string[]): void {
    this.#admitted.response.detachSocket(client.socket);
    this.isStream = true;
    this.#tunnel = new Tunnel(client, upstream, ({ sentBytes, receivedBytes }) => {
      this.#requestBytes = sentBytes;
      this.#responseBytes = receivedBytes;
      this.#over('ok');
    });
    this.#tunnel.start(headers);
  }

  /** The caller has gone, or has everything. */
  #leave(): void {
    if (this.#isOver) return;
    this.#over('cancelled');
    this.#sent?.destroy();
  }

  #refuseSize(maxBytes: number): void {
    if (this.#isOver) return;
    const { response } = this.#admitted;
    this.#over('too_large');
    this.#sent?.destroy();
    sendProblem(response, problem(413, { code: 'too_large', detail: `The body is larger than the ${maxBytes} bytes allowed.` }));
  }

  #fail(failure: UpstreamFailure): void {
    if (this.#isOver) return;
    const { engine, request, response, operation, target, limits } = this.#admitted;
    const { code, message } = failure.cause as NodeJS.ErrnoException;
    engine.log.warn({ code, cause: message, operation: operation.operationId, api: operation.api.name }, failure.reason);
    this.#over('upstream_error');
    this.#sent?.destroy();
    refuseFailed(response, failure, { ...corsHeaders(target.api, request), ...limits });
  }

  #over(outcome: MeteredOutcome): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const { engine, request, question, operation, caller, startedAt } = this.#admitted;
    if (this.#sent !== undefined) request.unpipe(this.#sent);
    // An answer that did not wait for the body: the upstream waits for the rest of it, and nothing else can go on that connection.
    if (this.#sent?.writableFinished === false) this.#sent.destroy();
    // What the upstream did not wait for is read and thrown away, for the connection's sake.
    request.resume();
    const durationMs = performance.now() - startedAt;
    const { consumerId, keyId } = caller;
    const bytes = { requestBytes: this.#requestBytes, responseBytes: this.#responseBytes };
    engine.meter.record({ door: 'rest', operation, consumerId, keyId, outcome, durationMs, ...bytes, addressOf: question.addressOf });
    this.#ended(this);
  }
}

const outcomeOf = (status: number): MeteredOutcome => (status >= 500 ? 'upstream_error' : status >= 300 && status !== 304 ? 'client_error' : 'ok');
