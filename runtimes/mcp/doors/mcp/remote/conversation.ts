import { membersOf, textIn } from '@stoa/lib/json-members.ts';
import type { McpTalk } from '../../../decide/ask-server.ts';
import { personOf } from '../../../decide/person.ts';
import { methodNotFound } from '../../../federation/pending.ts';
import type { ServerAsk } from '../../../federation/peer.ts';
import type { OperationEntry } from '../../../model.ts';
import type { Cancellation } from '../../../upstream/cancellation.ts';
import type { CallAnswer } from '../call-result.ts';
import type { Exchange } from '../exchange.ts';
import type { RemoteContext } from './context.ts';
import type { RemoteAnswer } from './answering.ts';
import { HeldCall } from './held-calls.ts';
import type { RemoteRequest } from './recognise-remote.ts';

export type Conversation = { readonly talk: McpTalk; readonly cancellation: Cancellation; readonly settle: (outcome: CallAnswer) => void };
type Ends = { readonly operation: OperationEntry; readonly answer: RemoteAnswer; readonly deliver: (outcome: CallAnswer) => void };

/** What a server may ask the client of a request, and by which of the client's capabilities. */
const askable: Readonly<Record<string, string>> = {
  'sampling/createMessage': 'sampling',
  'elicitation/create': 'elicitation',
  'roots/list': 'roots',
};
export const levels = ['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency'];

/** How a client and a server talk with each other in the course of one request: by the stream of its answer, and by the rounds of 2026-07-28 where the client is of it. */
export function conversation(context: RemoteContext, exchange: Exchange, request: RemoteRequest, { operation, answer, deliver }: Ends): Conversation {
  const { era, params } = request;
  const { side, ...facts } = context.clients.factsOf(exchange, request);
  const wants = (method: string, told: string | undefined): boolean => method !== 'notifications/message' || isLoudEnough(told, era, facts.logLevel);
  // A server of 2026-07-28 logs nothing unless it is told how much: to an older client everything, as one of its own revision would.
  const asked = era === 'legacy' ? { ...facts, logLevel: facts.logLevel ?? 'debug' } : facts;
  const common = { era, params, facts: asked, side };
  if (side === undefined || era === 'legacy') {
    const open = new Set<() => void>();
    const talk: McpTalk = {
      ...common,
      onNotification(method, told) {
        if (wants(method, told) && !answer.tell(notificationOf(method, told))) exchange.cancellation.cancel();
      },
      onPoll: () => answer.poll(),
      ...(side !== undefined && { onAsk: onlyWhat(side.capabilities, (ask) => askOnStream(context, exchange, { answer, open }, ask)) }),
    };
    const settle = (outcome: CallAnswer): void => {
      // Whoever answers the call waits for nothing that was asked in its course.
      for (const forget of open) forget();
      deliver(outcome);
    };
    return { talk, cancellation: exchange.cancellation, settle };
  }
  const held = new HeldCall(context.held, { person: personOf(exchange), consumerId: exchange.caller.consumerId }, operation);
  exchange.cancellation.tell(held.cancellation);
  held.attach({ answer, deliver });
  const talk: McpTalk = {
    ...common,
    onNotification(method, told) {
      if (wants(method, told) && !held.tell(notificationOf(method, told))) held.cancellation.cancel();
    },
    onAsk: onlyWhat(side.capabilities, (ask) => held.ask(ask)),
  };
  return { talk, cancellation: held.cancellation, settle: (outcome) => held.settle(outcome) };
}

const notificationOf = (method: string, told: string | undefined): string =>
  `{"jsonrpc":"2.0","method":${JSON.stringify(method)}${told === undefined ? '' : `,"params":${told}`}}`;

/** Nobody is asked what it said that it cannot. */
function onlyWhat(capabilities: Readonly<Record<string, unknown>>, ask: (asked: ServerAsk) => void): (asked: ServerAsk) => void {
  return (asked) => {
    const capability = askable[asked.method];
    if (capability !== undefined && Object.hasOwn(capabilities, capability)) ask(asked);
    else asked.answer({ error: methodNotFound });
  };
}

/** Asks a client of an older revision on the stream of its request; it answers by a request of its own. */
function askOnStream(
  { clients }: RemoteContext,
  exchange: Exchange,
  { answer, open }: { readonly answer: RemoteAnswer; readonly open: Set<() => void> },
  { method, params, answer: reply }: ServerAsk,
): void {
  const asked = clients.ask(exchange, reply);
  if (asked === undefined) return reply({ error: '{"code":-32603,"message":"Too much is asked of clients at the moment."}' });
  const { id, forget } = asked;
  open.add(forget);
  exchange.cancellation.tell({ cancel: forget });
  const text = `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"method":${JSON.stringify(method)}${params === undefined ? '' : `,"params":${params}`}}`;
  if (answer.tell(text)) return;
  forget();
  reply({ error: '{"code":-32603,"message":"The client is gone."}' });
}

/** A client of 2026-07-28 is told nothing that it did not ask for, and an older one everything until it says how much. */
function isLoudEnough(told: string | undefined, era: RemoteRequest['era'], wanted: string | undefined): boolean {
  if (wanted === undefined) return era === 'legacy';
  return levels.indexOf(textIn(membersOf(told ?? ''), 'level') ?? '') >= levels.indexOf(wanted);
}
