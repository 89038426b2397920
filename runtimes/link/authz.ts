import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { cut, problem, sendProblem } from '@stoa/lib/problem.ts';
import type { Engine } from '@stoa/mcp/engine.ts';
import { authorizeRequest } from '@stoa/mcp/pipeline.ts';
import type { AuthorizeVerdict } from '@stoa/mcp/pipeline.ts';
import { isAuthzPath, originalBodyBytes, readOriginalRequest } from './original-request.ts';
import { overrideIn } from './overrides.ts';

/**
 * The `/authz` door: decides on requests that a third-party gateway is going to make, by the pipeline that decides on tool calls.
 * Answers exactly 200 to allow (Envoy takes no other 2xx), with the caller, the API and the operation in headers to copy upstream;
 * 401 or 403 to deny, and 429 over a limit where the gateway passes that on (nginx would make it a 500, so it gets 403, with the same
 * `Retry-After` and `X-Stoa-Reason`); 503 when it cannot decide. Who calls is proven by a consumer key alone (lesson 31).
 * Resolves to false, leaving the response alone, when the path is not this door's.
 */
export function createAuthzDoor(engine: Engine): (path: string, request: IncomingMessage, response: ServerResponse) => Promise<boolean> {
  return async (path, request, response) => {
    if (!isAuthzPath(path)) return false;
    const original = readOriginalRequest(request);
    let override: string | undefined;
    if (original === 'not_told') {
      const detail =
        'Say which request is meant: X-Original-Method and X-Original-URI (nginx), X-Forwarded-Method and X-Forwarded-Uri (Traefik), or its path below /authz (Envoy).';
      sendProblem(response, problem(400, { detail }));
    } else if (original === 'contradictory') {
      deny(
        response,
        403,
        'contradictory_request',
        'X-Original-* and X-Forwarded-* tell of different requests: have the gateway remove the pair that it does not set.',
      );
    } else if ((override = overrideIn(request.headers, original.pathAndQuery)) !== undefined) {
      const detail = `${cut(override, 100)} would let the upstream read another request than was decided on: leave it out.`;
      deny(response, 403, 'overridden_request', detail);
    } else if (!engine.ready) {
      sendProblem(response, problem(503, { detail: 'No configuration has arrived yet.' }), { 'retry-after': '1' });
    } else {
      const { headers } = request;
      const bodyBytes = originalBodyBytes(headers);
      const question = { snapshot: engine.snapshot, method: original.method, pathAndQuery: original.pathAndQuery, headers, bodyBytes };
      const verdict = await authorizeRequest(engine, question);
      if (verdict.kind === 'unauthenticated' && verdict.hadCredential) await engine.refusalMayGo(request);
      answer(response, verdict, original.anyStatus);
    }
    return true;
  };
}

function answer(response: ServerResponse, verdict: AuthorizeVerdict, anyStatus: boolean): void {
  switch (verdict.kind) {
    case 'allowed':
      response.writeHead(200, {
        'content-length': 0,
        'cache-control': 'no-store',
        'x-stoa-consumer': verdict.caller.consumerName,
        'x-stoa-api': verdict.operation.api.name,
        'x-stoa-operation': headerText(verdict.operation.operationId),
      });
      response.end();
      return;
    case 'unauthenticated':
      return deny(response, 401, 'unauthenticated', 'Present a valid consumer key.', { 'www-authenticate': 'Bearer realm="stoa"' });
    case 'forbidden':
      return deny(response, 403, 'forbidden', 'There is no such operation for this consumer.');
    case 'rate_limited': {
      const detail = `The limit of the policy ${verdict.policy} is reached; try again in ${verdict.retryAfterS} s.`;
      return deny(response, anyStatus ? 429 : 403, 'rate_limited', detail, { 'retry-after': String(verdict.retryAfterS) });
    }
    case 'undecided':
      return sendProblem(response, problem(503, { detail: 'The decision failed; the log of Link says why.' }), { 'retry-after': '1' });
    case 'too_large':
      return deny(response, 403, 'too_large', `The body is larger than the ${verdict.maxBytes} bytes allowed.`);
  }
}

function deny(response: ServerResponse, status: number, reason: string, detail: string, headers: OutgoingHttpHeaders = {}): void {
  sendProblem(response, problem(status, { code: reason, detail }), { ...headers, 'x-stoa-reason': reason });
}

/** An operationId is any text: what a header cannot carry becomes percent triples. */
function headerText(text: string): string {
  return text.toWellFormed().replace(/[^\x20-\x7e]/gu, encodeURIComponent);
}
