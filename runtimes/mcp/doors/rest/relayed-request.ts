import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { problem, sendProblem } from '@stoa/lib/problem.ts';
import { requestIdOf } from '@stoa/lib/request-id.ts';
import { observedOf } from '@stoa/lib/telemetry/model.ts';
import { tokenOf } from '../../decide/authorize-request.ts';
import type { MeteredOutcome } from '../../decide/authorize-request.ts';
import { unproven } from '../../decide/prove.ts';
import type { ShownToUpstream } from '../../upstream/proofs/prover.ts';
import type { HeldBack } from '../../upstream/protection/protector.ts';
import { unusable } from '../../upstream/relays.ts';
import type { UpstreamFailure } from '../../upstream/upstream.ts';
import { hasBody, hasHungUp } from './admitted.ts';
import type { Admitted } from './admitted.ts';
import { Attempts } from './attempts.ts';
import { corsHeaders } from './cors.ts';
import { inspectAnswer, isEndless } from './guarded-bodies.ts';
import { sentHeaders } from './headers.ts';
import { refuse, refuseAnswer } from './refuse.ts';
import { Relayed, outcomeOf } from './relayed.ts';
import { Tunnel } from './tunnel.ts';
import type { TunnelEnd } from './tunnel.ts';

const bodiless: ReadonlySet<string | undefined> = new Set(['GET', 'HEAD', 'OPTIONS']);

/** One request and its answer, each passed on as it comes, at the pace of who reads it, by Node's own server and client. */
export class RelayedRequest extends Relayed<IncomingMessage, ServerResponse> {
  /** Undefined where no policy does anything for the upstream. */
  readonly #attempts: Attempts | undefined;
  #sent: ClientRequest | undefined;
  #tunnel: Tunnel | undefined;
  #proven: ShownToUpstream | undefined;
  /** Whether the upstream may be asked once more by a fresh token: what has a body has gone by. */
  #mayProveAnew = false;

  constructor(admitted: Admitted, ended: (ended: Relayed<IncomingMessage, ServerResponse>) => void) {
    super(admitted, ended);
    const { protection } = admitted.operation.api.policies;
    this.#attempts = protection && new Attempts(admitted, protection);
  }

  start(): void {
    const { request, response, client } = this.admitted;
    if (hasHungUp(this.admitted)) return this.end();
    response.once('close', () => this.leave());
    client?.socket.once('end', () => {
      if (this.#tunnel === undefined) this.end();
    });
    const mayRepeat = bodiless.has(request.method) && !hasBody(request);
    this.#mayProveAnew = mayRepeat;
    this.#prove(mayRepeat);
  }

  /** Where nothing is proven in this request alone, nothing is waited for. */
  #prove(mayRetry: boolean): void {
    const { engine, operation, caller, question, response } = this.admitted;
    if (operation.proofs.length === 0) return this.#send(mayRetry);
    const token = tokenOf(engine, question, { caller, operation });
    engine.prover
      .prove(operation, { caller, token, requestId: requestIdOf(response) })
      .then((proven) => {
        this.#proven = proven;
        if (!this.isOver) this.#send(mayRetry);
      })
      .catch((error: unknown) => this.fail(unproven(error)));
  }

