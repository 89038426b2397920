import { textIn, membersOf } from '@stoa/lib/json-members.ts';
import type { Cancellable } from '../upstream/cancellation.ts';
import type { McpAnswer, Members, PeerRequest, ServerAsk } from './peer.ts';

/** Notifications of one request that are passed on: whoever sends more floods. */
const maxNotifications = 100_000;
/** Requests of the server in the course of one of ours. */
const maxAsks = 100;
/** How long whoever is asked on the server's behalf may think. */
export const longestAskMs = 10 * 60_000;

/** How a request is given up, and how the server's own requests are answered. */
export type Sending = { abort(isTimeout: boolean): void; reply(message: string): void };

export const methodNotFound = '{"code":-32601,"message":"Method not found"}';

/** One request to a server until it is settled, which it is once: by an answer, a deadline that progress moves, or whoever gives it up. */
export class Pending implements Cancellable {
  readonly #request: PeerRequest;
  readonly #sending: Sending;
  #timer: NodeJS.Timeout;
  #openAsks = 0;
  #settled = false;
  #notifications = 0;
  #asks = 0;

  constructor(request: PeerRequest, sending: Sending) {
    this.#request = request;
    this.#sending = sending;
    this.#timer = this.#dueIn(request.timeoutMs);
    request.cancellation?.tell(this);
  }

  get isSettled(): boolean {
    return this.#settled;
  }

  /** A message that came in the course of the request. */
  take(members: Members): void {
    if (this.#settled) return;
    const method = textIn(members, 'method');
    if (method === undefined) return this.#answered(members);
    if (members.has('id')) return this.#asked(members, method);
    this.#notifications += 1;
    if (method === 'notifications/progress') this.#timer.refresh();
    if (this.#notifications <= maxNotifications) this.#request.onNotification?.(method, members.get('params'));
  }

  #answered(members: Members): void {
    const [result, error] = [members.get('result'), members.get('error')];
    if (result?.startsWith('{') === true) this.settle({ kind: 'result', text: result });
    else if (error !== undefined && Number.isSafeInteger(Number(membersOf(error)?.get('code')))) this.settle({ kind: 'error', text: error });
    else this.fail('The MCP server answered with what is no answer.');
  }

  #asked(members: Members, method: string): void {
    const id = members.get('id') as string;
    this.#asks += 1;
    const { onAsk } = this.#request;
    let isAnswered = false;
    const answer: ServerAsk['answer'] = (reply) => {
      if (isAnswered) return;
      isAnswered = true;
      this.#openAsks -= 1;
      if (this.#openAsks === 0 && !this.#settled) this.#wait(this.#request.timeoutMs);
      this.#sending.reply(`{"jsonrpc":"2.0","id":${id},${'result' in reply ? `"result":${reply.result}` : `"error":${reply.error}`}}`);
    };
    this.#openAsks += 1;
    if (method === 'ping') return answer({ result: '{}' });
    if (onAsk === undefined || this.#asks > maxAsks) return answer({ error: methodNotFound });
    // It may take somebody a while to answer: the time that the server has begins anew then.
    this.#wait(longestAskMs);
    onAsk({ method, params: members.get('params'), answer });
  }

  #wait(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = this.#dueIn(ms);
  }

  #dueIn(ms: number): NodeJS.Timeout {
    return setTimeout(() => this.#expire(), ms).unref();
  }

  cancel(): void {
    if (this.#settled) return;
    this.settle({ kind: 'cancelled' });
    this.#sending.abort(false);
  }

  #expire(): void {
    const reason = `The MCP server did not answer within ${this.#request.timeoutMs / 1000} s, nor tell of progress.`;
    this.settle({ kind: 'failed', reason, timeout: true, cause: new Error(reason) });
    this.#sending.abort(true);
  }

  fail(reason: string, cause: Error = new Error(reason), isAway = false): void {
    this.settle({ kind: 'failed', reason, timeout: false, cause, isAway });
  }

  settle(answer: McpAnswer): void {
    if (this.#settled) return;
    this.#settled = true;
    clearTimeout(this.#timer);
    this.#request.cancellation?.forget(this);
    this.#request.settle(answer);
  }
}
