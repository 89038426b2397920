import { isUtf8 } from 'node:buffer';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { isJsonContentType, preloadSchemas } from '@modelcontextprotocol/server';
import type { Implementation } from '@modelcontextprotocol/server';
import type { RequestOrigin } from '@stoa/lib/client-address.ts';
import type { Engine } from '../../engine.ts';
import type { SnapshotChanges } from '../../model.ts';
import { revisionSaidIn, revisions } from '../../revisions/revisions.ts';
import { listChanges } from '../../snapshot/visibility.ts';
import type { JsonBounds } from '@stoa/lib/json-bounds.ts';
import { boundsFault } from '@stoa/lib/json-bounds.ts';
import type { QuickHandler } from '@stoa/lib/quick/connection.ts';
import type { QuickMessage, QuickReply } from '@stoa/lib/quick/reply.ts';
import { readBody } from '@stoa/lib/read-body.ts';
import { requestIdOf } from '@stoa/lib/request-id.ts';
import { observedOf } from '@stoa/lib/telemetry/model.ts';
import { inSlices } from '@stoa/lib/slices.ts';
import type { KeyIn } from '../../decide/chain.ts';
import { CredentialChain } from '../../decide/credential-chain.ts';
import { bearerToken, credentialIn, identify } from '../../decide/identify.ts';
import { callerOfStandIn } from '../../decide/proofs/certificate-caller.ts';
import { bearing, provenBefore } from '../../decide/proofs/possession.ts';
import type { Possession } from '../../decide/proofs/possession.ts';
import { personOf } from '../../decide/person.ts';
import { settleCaller } from '../../decide/proofs/settle.ts';
import type { Caller, Snapshot } from '../../model.ts';
import { LastingRights } from '../../decide/may-go-on.ts';
import type { Lasting } from '../../decide/may-go-on.ts';
import { Cancellation } from '../../upstream/cancellation.ts';
import { plainAccept } from './accept.ts';
import { Cancellations } from './cancellations.ts';
import { failToAnswer, sessionIdOf } from './exchange.ts';
import type { Chosen, DoorContext, Exchange, PresentedHere } from './exchange.ts';
import { answerHot } from './hot-lane.ts';
import { errorCode, idOf, isObject, isRequestId, sendJson, sendRpcError } from './json-rpc.ts';
import type { RequestId } from './json-rpc.ts';
import { refuseParams, refuseRevision } from './malformed.ts';
import { admitOrigin } from './origin.ts';
import { hasParamHeaders, refuseParamHeaders } from './param-headers.ts';
import { parseBody } from './parse-body.ts';
import { answerMetadata, isMcpAudience, mcpPath } from './protected-resource.ts';
import { recognise } from './recognise.ts';
import { ClientSessions } from './remote/client-sessions.ts';
import { keeperOf } from './remote/context.ts';
import type { RemoteContext } from './remote/context.ts';
import { KeptStreams } from './remote/kept-streams.ts';
import { HeldCalls } from './remote/held-calls.ts';
import { listeningIn, noteRoots, otherLists, subscribeWhileOpen, tellOfResource } from './remote/changes.ts';
import { answerRemote } from './remote/lane.ts';
import { recogniseRemote, remoteCallIn } from './remote/recognise-remote.ts';
import { createSdkLane } from './sdk-lane.ts';
import type { SdkLane } from './sdk-lane.ts';
import { ToolFinder } from './search/tool-finder.ts';
import { Streams } from './streams.ts';
import { tellOf } from './tell-of.ts';
import { isListedAlike } from './tool-list.ts';
import { sayingUnknown } from './unknown-entries.ts';
import { refusedFor, refuseCaller, refuseForNow, refuseMethod, refuseScopes, resourceOf, scopeChallenge, whoCalls } from './who-calls.ts';

