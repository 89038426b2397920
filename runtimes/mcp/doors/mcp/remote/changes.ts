import type { ServerResponse } from 'node:http';
import { membersOf, textIn } from '@stoa/lib/json-members.ts';
import { atOnce } from '@stoa/lib/slices.ts';
import { provenBefore } from '../../../decide/proofs/possession.ts';
import { personOf } from '../../../decide/person.ts';
import { refusalToGoOn } from '../../../decide/ask-server.ts';
import type { Caller, McpListed, McpSide, Snapshot } from '../../../model.ts';
import { answerOf } from '../call-result.ts';
import type { Exchange } from '../exchange.ts';
import { errorCode, isObject } from '../json-rpc.ts';
import type { SdkLane } from '../sdk-lane.ts';
import type { ChangedList, Streams } from '../streams.ts';
import { frameOf } from './answering.ts';
import type { RemoteAnswer } from './answering.ts';
import { callingOf } from './calling.ts';
import type { RemoteContext } from './context.ts';
import type { RemoteRequest } from './recognise-remote.ts';
import { ownerOfUri, visibleServers } from './visible.ts';
import type { VisibleServer } from './visible.ts';

const maxSubscribed = 256;
const maxUriChars = 2048;

/** The lists besides that of tools that are other ones, and whom this concerns: who may see something of the server whose they are, before or after. */
export function otherLists(previous: Snapshot, next: Snapshot): readonly { readonly list: ChangedList; isTold(consumerId: string): boolean }[] {
  if (previous.mcpServers === next.mcpServers) return [];
  const ids = new Set([...previous.mcpServers.keys(), ...next.mcpServers.keys()]);
  const changed = (of: (side: McpSide | undefined) => string): string[] =>
    [...ids].filter((id) => {
      const [before, after] = [previous.mcpServers.get(id)?.mcp, next.mcpServers.get(id)?.mcp];
      return before !== after && of(before) !== of(after);
    });
  const textOf = (all: readonly McpListed[] = []): string => all.map(({ text }) => text).join('\n');
  const lists = [
    { list: 'prompts' as const, request: 'prompts/get' as const, ids: changed((side) => textOf(side?.prompts)) },
    {
      list: 'resources' as const,
      request: 'resources/read' as const,
      ids: changed((side) => `${textOf(side?.resources)}\n${textOf(side?.templates)}`),
    },
  ];
  return lists
    .filter((each) => each.ids.length > 0)
    .map(({ list, request, ids: servers }) => ({
      list,
      isTold: (consumerId) =>
        [previous, next].some((snapshot) =>
          servers.some((id) => {
            const operation = snapshot.mcpServers.get(id)?.mcp?.requests[request];
            return operation !== undefined && snapshot.permits(consumerId, operation);
          }),
        ),
    }));
}

type Listening = {
  readonly message: Record<string, unknown>;
  readonly params: Record<string, unknown>;
  readonly notifications: Record<string, unknown>;
  readonly uris: readonly string[];
};

/** A `subscriptions/listen` that names resources; undefined for all else. */
export function listeningIn(message: unknown): Listening | undefined {
  if (!isObject(message) || message['method'] !== 'subscriptions/listen' || !isObject(message['params'])) return undefined;
  const { params } = message;
  const notifications = params['notifications'];
  if (!isObject(notifications) || !Array.isArray(notifications['resourceSubscriptions'])) return undefined;
  const uris = notifications['resourceSubscriptions'].filter((uri) => typeof uri === 'string' && uri.length <= maxUriChars) as string[];
  return { message, params, notifications, uris: [...new Set(uris)].slice(0, maxSubscribed) };
}

/** Subscribes to the resources of such a request for as long as its stream is open, and answers it with those that its caller may read: the others are not acknowledged. */
export async function subscribeWhileOpen(
  context: RemoteContext,
  exchange: Exchange,
  listening: Listening,
  response: ServerResponse,
): Promise<unknown> {
  const { federation } = context.engine;
  const kept: string[] = [];
  for (const uri of listening.uris) {
    const owner = await subscribable(context, exchange, uri);
    if (owner === undefined || 'refused' in owner) continue;
    const answer = await federation.subscribe(owner.api.id, uri);
    if (answer.kind !== 'result') {
      federation.unsubscribe(owner.api.id, uri);
      continue;
    }
    if (response.destroyed) {
      federation.unsubscribe(owner.api.id, uri);
      break;
    }
    response.once('close', () => federation.unsubscribe(owner.api.id, uri));
    kept.push(uri);
  }
  const { message, params, notifications } = listening;
  return { ...message, params: { ...params, notifications: { ...notifications, resourceSubscriptions: kept } } };
}

