import type { OutgoingHttpHeaders } from 'node:http';
import { cut, problem, sendProblem } from '@stoa/lib/problem.ts';
import type { AnyResponse } from '@stoa/lib/quick/any.ts';
import type { AuthorizeVerdict } from '../../decide/authorize-request.ts';
import { challengesTo, scopeChallengeOf } from '../challenge.ts';
import type { ChallengingEngine } from '../challenge.ts';
import { heldText } from '../denial.ts';
import type { UpstreamFailure } from '../../upstream/upstream.ts';

type Refused = Exclude<AuthorizeVerdict, { kind: 'allowed' }>;

/** What the code of a refusal is, where it is none of the words of the decision: a 404 says that there is nothing, and RFC 6750 has a word for scopes. */
const codes: Partial<Record<Refused['kind'], string>> = { forbidden: 'not_found', scopes_missing: 'insufficient_scope' };

/** Says why a request is not made. What may not be used is told as what does not exist. */
export function refuse(engine: ChallengingEngine, response: AnyResponse, verdict: Refused, headers: OutgoingHttpHeaders): void {
  const send = (status: number, detail: string, more: OutgoingHttpHeaders = {}, errors?: Parameters<typeof problem>[1]): void =>
    sendProblem(response, problem(status, { code: codes[verdict.kind] ?? verdict.kind, detail, ...errors }), { ...headers, ...more });
  switch (verdict.kind) {
    case 'unauthenticated': {
      const detail = verdict.hadCredential
        ? 'The consumer key or token is unknown, expired or revoked, or not what the API demands.'
        : 'Send a consumer key, or a token.';
      return send(401, detail, challengesTo(engine, verdict));
    }
    case 'scopes_missing':
      return send(403, `The token lacks one of these scopes: ${verdict.scopes.join(' ')}.`, {
        'www-authenticate': scopeChallengeOf(verdict),
      });
    case 'forbidden':
      return send(404, 'There is no such operation for this consumer.');
    case 'invalid_arguments':
      return send(400, 'Parameters of the request are not as the document of the API describes them.', {}, { errors: [...verdict.errors] });
    case 'address_refused':
      return send(403, 'Requests of this API are not accepted from where this one comes.');
    case 'time_refused':
      return send(403, `The policy ${verdict.policy} lets no calls through at this time.`);
    case 'not_permitted':
      return send(403, 'The policies of the API do not let this request through.');
    case 'approval_needed':
      return send(403, `The policy ${verdict.policy} has this request wait for a person, who is asked where it is made as a tool.`);
    case 'content_refused':
      return send(403, `The request is refused: ${verdict.reason}.`);
    case 'rate_limited': {
      const detail = `The limit of the policy ${verdict.policy} is reached; try again in ${verdict.retryAfterS} s.`;
      return send(429, detail, { 'retry-after': String(verdict.retryAfterS) });
    }
    case 'circuit_open':
    case 'upstream_busy':
      return send(503, heldText(verdict), { 'retry-after': String(verdict.retryAfterS) });
    case 'too_large':
      return send(413, `The body is larger than the ${verdict.maxBytes} bytes allowed.`);
    case 'undecided':
      return send(503, 'The decision failed; the log of the gateway says why.', { 'retry-after': '1' });
  }
}

export function refuseOverride(response: AnyResponse, name: string, headers: OutgoingHttpHeaders): void {
  const detail = `${cut(name, 100)} would let the upstream read another request than was decided on: leave it out.`;
  sendProblem(response, problem(403, { code: 'overridden_request', detail }), headers);
}

export function refuseFailed(response: AnyResponse, { reason, timeout }: UpstreamFailure, headers: OutgoingHttpHeaders): void {
  sendProblem(response, problem(timeout ? 504 : 502, { code: timeout ? 'upstream_timeout' : 'upstream_failed', detail: reason }), headers);
}

/** The request was made, and what came of it stays here. */
export function refuseAnswer(response: AnyResponse, reason: string, headers: OutgoingHttpHeaders): void {
  sendProblem(response, problem(502, { code: 'answer_withheld', detail: `The request was made, and its answer is withheld: ${reason}.` }), headers);
}
