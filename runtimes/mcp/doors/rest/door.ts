import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AnyRequest, AnyResponse } from '@stoa/lib/quick/any.ts';
import { responseOn } from '@stoa/lib/http-server.ts';
import type { QuickMessage, QuickReply } from '@stoa/lib/quick/reply.ts';
import { problem, sendProblem } from '@stoa/lib/problem.ts';
import { judgeRequest, meterUndecided } from '../../decide/authorize-request.ts';
import { observedOf } from '@stoa/lib/telemetry/model.ts';
import type { AuthorizeQuestion, Judgement } from '../../decide/authorize-request.ts';
import type { Possession } from '../../decide/proofs/possession.ts';
import { settleCaller } from '../../decide/proofs/settle.ts';
import { LastingRights } from '../../decide/may-go-on.ts';
import type { Engine } from '../../engine.ts';
import { credentialIn } from '../../decide/identify.ts';
import type { OperationEntry } from '../../model.ts';
import { isOffence } from '../challenge.ts';
import { tellOf } from '../tell-of.ts';
import type { Door, DoorParts } from '../door.ts';
import { overrideIn } from '../overrides.ts';
import type { Snapshot } from '../../model.ts';
import { answerPreflight, corsHeaders } from './cors.ts';
import { readGuarded } from './guarded-bodies.ts';
import { hasBody, hasHungUp } from './admitted.ts';
import type { Admitted } from './admitted.ts';
import { PassedRequest, isPassedAsItIs } from './passed-request.ts';
import { RelayedRequest } from './relayed-request.ts';
import { lifecycleHeaders } from './lifecycle-headers.ts';
import { limitHeaders } from './limit-headers.ts';
import { refuse, refuseOverride } from './refuse.ts';
import { apisPath, isBelowApis, readTarget } from './target.ts';
import type { Target } from './target.ts';
import { Tunnels } from './tunnels.ts';
import type { TunnelOptions } from './tunnels.ts';

/** A key or a token may also expire while nothing else happens. */
const sweepMs = 15_000;

/**
 * The APIs themselves, below `/apis/<name>`: each request is decided on by the pipeline that decides on tool calls, and passed on as it comes. A path is held
 * against the document as it is written and sent on as it is written, so that nothing else is reached than was decided on.
 */
export const restDoor = {
  name: 'rest',
  path: apisPath,
  open({ engine, tunnels: shared }: Pick<DoorParts, 'engine' | 'tunnels'>, given: { tunnels?: TunnelOptions; sweepMs?: number } = {}) {
    const underWay = new Set<RelayedRequest | PassedRequest>();
    const tunnels = new Tunnels({ ...shared, ...given.tunnels });
    const standing = new LastingRights(engine);
    const sweep = setInterval(() => standing.endRefused(underWay), given.sweepMs ?? sweepMs).unref();
    const answer = async (request: IncomingMessage, response: ServerResponse, client?: Admitted['client']): Promise<void> => {
      const letIn = await admit(engine, request, response, client);
      if (letIn === undefined) return;
      const admitted: Admitted = { ...letIn, standing };
      const { consumerId } = admitted.caller;
      const read = await readGuarded(admitted);
      if (read === 'refused') return;
      // Counted where it begins, so that those who are still being decided on take no room.
      const place = client === undefined || hasHungUp(admitted) ? undefined : tunnels.enter(consumerId);
      if (typeof place === 'string') return refuseTunnel(admitted, place);
      const relayed = new RelayedRequest({ ...admitted, ...(read !== undefined && { body: read }) }, () => {
        underWay.delete(relayed);
        place?.leave();
      });
      underWay.add(relayed);
      relayed.start();
    };
    const pass = (letIn: LetIn<QuickMessage, QuickReply> | undefined): void => {
      if (letIn === undefined) return;
      const passed = new PassedRequest({ ...letIn, standing }, () => underWay.delete(passed));
      underWay.add(passed);
      passed.start();
    };
    return {
      handle: (path, request, response) => isBelowApis(path) && answer(request, response),
      handleQuick(request, reply) {
        const failed = (error: unknown): void => failToAnswer(engine, reply, error);
        try {
          const asked = askedPlainly(engine, request, reply);
          if (asked === undefined) return false;
          engine.telemetry?.observe(request, reply, asked.startedAt);
          const deciding = decide(asked);
          if (deciding instanceof Promise) deciding.then(pass).catch(failed);
          else pass(deciding);
        } catch (error) {
          failed(error);
        }
        return true;
      },
      upgrades: {
        wants: ({ url = '', method, headers: { upgrade } }) => method === 'GET' && upgrade?.toLowerCase() === 'websocket' && isBelowApis(url),
        take(request, socket, head) {
          const response = responseOn(request, socket);
          engine.telemetry?.observe(request, response);
          // Nobody reads a body here, and an upstream that answers in HTTP would take what comes next on the connection for it.
          if (hasBody(request)) return sendProblem(response, problem(400, { detail: 'A request for WebSocket has no body: leave it out.' }));
          answer(request, response, { socket, head }).catch((error: unknown) => failToAnswer(engine, response, error));
        },
      },
      // Not awaited: an issuer that is asked about a token shall hold up no configuration.
      snapshotReplaced: () => Promise.resolve(standing.endRefused(underWay)),
      close() {
        clearInterval(sweep);
        for (const each of [...underWay]) if (each.isStream) each.end();
        return Promise.resolve();
      },
    };
  },
} as const satisfies Door;