type Subscribable = VisibleServer | { readonly refused: ReturnType<typeof answerOf> };

/** Subscriptions are the gateway's own: a server that is shown who calls could not say whose they are. */
const mayBeSubscribed = ({ mcp: { place } }: VisibleServer): boolean => place.kind !== 'http' || place.besideCallers === undefined;

/** Whose a resource is, after the decisions on reading it. */
async function subscribable(context: RemoteContext, exchange: Exchange, uri: string): Promise<Subscribable | undefined> {
  const owner = ownerOfUri(visibleServers(exchange, 'resources/read'), uri);
  if (owner === undefined || !mayBeSubscribed(owner)) return undefined;
  const refused = await refusalToGoOn(context.engine, callingOf(exchange), owner.mcp.requests['resources/read'], { uri });
  return refused === undefined ? owner : { refused: answerOf('resources/subscribe', refused) };
}

/** Subscribes a client of an older revision, which is told on the stream of its session. */
export async function answerSubscription(
  context: RemoteContext,
  exchange: Exchange,
  { method, params }: RemoteRequest,
  answer: RemoteAnswer,
): Promise<void> {
  const uri = String(params['uri']).slice(0, maxUriChars);
  const { clients, engine } = context;
  if (method === 'resources/unsubscribe') {
    clients.unsubscribe(exchange, uri);
    return answer.result('{}');
  }
  const failed = (message: string): void => answer.error(JSON.stringify({ code: errorCode.invalidParams, message }));
  const owner = await subscribable(context, exchange, uri);
  if (owner === undefined) return failed('Resource not found');
  if ('refused' in owner)
    return failed(
      owner.refused.kind === 'result' && owner.refused.result.content[0]?.type === 'text'
        ? owner.refused.result.content[0].text
        : 'Resource not found',
    );
  const release = (): void => engine.federation.unsubscribe(owner.api.id, uri);
  const told = await engine.federation.subscribe(owner.api.id, uri);
  if (told.kind === 'error') {
    release();
    return answer.error(told.text);
  }
  const isKept = told.kind === 'result' && clients.subscribe(exchange, { serverId: owner.api.id, uri, release });
  if (isKept) return answer.result('{}');
  release();
  failed(
    told.kind === 'result'
      ? 'Subscriptions are kept by session: initialize first, and not more than 256 at once.'
      : 'The MCP server cannot be subscribed to at the moment.',
  );
}

const rootsChanged = 'notifications/roots/list_changed';

/** Passes on that a client of an older revision has other roots, to the servers that may ask it for them. */
export function noteRoots({ clients, engine }: RemoteContext, exchange: Exchange, message: unknown): void {
  if (!isObject(message) || message['method'] !== rootsChanged || 'id' in message) return;
  const { side } = clients.factsOf(exchange, { era: 'legacy', params: {} });
  if (side !== undefined) engine.federation.tell(side.key, rootsChanged, isObject(message['params']) ? message['params'] : {});
}

/** Passes on that a resource has changed, to those who subscribed to it and may read it still. */
export function tellOfResource(door: { context: RemoteContext; streams: Streams; sdk: SdkLane }, serverId: string, params: string): void {
  const { engine, clients, whoIs } = door.context;
  const { snapshot } = engine;
  const operation = snapshot.mcpServers.get(serverId)?.mcp?.requests['resources/read'];
  const uri = textIn(membersOf(params), 'uri');
  if (operation === undefined || uri === undefined) return;
  const readerOf = (credential: string): Caller | undefined => {
    const caller = whoIs(snapshot, credential, provenBefore);
    return caller !== null && snapshot.permits(caller.consumerId, operation) ? caller : undefined;
  };
  const mayRead = (credential: string): boolean => readerOf(credential) !== undefined;
  // What else it says nobody approved, and no policy has looked into.
  const isSeenThrough = operation.api.policies.contents.response.length === 0 && operation.api.mcp?.item.pinning === 'auto';
  const told = isSeenThrough ? params : JSON.stringify({ uri });
  const frame = frameOf(`{"jsonrpc":"2.0","method":"notifications/resources/updated","params":${told}}`);
  door.streams.tell(frame, (sessionId, credential) => {
    const caller = readerOf(credential);
    return caller !== undefined && clients.isSubscribed(sessionId, personOf({ caller, credential }), serverId, uri);
  });
  atOnce(door.sdk.changed({ kind: 'resource_updated', uri }, mayRead));
}