export type McpEndpointOptions = {
  readonly engine: Engine;
  readonly serverInfo: Implementation;
  /** Origins of web pages that may call, such as `https://agent.example`. A request without an `Origin` header is not from a page. */
  readonly allowedOrigins?: readonly string[];
  /** Which credentials let in: entries of a `CredentialChain`. */
  readonly chain?: readonly string[];
  /** Default 4 MiB. */
  readonly maxBodyBytes?: number;
  /** Milliseconds between the comments that keep a quiet stream open. Default 15,000. */
  readonly keepAliveMs?: number;
  /** Default 1,024, for the streams of older revisions and of 2026-07-28 together. */
  readonly maxStreams?: number;
  /** Sessions of clients and streams that they may come back to, of this endpoint alone when absent: what bounds them counts all that share them. */
  readonly clients?: ClientSessions;
  readonly kept?: KeptStreams;
  /** Told how many streams are open. */
  readonly tally?: { streams: number };
  /** Where it is, for the audience of tokens; `/mcp` when absent. */
  readonly path?: string;
  /** False where there is nothing: whoever may come in is told so. */
  readonly isThere?: boolean;
  /** `sdk` sends everything through the SDK: how a test compares the lanes. */
  readonly lane?: 'auto' | 'sdk';
};

export type McpEndpoint = {
  /** Answers a request to the MCP endpoint. Resolves once it is answered, or the call that answers it is under way. Never rejects. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** Answers whoever asks who gives tokens for the endpoint; false for all other paths. */
  handleMetadata(path: string, request: IncomingMessage, response: ServerResponse): boolean;
  /** Answers a request to the MCP endpoint where the hot lane can; everything else it leaves to `handle`. */
  readonly handleQuick: QuickHandler;
  /** To be called after the engine's snapshot was replaced: ends streams of revoked keys at once, then tells those whose list of tools is another one. */
  snapshotReplaced(previous: Snapshot, changes: SnapshotChanges): Promise<void>;
  /** To be called when a resource of an MCP server has changed that somebody subscribed to. */
  resourceUpdated(serverId: string, params: string): void;
  /** How many streams are open. */
  readonly streamCount: number;
  /** Ends the streams, which would otherwise keep the server from closing. Calls in flight go on. */
  close(): Promise<void>;
};

/** Far more than any tool asks for, and far less than what would overflow the stack of who walks through a value, or keep others waiting. */
const bounds: JsonBounds = { maxDepth: 256, maxKeys: 50_000, maxValues: 200_000 };

