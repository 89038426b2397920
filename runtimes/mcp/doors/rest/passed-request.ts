import type { QuickMessage, QuickReply } from '@stoa/lib/quick/reply.ts';
import { requestIdOf } from '@stoa/lib/request-id.ts';
import type { OperationEntry } from '../../model.ts';
import type { Passage, PassedTo } from '../../upstream/passage.ts';
import type { UpstreamFailure } from '../../upstream/upstream.ts';
import { isEndless } from './guarded-bodies.ts';
import { passedHeaders } from './headers.ts';
import { Relayed, outcomeOf } from './relayed.ts';

/** Whether requests of an operation are passed on as they are: no policy reads what they carry or does anything for the upstream, and what proves the gateway is the same in each. */
export const isPassedAsItIs = ({ proofs, api: { policies } }: OperationEntry): boolean =>
  proofs.length === 0 && policies.protection === undefined && policies.contents.request.length === 0 && policies.contents.response.length === 0;

/**
 * A request in its plainest form, whose body is at hand, and its answer: what has come of that by the first piece goes out in one, and more is passed on piece by piece, at the
 * pace of who reads it.
 */
export class PassedRequest extends Relayed<QuickMessage, QuickReply> implements PassedTo {
  #passage: Passage | undefined;
  #headers: readonly string[] = [];
  /** What came of the body before anything of the answer was sent: a letter for each byte, since it goes out in one text with the head. */
  #held = '';
  #state: 'waiting' | 'held' | 'begun' = 'waiting';
  /** What has come is sent no further before it is known that whoever asked still may. */
  #isToGoOn = false;
  #isWhole = false;

  start(): void {
    const { engine, request, response, target, operation, caller } = this.admitted;
    if (response.destroyed) return this.end();
    response.onAbandoned({ cancel: () => this.leave() });
    const { method, body } = request;
    this.requestBytes = body.length;
    const headers = passedHeaders(operation, request, {
      caller,
      requestId: requestIdOf(response),
      address: engine.addressOf(request),
      trace: this.traceFor(),
    });
    const outgoing = { method, target: operation.forwarding.target(target.pathAndQuery), headers, body: body.length > 0 ? body : undefined };
    const passage = engine.relays.pass(operation, { ...outgoing, mayRepeat: method === 'GET' }, this);
    if ('kind' in passage) return this.fail(passage);
    this.#passage = passage;
    passage.begin();
  }

  protected override giveUp(): void {
    this.#passage?.cut();
  }

  begun(status: number, headers: string[]): void {
    this.status = status;
    this.#headers = headers;
    this.#state = 'held';
    this.isStream = isEndless(contentTypeIn(headers));
    if (this.isStream) this.#passage?.goOnForEver();
    this.goOn(
      () => {
        this.#isToGoOn = true;
        // Asked later, and more has come meanwhile.
        if (this.#passage?.isPaused === true || this.#isWhole) this.#sendOn();
      },
      () => this.giveUp(),
    );
  }

  piece(bytes: Buffer): void {
    this.answered(bytes.length);
    if (this.#state === 'begun') return this.#pass(bytes);
    this.#held += bytes.toString('latin1');
  }

  /** There is more to come: what is here goes out now, for it may be long in coming. */
  caughtUp(): void {
    if (this.#isToGoOn) this.#begin();
    else this.#passage?.pause();
  }

  ended(): void {
    this.#isWhole = true;
    if (this.#isToGoOn) this.#end();
  }

  failed(failure: UpstreamFailure): void {
    this.fail(failure);
  }

  #sendOn(): void {
    if (this.#isWhole) return this.#end();
    this.#begin();
    if (this.#state === 'begun') this.#passage?.resume();
  }

  #begin(): void {
    if (this.isOver || this.#state === 'begun') return;
    const { response } = this.admitted;
    const held = this.#held;
    this.#held = '';
    this.#state = 'begun';
    response.writeHead(this.status ?? 0, this.headersOf(this.#headers));
    response.begin(() => this.#passage?.resume());
    if (held !== '') this.#pass(Buffer.from(held, 'latin1'));
  }

  #pass(bytes: Buffer): void {
    if (!this.admitted.response.pass(bytes)) this.#passage?.pause();
  }

  #end(): void {
    if (this.isOver) return;
    const { response } = this.admitted;
    this.over(outcomeOf(this.status ?? 0));
    if (this.#state !== 'begun') response.writeHead(this.status ?? 0, this.headersOf(this.#headers));
    response.end(this.#held, 'latin1');
  }
}

function contentTypeIn(headers: readonly string[]): string | undefined {
  for (let at = 0; at < headers.length; at += 2) if (headers[at]?.toLowerCase() === 'content-type') return headers[at + 1];
  return undefined;
}
