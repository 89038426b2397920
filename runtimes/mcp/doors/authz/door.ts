import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { AnyRequest, AnyResponse } from '@stoa/lib/quick/any.ts';
import { cut, problem, sendProblem } from '@stoa/lib/problem.ts';
import { observedOf } from '@stoa/lib/telemetry/model.ts';
import type { Engine } from '../../engine.ts';
import type { RouteMatch } from '../../model.ts';
import { matchTarget } from '../../snapshot/routes.ts';
import type { Door, DoorParts } from '../door.ts';
import { authorizeRequest, meterUndecided } from '../../decide/authorize-request.ts';
import type { AuthorizeVerdict } from '../../decide/authorize-request.ts';
import { credentialIn } from '../../decide/identify.ts';
import { bearing } from '../../decide/proofs/possession.ts';
import type { Possession } from '../../decide/proofs/possession.ts';
import { settleCaller } from '../../decide/proofs/settle.ts';
import { isOffence } from '../challenge.ts';
import { authzPath, isAuthzPath, isStrayQuestion, readOriginalRequest } from './original-request.ts';
import type { OriginalRequest, Reading } from './original-request.ts';
import { askersOf } from './who-asks.ts';
import { argumentsIn } from '../told-arguments.ts';
import { tellOfQuestion } from '../tell-of.ts';
import { denialOf, headerText, misreadDenial, upgradeDenial } from '../denial.ts';
import type { Denial } from '../denial.ts';
import { overrideIn, upgradeIn } from '../overrides.ts';

/**
 * Decides on requests that a third-party gateway is going to make, by the pipeline that decides on tool calls.
 * Answers exactly 200 to allow (Envoy takes no other 2xx), with the caller, the API and the operation in headers to copy upstream;
 * 401 or 403 to deny, and 429 over a limit or 413 over a size where the gateway passes that on (nginx would make it a 500, so it gets 403, with
 * the same `Retry-After` and `X-Stoa-Reason`); 503 when it cannot decide. Who calls is proven by a consumer key alone (lesson 31).
 */
export const authzDoor = {
  name: 'authz',
  path: authzPath,
  open({ engine, authzCallers }: Pick<DoorParts, 'engine' | 'authzCallers'>) {
    const mayAsk = authzCallers === undefined ? () => true : askersOf(authzCallers);
    return {
      handle(path, request, response) {
        if (isAuthzPath(path)) return mayAsk(request) ? ask(engine, request, response) : refuseAsker(engine, request, response);
        return isStrayQuestion(request) && refuseStray(engine, path, request, response);
      },
      handleQuick(request, reply) {
        const [path = ''] = request.url.split('?', 1);
        // Whatever door would answer it: this one is asked first.
        if (!isAuthzPath(path)) return isStrayQuestion(request) && refuseStray(engine, path, request, reply);
        const startedAtMs = engine.telemetry === undefined ? 0 : performance.now();
        const observe = (): void => engine.telemetry?.observe(request, reply, startedAtMs).isAt(authzPath);
        if (!mayAsk(request)) {
          observe();
          return refuseAsker(engine, request, reply);
        }
        // A proof is good once, so that it is not looked at twice.
        if (!engine.ready || credentialIn(request.headers.authorization)?.scheme === 'dpop') return false;
        const original = readOriginalRequest(request);
        const proven = settle(engine, request, original);
        // It is waited for where every other request waits.
        if (proven instanceof Promise) return false;
        const failed = (error: unknown): void => {
          engine.log.error({ err: error }, 'A request could not be answered.');
          sendProblem(reply, problem(500));
        };
        observe();
        try {
          decide(engine, { request, response: reply, original, proven })?.catch(failed);
        } catch (error) {
          failed(error);
        }
        return true;
      },
    };
  },
} as const satisfies Door;

function refuseStray(engine: Engine, path: string, { headers }: AnyRequest, response: AnyResponse): true {
  meterUndecided(engine, { snapshot: engine.snapshot, route: nothing, headers, proven: bearing }, 'authz');
  const detail = `A gateway that asks whether a request may pass asks below /authz: set its path_prefix. Whoever means ${cut(path, 100)} itself sends no Content-Length with GET.`;
  deny(response, 403, 'misdirected_question', detail);
  return true;
}

async function ask(engine: Engine, request: IncomingMessage, response: ServerResponse): Promise<void> {
  observedOf(response)?.isAt(authzPath);
  const original = readOriginalRequest(request);
  const proven = await settle(engine, request, original);
  await decide(engine, { request, response, original, proven });
}

function settle(engine: Engine, request: AnyRequest, original: Reading): Possession | Promise<Possession> {
  const { snapshot } = engine;
  const [method, pathAndQuery] = meantBy(original);
  const urls = (): string[] => engine.frontUrls.map((url) => url + pathAndQuery);
  return settleCaller(engine, { snapshot, headers: request.headers, origin: request, method, urls, certificate: engine.toldCertificateOf(request) });
}