  #send(mayRetry: boolean): void {
    try {
      const held = this.#attempts?.begin();
      if (held === undefined) this.#open(mayRetry);
      else this.#hold(held);
    } catch (error) {
      this.fail({ kind: 'failed', reason: 'The gateway could not make the request.', timeout: false, cause: error as Error });
    }
  }

  #open(mayRetry: boolean): void {
    const { engine, request, response, target, operation, caller, body } = this.admitted;
    const isUpgrade = this.admitted.client !== undefined;
    const headers = sentHeaders(operation, request, {
      caller,
      requestId: requestIdOf(response),
      address: engine.addressOf(request),
      isUpgrade,
      body,
      trace: this.traceFor(),
    });
    headers.push(...(this.#proven?.headers ?? []));
    const head = { method: request.method ?? 'GET', target: operation.forwarding.target(target.pathAndQuery), headers, isUpgrade };
    const sent = engine.relays.open(operation, head);
    if ('kind' in sent) return this.fail(sent);
    this.#sent = sent;
    sent.once('response', (answer) => this.#answer(answer));
    sent.once('upgrade', (answer, socket, rest) => this.#join(answer, socket, rest));
    // One that was answered 401 and is made once more says nothing any more.
    const isGivenUp = (): boolean => this.#sent !== sent;
    sent.once('timeout', () => isGivenUp() || this.#failUnlessAgain(engine.relays.timedOut));
    sent.on('error', (error: NodeJS.ErrnoException) => {
      if (isGivenUp()) return;
      // A connection that had rested was closed by the upstream at the same moment: it has read nothing of this.
      const isStale = mayRetry && sent.reusedSocket && error.code === 'ECONNRESET' && !response.headersSent && !this.isOver;
      if (isStale) this.#send(false);
      else this.#failUnlessAgain(engine.relays.failureOf(error, response.headersSent));
    });
    this.#passOn(sent);
  }

  protected override giveUp(): void {
    this.#sent?.destroy();
    this.#tunnel?.end();
  }

  #passOn(sent: ClientRequest): void {
    const { request, body } = this.admitted;
    this.requestBytes = body?.length ?? 0;
    if (body !== undefined || !hasBody(request)) return void sent.end(body);
    const { maxRequestBytes = Infinity } = this.admitted.operation.api.policies;
    request.on('data', (bytes: Buffer) => {
      this.requestBytes += bytes.length;
      // A body that came in chunks told no length to hold against the limit before.
      if (this.requestBytes > maxRequestBytes) this.#refuseSize(maxRequestBytes);
    });
    request.once('aborted', () => this.leave());
    request.pipe(sent);
  }

  #answer(answer: IncomingMessage): void {
    if (answer.statusCode === 401 && this.#mayProveAnew && this.#wasRefused()) {
      answer.on('error', () => answer.destroy()).resume();
      this.#sent = undefined;
      this.#mayProveAnew = false;
      return this.#prove(false);
    }
    if (this.#attempts?.answered(answer.statusCode ?? 0) === true) {
      answer.on('error', () => undefined).destroy();
      return this.#again();
    }
    this.status = answer.statusCode;
    answer.once('error', (error) => this.fail(this.admitted.engine.relays.failureOf(error, true)));
    this.isStream = isEndless(answer.headers['content-type']);
    this.goOn(
      () => {
        const status = answer.statusCode ?? 0;
        // Node's client takes any three digits, and its server throws at these.
        if (status < 200) throw new Error(`The status is ${status}.`);
        this.#passBack(answer, status);
      },
      () => answer.destroy(),
    );
  }

  #again(): void {
    const given = this.#sent;
    this.#sent = undefined;
    given?.destroy();
    this.#attempts?.again(() => this.isOver || this.#prove(false));
  }

  #failUnlessAgain(failure: UpstreamFailure): void {
    if (!this.isOver && this.#attempts?.failed(failure) === true) this.#again();
    else this.fail(failure);
  }

  /** It is not made, for the sake of the upstream. */
  #hold(held: HeldBack): void {
    if (this.isOver) return;
    const { engine, request, response, target, told } = this.admitted;
    this.over('upstream_error');
    refuse(engine, response, held, { ...corsHeaders(target.api, request), ...told });
  }

  #wasRefused(): boolean {
    return this.#proven !== undefined && !this.isOver && this.admitted.engine.prover.wasRefused(this.#proven);
  }

  #passBack(answer: IncomingMessage, status: number): void {
    const { request, response, operation } = this.admitted;
    const isRead = operation.api.policies.contents.response.length > 0 && request.method !== 'HEAD' && ![204, 304].includes(status);
    if (isRead) return void this.#passInspected(answer, status);
    response.writeHead(status, this.headersOf(answer.rawHeaders));
    // Else the caller waits for the head until the first piece of the body, which may be long in coming.
    response.flushHeaders();
    if (this.isStream) this.#sent?.setTimeout(0);
    answer.on('data', (bytes: Buffer) => this.answered(bytes.length));
    answer.once('end', () => this.over(outcomeOf(status)));
    answer.pipe(response);
  }

  /** The same once a policy has read all of it. */
  async #passInspected(answer: IncomingMessage, status: number): Promise<void> {
    const { engine, request, response, operation, target } = this.admitted;
    const verdict = await inspectAnswer(engine, operation, answer).catch((error: unknown) => this.fail(unusable(error as Error)));
    if (this.isOver || verdict === undefined) return;
    if ('reason' in verdict) {
      this.over('content_refused');
      this.#sent?.destroy();
      return refuseAnswer(response, verdict.reason, corsHeaders(target.api, request));
    }
    this.responseBytes = verdict.body.length;
    response.writeHead(status, [...this.headersOf(verdict.rawHeaders), 'content-length', String(verdict.body.length)]).end(verdict.body);
    this.over(outcomeOf(status));
  }

  /** Both sides speak WebSocket from here on (RFC 6455), until one of them ends. */
  #join(answer: IncomingMessage, socket: Socket, head: Buffer): void {
    const { client } = this.admitted;
    socket.on('error', () => socket.destroy());
    this.#attempts?.answered(101);
    this.goOn(
      () => {
        if (client === undefined) throw new Error('It speaks another protocol, and was not asked to.');
        this.#connect({ socket, head }, client, this.headersOf(answer.rawHeaders));
      },
      () => socket.destroy(),
    );
  }

  #connect(upstream: TunnelEnd, client: TunnelEnd, headers: readonly string[]): void {
    this.admitted.response.detachSocket(client.socket);
    this.isStream = true;
    this.status = 101;
    this.#tunnel = new Tunnel(client, upstream, ({ sentBytes, receivedBytes }) => {
      this.requestBytes = sentBytes;
      this.responseBytes = receivedBytes;
      this.over('ok');
    });
    this.#tunnel.start(headers);
  }

  #refuseSize(maxBytes: number): void {
    if (this.isOver) return;
    const { response } = this.admitted;
    this.over('too_large');
    this.#sent?.destroy();
    sendProblem(response, problem(413, { code: 'too_large', detail: `The body is larger than the ${maxBytes} bytes allowed.` }));
  }

  protected override moved(): number {
    if (this.#tunnel !== undefined) ({ sentBytes: this.requestBytes, receivedBytes: this.responseBytes } = this.#tunnel.passed);
    return super.moved();
  }

  protected override over(outcome: MeteredOutcome): void {
    if (this.isOver) return;
    this.#attempts?.end();
    const { request } = this.admitted;
    if (this.#sent !== undefined) request.unpipe(this.#sent);
    // An answer that did not wait for the body: the upstream waits for the rest of it, and nothing else can go on that connection.
    if (this.#sent?.writableFinished === false) this.#sent.destroy();
    // What the upstream did not wait for is read and thrown away, for the connection's sake.
    request.resume();
    super.over(outcome);
    if (this.#tunnel !== undefined) observedOf(this.admitted.response)?.end(this.status);
  }
}
