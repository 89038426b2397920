import { cut } from '@stoa/lib/problem.ts';
import type { AuthorizeVerdict } from '../decide/authorize-request.ts';
import type { HeldBack } from '../upstream/protection/protector.ts';
import { challengesTo, scopeChallengeOf } from './challenge.ts';
import type { ChallengingEngine } from './challenge.ts';

/** What a gateway that asked is to tell its client. `status` is the one that HTTP has for it, whether the gateway can pass it on or not. */
export type Denial = {
  readonly status: number;
  readonly reason: string;
  readonly detail: string;
  readonly headers: Readonly<Record<string, string>>;
};

const denial = (status: number, reason: string, detail: string, headers: Denial['headers'] = {}): Denial => ({ status, reason, detail, headers });

/** Why a call is not made, for the sake of its upstream. */
export const heldText = ({ kind, policy }: HeldBack): string =>
  kind === 'circuit_open'
    ? `The upstream of this API fails at the moment, and by the policy "${policy}" no call is made to it.`
    : `The upstream of this API has as many calls under way as the policy "${policy}" lets it have.`;

/** Why a request that a gateway asks about may not pass. */
export function denialOf(engine: ChallengingEngine, verdict: Exclude<AuthorizeVerdict, { kind: 'allowed' | 'undecided' }>): Denial {
  switch (verdict.kind) {
    case 'unauthenticated':
      return denial(401, 'unauthenticated', 'Present a valid consumer key, or a token of an issuer that is trusted.', challengesTo(engine, verdict));
    case 'forbidden':
      return denial(403, 'forbidden', 'There is no such operation for this consumer.');
    case 'scopes_missing':
      return denial(403, 'insufficient_scope', `The token lacks one of these scopes: ${verdict.scopes.join(' ')}.`, {
        'www-authenticate': scopeChallengeOf(verdict),
      });
    case 'invalid_arguments':
      return denial(400, 'invalid_arguments', 'Parameters of the request are not as the document of the API describes them.');
    case 'rate_limited': {
      const detail = `The limit of the policy ${verdict.policy} is reached; try again in ${verdict.retryAfterS} s.`;
      return denial(429, 'rate_limited', detail, { 'retry-after': String(verdict.retryAfterS) });
    }
    case 'address_refused': {
      const detail = 'Requests of this API are not accepted from where this one comes, or nobody who is trusted says from where.';
      return denial(403, 'address_refused', detail);
    }
    case 'time_refused':
      return denial(403, 'time_refused', `The policy ${verdict.policy} lets no calls through at this time.`);
    case 'not_permitted':
      return denial(403, 'not_permitted', 'The policies of the API do not let this request through.');
    case 'approval_needed':
      return denial(
        403,
        'approval_needed',
        `The policy ${verdict.policy} has this request wait for a person, who is asked where it is made as a tool.`,
      );
    case 'content_refused':
      return denial(403, 'content_refused', `The request is refused: ${verdict.reason}. Send it through /apis.`);
    case 'circuit_open':
    case 'upstream_busy':
      return denial(503, verdict.kind, heldText(verdict), { 'retry-after': String(verdict.retryAfterS) });
    case 'too_large':
      return denial(413, 'too_large', `The body is larger than the ${verdict.maxBytes} bytes allowed.`);
  }
}

/** The same where no decision on method and path would hold for what the upstream gets. */
export function misreadDenial(override: string): Denial {
  return denial(403, 'overridden_request', `${cut(override, 100)} would let the upstream read another request than was decided on: leave it out.`);
}

export function upgradeDenial(header: string): Denial {
  return denial(403, 'upgrade', `${header} asks for a connection whose further content nobody could decide on: leave it out.`);
}

/** An operationId is any text: what a header cannot carry becomes percent triples. */
export function headerText(text: string): string {
  return text.toWellFormed().replace(/[^\x20-\x7e]/gu, encodeURIComponent);
}