const meantBy = (original: Reading): [method: string, pathAndQuery: string] =>
  typeof original === 'string' ? ['', ''] : [original.method, original.pathAndQuery];

type Question = { readonly request: AnyRequest; readonly response: AnyResponse; readonly original: Reading; readonly proven: Possession };

/** Answers at once, but where something has to be asked for. */
function decide(engine: Engine, { request, response, original, proven }: Question): Promise<void> | void {
  const { headers } = request;
  const [method, pathAndQuery] = meantBy(original);
  const { snapshot } = engine;
  if (typeof original === 'string') meterUndecided(engine, { snapshot, route: nothing, headers, proven }, 'authz');
  if (original === 'not_told') {
    const detail =
      'Say which request is meant: X-Original-Method and X-Original-URI (nginx), X-Forwarded-Method and X-Forwarded-Uri (Traefik), or its path below /authz (Envoy).';
    return sendProblem(response, problem(400, { detail }));
  }
  if (original === 'contradictory') {
    const detail = 'X-Original-* and X-Forwarded-* tell of different requests: have the gateway remove the pair that it does not set.';
    return deny(response, 403, 'contradictory_request', detail);
  }
  const { bodyBytes, anyStatus } = original;
  const route = matchTarget(snapshot.matchRoute, method, pathAndQuery);
  const question = {
    snapshot,
    route,
    headers,
    proven,
    bodyBytes,
    addressOf: () => engine.toldAddressOf(request),
    argumentsOf: argumentsIn(pathAndQuery),
  };
  const refusal = refusalOf(request, original);
  if (refusal !== undefined || !engine.ready) meterUndecided(engine, question, 'authz');
  if (refusal !== undefined) return deny(response, 403, refusal.reason, refusal.detail);
  if (!engine.ready) return sendProblem(response, problem(503, { detail: 'No configuration has arrived yet.' }), { 'retry-after': '1' });
  const told = (verdict: AuthorizeVerdict): Promise<void> | void => {
    tellOfQuestion(observedOf(response), verdict, route);
    const send = (): void => answer(engine, response, verdict, anyStatus);
    return verdict.kind === 'unauthenticated' && isOffence(verdict) ? engine.refusalMayGo(request).then(send) : send();
  };
  const verdict = authorizeRequest(engine, question, 'authz');
  return verdict instanceof Promise ? verdict.then(told) : told(verdict);
}

/** Without a decision: whoever may not ask learns nothing of keys. */
function refuseAsker(engine: Engine, { headers }: AnyRequest, response: AnyResponse): true {
  meterUndecided(engine, { snapshot: engine.snapshot, route: nothing, headers: {}, proven: bearing }, 'authz');
  engine.log.debug({ host: headers.host }, 'A question at /authz was refused: who asked is none of STOA_AUTHZ_CALLERS.');
  deny(response, 403, 'asker_refused', 'Who asks here has to be one of STOA_AUTHZ_CALLERS of this Link, by the connection that it asks over.');
  return true;
}

/** Of a question that tells of no request. */
const nothing: RouteMatch = { kind: 'none' };

/** Why no decision on method and path would hold for what the upstream gets. */
function refusalOf({ headers }: AnyRequest, { pathAndQuery }: OriginalRequest): Denial | undefined {
  const override = overrideIn(headers, pathAndQuery);
  if (override !== undefined) return misreadDenial(override);
  const upgrade = upgradeIn(headers);
  return upgrade === undefined ? undefined : upgradeDenial(upgrade);
}

function answer(engine: Engine, response: AnyResponse, verdict: AuthorizeVerdict, anyStatus: boolean): void {
  if (verdict.kind === 'allowed') {
    response.writeHead(200, {
      'content-length': 0,
      'cache-control': 'no-store',
      'x-stoa-consumer': verdict.caller.consumerName,
      'x-stoa-api': verdict.operation.api.name,
      'x-stoa-operation': headerText(verdict.operation.operationId),
    });
    response.end();
    return;
  }
  if (verdict.kind === 'undecided')
    return sendProblem(response, problem(503, { detail: 'The decision failed; the log of Link says why.' }), { 'retry-after': '1' });
  const { status, reason, detail, headers } = denialOf(engine, verdict);
  // nginx makes a failure of every status that is neither.
  deny(response, anyStatus || status === 401 ? status : 403, reason, detail, headers);
}

function deny(response: AnyResponse, status: number, reason: string, detail: string, headers: OutgoingHttpHeaders = {}): void {
  sendProblem(response, problem(status, { code: reason, detail }), { ...headers, 'x-stoa-reason': reason });
}