/** The MCP endpoint: Streamable HTTP of 2026-07-28 and of the revisions before it, on one path. */
export function createMcpEndpoint(options: McpEndpointOptions): McpEndpoint {
  const { engine, serverInfo, maxBodyBytes = 4 * 1024 * 1024, keepAliveMs = 15_000, maxStreams = 1024, lane = 'auto', isThere = true } = options;
  // Else the first caller of each era would wait for the SDK to build its schemas.
  preloadSchemas();
  const isOurs = (audience: string): boolean => isThere && isMcpAudience(engine, audience, options.path);
  const whoIs = (snapshot: Snapshot, credential: string, proven: Possession): Caller | null => {
    const known = callerOfStandIn(snapshot, credential);
    if (known !== undefined) return known;
    // What comes with a proof is no key: nothing would have been proven of it.
    const key = proven.scheme === 'dpop' ? null : identify(snapshot, credential, engine.now());
    return key ?? engine.tokens.callerOf(snapshot, credential, isOurs, proven);
  };
  const { clients = new ClientSessions(), kept = new KeptStreams(), path = mcpPath } = options;
  const context: RemoteContext = {
    engine,
    serverInfo,
    cancellations: new Cancellations(),
    clients,
    held: new HeldCalls(),
    kept,
    path,
    sessionBegun: (sessionId, exchange, params) => clients.begin(sessionId, exchange, params),
    log: engine.log,
    whoIs,
    chain: new CredentialChain(options.chain),
    finder: new ToolFinder(engine),
  };
  const lasting = (credential: string): Lasting => ({
    credential,
    isLetIn: () => whoIs(engine.snapshot, credential, provenBefore) !== null,
    isLetInAsKnown: () => true,
  });
  const streams = new Streams({ maxStreams, keepAliveMs, standing: new LastingRights(engine), lasting, tally: options.tally ?? { streams: 0 } });
  const sdk = createSdkLane(context, streams, { keepAliveMs, maxStreams });
  const sayUnknown = sayingUnknown(context.chain, engine.log);
  const allowedOrigins = new Set(options.allowedOrigins ?? []);
  const door: DoorParts = { context, streams, sdk, maxBodyBytes, hot: lane === 'auto', isThere };
  return {
    async handle(request, response) {
      try {
        if (admitOrigin(request, response, allowedOrigins)) await admit(door, request, response);
      } catch (error) {
        failToAnswer(context, response, error);
      }
    },
    handleMetadata: (path, request, response) => answerMetadata(resourceOf(context), path, request, response),
    handleQuick(request, reply) {
      try {
        return door.hot && !clients.hasEnded(request.headers) && answerQuick(context, request, reply);
      } catch (error) {
        failToAnswer(context, reply, error);
        return true;
      }
    },
    async snapshotReplaced(previous, changes) {
      streams.endRefused();
      const { snapshot } = engine;
      sayUnknown(snapshot);
      const hasChanged = listChanges({ previous, next: snapshot, changes }, isListedAlike);
      const concerns = (credential: string): boolean => {
        const caller = whoIs(snapshot, credential, provenBefore);
        // Whose token is to be judged anew is told in any case: his stream is still open.
        return caller === null || hasChanged(caller.consumerId);
      };
      await inSlices(streams.listChanged('tools', concerns));
      await inSlices(sdk.changed({ kind: 'tools_list_changed' }, concerns));
      for (const { list, isTold } of otherLists(previous, snapshot)) {
        const isConcerned = (credential: string): boolean => {
          const caller = whoIs(snapshot, credential, provenBefore);
          return caller === null || isTold(caller.consumerId);
        };
        await inSlices(streams.listChanged(list, isConcerned));
        await inSlices(sdk.changed({ kind: `${list}_list_changed` }, isConcerned));
      }
    },
    resourceUpdated: (serverId, params) => tellOfResource(door, serverId, params),
    get streamCount() {
      return streams.size;
    },
    async close() {
      await sdk.endSubscriptions();
      streams.close();
    },
  };
}

const withBatches = revisions
  .filter(({ hasBatches }) => hasBatches)
  .map(({ name }) => name)
  .join(', ');
const methods: ReadonlySet<string> = new Set(['DELETE', 'GET', 'HEAD', 'POST']);

type DoorParts = { context: RemoteContext; streams: Streams; sdk: SdkLane; maxBodyBytes: number; hot: boolean; isThere: boolean };

/** Lesson 23: nothing of a request is read before its caller is known, and everything after is keyed on that caller. */
function admit(door: DoorParts, request: IncomingMessage, response: ServerResponse): Promise<void> | void {
  const { engine } = door.context;
  if (!methods.has(request.method ?? '')) return refuseMethod(response);
  if (!engine.ready) {
    return refuseForNow(response, 'This gateway has no configuration yet.');
  }
  const credential = credentialIn(request.headers.authorization)?.credential ?? null;
  const { method = '', headers, url = mcpPath } = request;
  const urls = (): string[] => (engine.publicUrl === undefined ? [] : [`${engine.publicUrl}${url}`]);
  const certificate = engine.certificateOf(request);
  const settling = settleCaller(engine, { snapshot: engine.snapshot, headers, origin: request, method, urls, certificate });
  const admitAs = (proven: Possession): Promise<void> | void => admitKnown(door, { credential, proven, headers }, request, response);
  return settling instanceof Promise ? settling.then(admitAs) : admitAs(settling);
}