function refuseTunnel(
  { engine, response, question, operation, caller: { consumerId, keyId }, startedAt }: Omit<Admitted, 'standing'>,
  reason: 'full' | 'full_for_one',
): void {
  const durationMs = performance.now() - startedAt;
  const outcome = reason === 'full' ? 'undecided' : 'rate_limited';
  const { addressOf } = question;
  engine.meter.record({ door: 'rest', operation, consumerId, keyId, outcome, durationMs, requestBytes: 0, responseBytes: 0, addressOf });
  const [status, detail] = reason === 'full' ? [503, 'Too many connections are open.'] : [429, 'Too many connections of this consumer are open.'];
  sendProblem(response, problem(status, { detail }), { 'retry-after': '60' });
}

function failToAnswer(engine: Engine, response: AnyResponse, error: unknown): void {
  engine.log.error({ err: error, ...observedOf(response)?.ids() }, 'A request could not be answered.');
  sendProblem(response, problem(500));
}

type LetIn<From extends AnyRequest = IncomingMessage, To extends AnyResponse = ServerResponse> = Omit<Admitted<From, To>, 'standing'>;

/** A request, and what was found of it before a decision. */
type Asked<From extends AnyRequest, To extends AnyResponse> = Pick<LetIn<From, To>, 'engine' | 'request' | 'response' | 'target'> & {
  readonly proven: Possession;
  readonly startedAt: number;
  readonly client?: Admitted['client'];
};

/** Undefined where the request was answered here. */
async function admit(engine: Engine, request: IncomingMessage, response: ServerResponse, client: Admitted['client']): Promise<LetIn | undefined> {
  const proven = await settle(engine, request);
  const startedAt = performance.now();
  const target = readTarget(engine.snapshot, request.method ?? 'GET', request.url ?? '/');
  return decide({ engine, request, response, target, proven, startedAt, client });
}

function settle(engine: Engine, request: AnyRequest): Possession | Promise<Possession> {
  const { method = 'GET', headers } = request;
  const urls = (): string[] => (engine.publicUrl === undefined ? [] : [`${engine.publicUrl}${request.url ?? ''}`]);
  const certificate = engine.certificateOf(request);
  return settleCaller(engine, { snapshot: engine.snapshot, headers, origin: request, method, urls, certificate });
}

/** A request in its plainest form that nothing has to be waited for to decide on, and that is passed on as it is. All others are left to `handle`, untouched. */
function askedPlainly(engine: Engine, request: QuickMessage, response: QuickReply): Asked<QuickMessage, QuickReply> | undefined {
  if (!engine.ready || !isBelowApis(request.url)) return undefined;
  const startedAt = performance.now();
  const target = readTarget(engine.snapshot, request.method, request.url);
  if (target.route.kind !== 'match' || !isPassedAsItIs(target.route.operation)) return undefined;
  // A proof is good once, so that it is not looked at twice.
  if (credentialIn(request.headers.authorization)?.scheme === 'dpop') return undefined;
  const proven = settle(engine, request);
  return proven instanceof Promise ? undefined : { engine, request, response, target, proven, startedAt };
}

