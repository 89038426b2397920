import type { IncomingMessage, ServerResponse } from 'node:http';
import { responseOn } from '@stoa/lib/http-server.ts';
import { problem, sendProblem } from '@stoa/lib/problem.ts';
import { judgeRequest, meterUndecided } from '../../decide/authorize-request.ts';
import type { AuthorizeQuestion } from '../../decide/authorize-request.ts';
import type { Possession } from '../../decide/proofs/possession.ts';
import { settleCaller } from '../../decide/proofs/settle.ts';
import { LastingRights } from '../../decide/may-go-on.ts';
import type { Engine } from '../../engine.ts';
import { isOffence } from '../challenge.ts';
import type { Door, DoorParts } from '../door.ts';
import { overrideIn } from '../overrides.ts';
import { answerPreflight, corsHeaders } from './cors.ts';
import { readGuarded } from './guarded-bodies.ts';
import { hasBody, hasHungUp } from './admitted.ts';
import type { Admitted } from './admitted.ts';
import { RelayedRequest } from './relayed-request.ts';
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
    const underWay = new Set<RelayedRequest>();
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
      const relayed = new RelayedRequest({ ...admitted, ...(read !== undefined && { body: read }) }, (ended) => {
        underWay.delete(ended);
        place?.leave();
      });
      underWay.add(relayed);
      relayed.start();
    };
    return {
      handle: (path, request, response) => isBelowApis(path) && answer(request, response),
      upgrades: {
        wants: ({ url = '', method, headers: { upgrade } }) => method === 'GET' && upgrade?.toLowerCase() === 'websocket' && isBelowApis(url),
        take(request, socket, head) {
          const response = responseOn(request, socket);
          // Nobody reads a body here, and an upstream that answers in HTTP would take what comes next on the connection for it.
          if (hasBody(request)) return sendProblem(response, problem(400, { detail: 'A request for WebSocket has no body: leave it out.' }));
          answer(request, response, { socket, head }).catch((error: unknown) => {
            engine.log.error({ err: error }, 'A request could not be answered.');
            sendProblem(response, problem(500));
          });
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

/** Undefined where the request was answered here. */
type LetIn = Omit<Admitted, 'standing'>;

async function admit(engine: Engine, request: IncomingMessage, response: ServerResponse, client: Admitted['client']): Promise<LetIn | undefined> {
  const { method = 'GET', headers } = request;
  const urls = (): string[] => (engine.publicUrl === undefined ? [] : [`${engine.publicUrl}${request.url ?? ''}`]);
  const proven = await settleCaller(engine, {
    snapshot: engine.snapshot,
    headers,
    origin: request,
    method,
    urls,
    certificate: engine.certificateOf(request),
  });
  const startedAt = performance.now();
  const { snapshot } = engine;
  const target = readTarget(snapshot, request.method ?? 'GET', request.url ?? '/');
  const question = questionOf(engine, target, request, proven);
  if (!engine.ready) {
    meterUndecided(engine, question, 'rest');
    return void sendProblem(response, problem(503, { detail: 'No configuration has arrived yet.' }), { 'retry-after': '1' });
  }
  if (answerPreflight(target.api, request, response)) return undefined;
  const cors = corsHeaders(target.api, request);
  const override = overrideIn(request.headers, target.pathAndQuery, { leavesOutOurs: true });
  if (override !== undefined) {
    meterUndecided(engine, question, 'rest');
    return void refuseOverride(response, override, cors);
  }
  const { verdict, operation, caller, refusedAs } = await judgeRequest(engine, question, true);
  const limits = limitHeaders(engine, snapshot, verdict.kind === 'allowed' || verdict.kind === 'rate_limited' ? caller : null, operation?.api);
  if (verdict.kind === 'allowed')
    return {
      engine,
      request,
      response,
      target,
      question,
      startedAt,
      operation: verdict.operation,
      caller: verdict.caller,
      limits,
      ...(client !== undefined && { client }),
    };
  const { consumerId, keyId } = caller ?? { consumerId: undefined, keyId: undefined };
  const metered = { operation, consumerId, keyId, outcome: refusedAs ?? 'undecided', durationMs: performance.now() - startedAt };
  engine.meter.record({ door: 'rest', ...metered, requestBytes: 0, responseBytes: 0, addressOf: question.addressOf });
  if (verdict.kind === 'unauthenticated' && isOffence(verdict)) await engine.refusalMayGo(request);
  refuse(engine, response, verdict, { ...cors, ...limits });
  return undefined;
}

function questionOf(engine: Engine, { route, pathAndQuery }: Target, request: IncomingMessage, proven: Possession): AuthorizeQuestion {
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