/** The same once it can be said whose the credential is. */
function admitKnown(door: DoorParts, presented: PresentedHere, request: IncomingMessage, response: ServerResponse): Promise<void> | void {
  const { context } = door;
  const { engine } = context;
  const { snapshot } = engine;
  const chosen = whoCalls(context, snapshot, presented);
  if (chosen === null) {
    const { credential, proven } = presented;
    // A client that is told 401 signs in anew, which helps nobody while the issuer is away.
    if (credential !== null && engine.tokens.isUndecided(snapshot, credential))
      return refuseForNow(response, 'The issuer of the token cannot be asked at the moment.');
    if (proven.fault?.kind === 'undecided') return refuseForNow(response, 'Whether the proof was used before cannot be said at the moment.');
    return refuseCaller(context, request, response, refusedFor(presented));
  }
  const { caller, credential } = chosen;
  const missing = caller.token?.missingScopes ?? [];
  if (missing.length > 0) return refuseScopes(context, request, response, caller);
  if (!door.isThere) return sendRpcError(response, 404, { code: errorCode.server, message: 'Not Found: there is no tool set of this name.' });
  request.headers.accept = plainAccept(request.method, request.headers.accept);
  if (door.context.clients.hasEnded(request.headers)) return refuseSession(response);
  if (request.method === 'POST') return answerPost(door, { snapshot, caller, credential, presented }, request, response);
  // The GET stream went with 2026-07-28, which has subscriptions/listen in its place.
  if (revisionSaidIn(request.headers).era === 'modern') return refuseMethod(response);
  const unknown = refuseRevision(request.headers, undefined);
  if (unknown !== undefined) return sendRpcError(response, 400, unknown);
  const { 'last-event-id': lastId } = request.headers;
  // Whoever hung up while it was decided on: no `close` comes of that any more.
  if (response.destroyed) return;
  if (request.method === 'GET' && typeof lastId === 'string' && context.kept.resume(lastId, keeperOf(context, chosen), response))
    return void response.on(
      'close',
      door.streams.register(credential, () => response.destroy()),
    );
  if (request.method === 'DELETE') return endSession(door, { snapshot, caller, credential, presented }, request, response);
  door.streams.openLegacy(request, response, credential);
}

/** A client of an older revision is done with its session (Streamable HTTP, "Session management"): what servers have of it ends with it. */
function endSession(door: DoorParts, admitted: Admitted, request: IncomingMessage, response: ServerResponse): void {
  const { context, streams } = door;
  const exchange = beginExchange(context, admitted, false, request, response);
  const { side } = context.clients.factsOf(exchange, { era: 'legacy', params: {} });
  const id = sessionIdOf(request.headers);
  // One that was begun elsewhere, at another worker or replica, cannot be ended here: clients take 405 for that.
  if (id === undefined || !context.clients.end(exchange)) return refuseMethod(response);
  streams.endSession(id);
  if (side !== undefined) context.engine.federation.forget(side.key);
  response.writeHead(204).end();
}

/** By which a client knows that it has to begin anew. */
function refuseSession(response: ServerResponse): void {
  sendRpcError(response, 404, { code: errorCode.noSession, message: 'Session not found: initialize a new one.' });
}

type Admitted = Chosen & { readonly snapshot: Snapshot; readonly presented: PresentedHere };

async function answerPost(door: DoorParts, admitted: Admitted, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { 'content-type': contentType = null } = request.headers;
  if (contentType !== 'application/json' && !isJsonContentType(contentType)) {
    const message = 'Unsupported Media Type: Content-Type must be application/json';
    return sendRpcError(response, 415, { code: errorCode.server, message });
  }
  // In whatever case and with whatever charset it was written: JSON is UTF-8 (RFC 8259 §8.1).
  request.headers['content-type'] = 'application/json';
  const encoding = request.headers['content-encoding'];
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
    return sendRpcError(response, 415, { code: errorCode.server, message: 'Unsupported Media Type: send the body without a Content-Encoding' });
  }
  const body = await readBody(request, door.maxBodyBytes, bounds);
  if (body === 'aborted') return;
  if (body === 'too_large') {
    const message = `Payload Too Large: Request body must not exceed ${door.maxBodyBytes} bytes`;
    return sendRpcError(response, 413, { code: errorCode.server, message });
  }
  if ('fault' in body) return sendRpcError(response, 400, { code: errorCode.invalidRequest, message: `Invalid Request: the message ${body.fault}` });
  const parsed = isUtf8(body.bytes) ? parseBody(body.bytes.toString('utf8')) : 'invalid';
  if (parsed === 'invalid') return sendRpcError(response, 400, { code: errorCode.parse, message: 'Parse error: Invalid JSON' });
  tellOf(observedOf(response), request.headers, parsed.value);
  const current = readmit(door.context, admitted);
  if (current === undefined) return refuseCaller(door.context, request, response, refusedFor(admitted.presented));
  const exchange = beginExchange(door.context, current, parsed.isExact, request, response);
  const disagreeing = refuseParamHeaders(exchange, request.headers, parsed.value);
  if (disagreeing !== undefined) return sendRpcError(response, 400, disagreeing.error, disagreeing);
  const remote = recogniseRemote(exchange, request.headers, parsed.value);
  if (remote !== undefined) return answerRemote(door.context, exchange, remote, response);
  const hot = door.hot ? recognise(request.headers, parsed.value) : undefined;
  if (hot !== undefined) return answerHot(door.context, exchange, hot, response);
  return answerRare(door, exchange, parsed.value, request, response);
}

