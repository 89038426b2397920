import { membersOf, textIn, withMembers } from '@stoa/lib/json-members.ts';
import type { Logger } from '@stoa/lib/log.ts';
import type { McpEra } from '../model.ts';
import { Child } from './child.ts';
import type { McpCommand } from './commands.ts';
import { messagesIn } from './messages.ts';
import { Pending, methodNotFound } from './pending.ts';
import type { McpPeer, Members, PeerEvents, PeerRequest } from './peer.ts';

export type StdioPeerOptions = {
  readonly command: McpCommand;
  readonly era: McpEra;
  readonly log: Logger;
  readonly envelope: Readonly<Record<string, unknown>>;
  /** Whether the process is of one client alone. */
  readonly isOfOneClient: boolean;
};

type InFlight = {
  readonly pending: Pending /** The client's, as text: other clients may have the same. */;
  readonly progressToken: string | undefined;
};

const maxInFlight = 1000;

/** A server that is a process of ours: everything comes on one stream, and is told apart by ids and tokens that we give. */
export class StdioPeer implements McpPeer {
  readonly era: McpEra;
  readonly #options: StdioPeerOptions;
  readonly #child: Child;
  readonly #inFlight = new Map<number, InFlight>();
  #ids = 0;
  /** Who was the first to send a request, and whether there was a second. */
  #person: string | undefined;
  #isShared = false;
  #listening = 0;
  #events: PeerEvents | undefined;
  #endedFor: string | undefined;

  constructor(options: StdioPeerOptions) {
    this.era = options.era;
    this.#options = options;
    this.#child = new Child(options.command, options.log, {
      onLine: (line) => {
        for (const members of messagesIn(line)) this.#take(members);
      },
      onEnd: (reason) => this.#ended(reason),
    });
  }

  request(request: PeerRequest): void {
    const failed = (reason: string, isAway: boolean): void =>
      request.settle({ kind: 'failed', reason, timeout: false, cause: new Error(reason), isAway });
    if (this.#endedFor !== undefined) return failed(this.#endedFor, true);
    if (this.#inFlight.size >= maxInFlight) return failed('Too many calls to this MCP server are waiting; try again later.', false);
    const id = (this.#ids += 1);
    const settle: PeerRequest['settle'] = (answer) => {
      this.#inFlight.delete(id);
      request.settle(answer);
    };
    const pending = new Pending(
      { ...request, settle },
      {
        abort: () => this.notify('notifications/cancelled', { requestId: id }),
        reply: (message) => this.#child.write(message),
      },
    );
    if (pending.isSettled) return;
    const { method, params, person } = request;
    if (person !== undefined) this.#isShared ||= (this.#person ??= person) !== person;
    const meta = params['_meta'] as Readonly<Record<string, unknown>> | undefined;
    const token = meta?.['progressToken'];
    this.#inFlight.set(id, { pending, progressToken: token === undefined ? undefined : JSON.stringify(token) });
    const own = token === undefined ? params : { ...params, _meta: { ...meta, progressToken: id } };
    this.#child.write(JSON.stringify({ jsonrpc: '2.0', id, method, params: own }));
  }

  notify(method: string, params: Readonly<Record<string, unknown>>): void {
    this.#child.write(JSON.stringify({ jsonrpc: '2.0', method, params }));
  }

  listen(events: PeerEvents, { resources }: { readonly resources: readonly string[] }): void {
    this.#events = events;
    events.onOpen?.();
    if (this.#endedFor !== undefined) return events.onLost(this.#endedFor);
    if (this.era === 'legacy') return;
    if (this.#listening > 0) this.notify('notifications/cancelled', { requestId: this.#listening });
    this.#listening = this.#ids += 1;
    const lists = { toolsListChanged: true, promptsListChanged: true, resourcesListChanged: true };
    const notifications = { ...lists, ...(resources.length > 0 && { resourceSubscriptions: resources }) };
    const params = { _meta: this.#options.envelope, notifications };
    this.#child.write(JSON.stringify({ jsonrpc: '2.0', id: this.#listening, method: 'subscriptions/listen', params }));
  }

  close(): Promise<void> {
    return this.#child.stop();
  }

  #ended(reason: string): void {
    this.#endedFor = reason;
    for (const { pending } of [...this.#inFlight.values()]) pending.fail(reason, new Error(reason), true);
    this.#events?.onLost(reason);
  }

  #take(members: Members): void {
    const method = textIn(members, 'method');
    if (method === undefined) return this.#inFlight.get(Number(members.get('id')))?.pending.take(members);
    if (members.has('id')) return this.#asked(members, method);
    if (method === 'notifications/progress') return this.#progressed(members);
    const only = method === 'notifications/message' ? this.#only() : undefined;
    if (only !== undefined) only.pending.take(members);
    else if (method !== 'notifications/message') this.#events?.onNotification(method, members.get('params'));
  }

  #progressed(members: Members): void {
    const params = members.get('params') ?? '{}';
    const { pending, progressToken } = this.#inFlight.get(Number(membersOf(params)?.get('progressToken'))) ?? {};
    if (progressToken !== undefined) pending?.take(new Map([...members, ['params', withMembers(params, { progressToken })]]));
  }

  /** Where nobody can say whose request it belongs to, there is nobody to ask. */
  #asked(members: Members, method: string): void {
    const newest = this.#options.isOfOneClient ? [...this.#inFlight.values()].at(-1) : undefined;
    if (newest !== undefined) return newest.pending.take(members);
    const outcome = method === 'ping' ? '"result":{}' : `"error":${methodNotFound}`;
    this.#child.write(`{"jsonrpc":"2.0","id":${members.get('id') ?? 'null'},${outcome}}`);
  }

  /** The request that what comes without a name belongs to: the newest, where all are of one. Of several nobody can say whose it is, not even when one alone waits: it may be late. */
  #only(): InFlight | undefined {
    return this.#options.isOfOneClient || !this.#isShared ? [...this.#inFlight.values()].at(-1) : undefined;
  }
}