/** Undefined where the request was answered here. Answers later only where something has to be asked for. */
function decide<From extends AnyRequest, To extends AnyResponse>(
  asked: Asked<From, To>,
): LetIn<From, To> | undefined | Promise<LetIn<From, To> | undefined> {
  const { engine, request, response, target, proven } = asked;
  const { snapshot } = engine;
  const question = questionOf(engine, target, request, proven);
  if (!engine.ready) {
    meterUndecided(engine, question, 'rest');
    return void sendProblem(response, problem(503, { detail: 'No configuration has arrived yet.' }), { 'retry-after': '1' });
  }
  if (answerPreflight(target.api, request, response)) return undefined;
  const override = overrideIn(request.headers, target.pathAndQuery, { leavesOutOurs: true });
  if (override !== undefined) {
    meterUndecided(engine, question, 'rest');
    return void refuseOverride(response, override, corsHeaders(target.api, request));
  }
  const judging = judgeRequest(engine, question, true);
  const told = (judgement: Judgement): LetIn<From, To> | undefined | Promise<undefined> => letIn({ ...asked, question, snapshot }, judgement);
  return judging instanceof Promise ? judging.then(told) : told(judging);
}

function letIn<From extends AnyRequest, To extends AnyResponse>(
  asked: Asked<From, To> & { readonly question: AuthorizeQuestion; readonly snapshot: Snapshot },
  { verdict, operation, caller, refusedAs }: Judgement,
): LetIn<From, To> | undefined | Promise<undefined> {
  const { engine, request, response, target, question, startedAt, snapshot, client } = asked;
  const observed = observedOf(response);
  if (observed !== undefined && operation !== undefined) tellOf(observed, operation, caller, routeOf(operation));
  const concerned = verdict.kind === 'allowed' || verdict.kind === 'rate_limited' ? caller : null;
  const told = { ...limitHeaders(engine, snapshot, concerned, operation), ...lifecycleHeaders(snapshot, concerned, operation?.api) };
  if (verdict.kind === 'allowed') {
    const known = { engine, request, response, target, question, startedAt, operation: verdict.operation, caller: verdict.caller, told };
    return client === undefined ? known : { ...known, client };
  }
  const { consumerId, keyId } = caller ?? { consumerId: undefined, keyId: undefined };
  const metered = { operation, consumerId, keyId, outcome: refusedAs ?? 'undecided', decided: verdict, durationMs: performance.now() - startedAt };
  engine.meter.record({ door: 'rest', ...metered, requestBytes: 0, responseBytes: 0, addressOf: question.addressOf });
  const send = (): undefined => void refuse(engine, response, verdict, { ...corsHeaders(target.api, request), ...told });
  return verdict.kind === 'unauthenticated' && isOffence(verdict) ? engine.refusalMayGo(request).then(send) : send();
}

const routes = new WeakMap<OperationEntry, string>();

/** The path as callers of the door know it, with the placeholders of the document. */
function routeOf(operation: OperationEntry): string {
  const { api, index } = operation;
  const route = routes.get(operation) ?? `${apisPath}/${api.name}${api.item.operations[index]?.path ?? ''}`;
  routes.set(operation, route);
  return route;
}

function questionOf(engine: Engine, { route, pathAndQuery }: Target, request: AnyRequest, proven: Possession): AuthorizeQuestion {
  const { headers } = request;
  // Each line by itself: those of one name are otherwise made one text, or all but the first are left out.
  const received = { pathAndQuery, headers: request.headersDistinct };
  return {
    snapshot: engine.snapshot,
    route,
    headers,
    proven,
    addressOf: () => engine.addressOf(request),
    bodyBytes: Number(headers['content-length'] ?? 0),
    faultsOf: ({ forwarding }) => forwarding.faults(received),
    argumentsOf: ({ forwarding }) => forwarding.knownArguments(received),
  };
}