/** The same for a request that is here as a whole, as far as nothing about it is rare: what is, is looked at once more by `handle`, which says so. */
function answerQuick(context: DoorContext, request: QuickMessage, reply: QuickReply): boolean {
  const { engine } = context;
  const { headers, body } = request;
  const startedAtMs = engine.telemetry === undefined ? 0 : performance.now();
  if (!engine.ready || headers.origin !== undefined || headers['content-encoding'] !== undefined) return false;
  const { snapshot } = engine;
  const credential = bearerToken(headers.authorization);
  if (credential !== null && identify(snapshot, credential, engine.now()) === null) {
    const judging = engine.tokens.judge(snapshot, credential, () => engine.networkOf(request));
    if (judging !== undefined) return false;
  }
  const caller = credential === null || !context.chain.isUsual ? null : context.whoIs(snapshot, credential, bearing);
  if (credential === null || caller === null || (caller.token?.missingScopes.length ?? 0) > 0) return false;
  if (headers['content-type'] !== 'application/json' && !isJsonContentType(headers['content-type'] ?? null)) return false;
  if (boundsFault(body, bounds) !== undefined || !isUtf8(body)) return false;
  const parsed = parseBody(body.toString('utf8'));
  // The head is kept for the next request like it: nothing is written into it.
  const hot = parsed === 'invalid' ? undefined : recognise(headers, parsed.value, plainAccept('POST', headers.accept));
  if (parsed === 'invalid' || hot === undefined) return false;
  if (hot.method === 'tools/call' && hot.era === 'modern' && hasParamHeaders(snapshot, hot.name)) return false;
  // What a server says meanwhile needs a stream.
  const looking = { snapshot, caller, holdsExact: parsed.isExact };
  if (hot.method === 'tools/call' && remoteCallIn(looking, { name: hot.name, arguments: hot.args }) !== undefined) return false;
  const cancellation = new Cancellation();
  reply.onAbandoned(cancellation);
  const observed = engine.telemetry?.observe(request, reply, startedAtMs);
  tellOf(observed, headers, parsed.value);
  const admitted = { snapshot, caller, credential, presented: { credential, proven: bearing, headers } };
  answerHot(
    context,
    exchangeOf(context, admitted, request, {
      holdsExact: parsed.isExact,
      cancellation,
      requestId: requestIdOf(reply),
      observed,
    }),
    hot,
    reply,
  );
  return true;
}

async function answerRare(door: DoorParts, exchange: Exchange, message: unknown, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const unknown = refuseRevision(request.headers, message);
  if (unknown !== undefined) return sendRpcError(response, 400, unknown, { id: idOf(message) });
  if (Array.isArray(message)) return answerBatch(door, exchange, message, request, response);
  if (isAnswer(message)) {
    const { id, result, error } = message;
    door.context.clients.answered(exchange, id, error === undefined ? { result: JSON.stringify(result) } : { error: JSON.stringify(error) });
    return void response.writeHead(202).end();
  }
  const refused = refuseParams(message, revisionSaidIn(request.headers));
  if (refused !== undefined) return sendRpcError(response, 200, refused.error, refused);
  noteCancellation(door.context, exchange, message);
  noteRoots(door.context, exchange, message);
  const listening = listeningIn(message);
  if (listening === undefined) return door.sdk.answer(exchange, message, request, response);
  return door.sdk.answer(exchange, await subscribeWhileOpen(door.context, exchange, listening, response), request, response);
}

type AnswerOfClient = { readonly id: RequestId; readonly result?: unknown; readonly error?: unknown };

/** What a client answers to a request of a server's. */
const isAnswer = (message: unknown): message is AnswerOfClient =>
  isObject(message) &&
  message['jsonrpc'] === '2.0' &&
  message['method'] === undefined &&
  isRequestId(message['id']) &&
  (isObject(message['result']) || isObject(message['error']));

async function answerBatch(
  door: DoorParts,
  exchange: Exchange,
  batch: readonly unknown[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const revision = revisionSaidIn(request.headers);
  if (!revision.hasBatches) {
    const text = `JSON-RPC batches exist in revision ${withBatches} only. Send one message in each request.`;
    return sendRpcError(response, 400, { code: errorCode.invalidRequest, message: text });
  }
  const refused = batch.flatMap((element) => refuseParams(element, revision) ?? []);
  // The SDK owes a batch every answer before it sends any: a cancellation inside would make it wait for ever.
  const kept = batch.filter((element) => refuseParams(element, revision) === undefined && !noteCancellation(door.context, exchange, element));
  if (kept.length > 0 || batch.length === 0) return door.sdk.answer(exchange, kept, request, response, refused);
  if (refused.length > 0) return sendJson(response, 200, JSON.stringify(refused.map((each) => ({ jsonrpc: '2.0', ...each }))));
  response.writeHead(202).end();
}

/** A body may take a minute to arrive: a key that was revoked meanwhile must not reach a tool that it can no longer use. */
function readmit(context: DoorContext, admitted: Admitted): Admitted | undefined {
  const { snapshot } = context.engine;
  if (snapshot === admitted.snapshot) return admitted;
  const chosen = whoCalls(context, snapshot, admitted.presented);
  return chosen === null ? undefined : { ...admitted, ...chosen, snapshot };
}

function beginExchange(context: DoorContext, admitted: Admitted, holdsExact: boolean, request: IncomingMessage, response: ServerResponse): Exchange {
  const cancellation = new Cancellation();
  const given = { holdsExact, cancellation, requestId: requestIdOf(response), observed: observedOf(response) };
  const exchange = exchangeOf(context, admitted, request, given);
  // MCP 2026-07-28 "Cancellation": a client that disconnects has cancelled. An older one may come back to a stream that has begun.
  const abandon = (): void => {
    if (!response.writableFinished && exchange.outlives?.() !== true) cancellation.cancel();
  };
  if (response.destroyed) abandon();
  response.on('close', abandon);
  return exchange;
}

function exchangeOf(
  context: DoorContext,
  { snapshot, caller, credential }: Admitted,
  request: RequestOrigin & { readonly url?: string | undefined },
  given: Pick<Exchange, 'holdsExact' | 'cancellation' | 'requestId' | 'observed'>,
): Exchange {
  const { engine } = context;
  const { headers } = request;
  const addressOf = (): string | undefined => engine.addressOf(request);
  const challenge = (scopes: readonly string[]): string => scopeChallenge(context, request.url ?? mcpPath, caller, scopes);
  const keyIn: KeyIn = (names) => {
    const key = names.map((name) => headers[name]).find((value) => typeof value === 'string' && value !== '');
    return typeof key === 'string' ? identify(snapshot, bearerToken(key) ?? key, engine.now()) : null;
  };
  return {
    snapshot,
    caller,
    credential,
    headers,
    addressOf,
    keyIn,
    challenge,
    ...given,
    retryAfterS: undefined,
    cancelled: false,
    missingScopes: undefined,
  };
}

/** Ends what a `notifications/cancelled` names; true when the message was one. */
function noteCancellation(context: DoorContext, exchange: Exchange, message: unknown): boolean {
  if (!isObject(message) || message['method'] !== 'notifications/cancelled' || 'id' in message) return false;
  const requestId = isObject(message['params']) ? message['params']['requestId'] : undefined;
  const sessionId = sessionIdOf(exchange.headers);
  if (sessionId !== undefined && isRequestId(requestId)) {
    context.cancellations.cancel({ person: personOf(exchange), sessionId, requestId });
  }
  return true;
}
