import { problem } from '@stoa/lib/problem.ts';
import type { AuthorizeVerdict } from '../../decide/authorize-request.ts';
import { plainName } from '../../snapshot/request/received-headers.ts';
import type { ChallengingEngine } from '../challenge.ts';
import { denialOf, headerText } from '../denial.ts';
import type { Denial } from '../denial.ts';
import { headerOptions } from './protocol.ts';
import type { CheckResponse, HttpAttributes } from './protocol.ts';

/** google.rpc.Code, for who looks at nothing but it: Envoy tells its client the HTTP status. */
const codes = new Map([
  [400, 3],
  [401, 16],
  [403, 7],
  [413, 3],
  [429, 8],
  [503, 14],
]);

/**
 * A verdict as Envoy is told it. Whatever it is, it is an answer to the question and never an error of the call: that would let everybody in where the filter has
 * `failure_mode_allow`.
 */
export function checkResponse(engine: ChallengingEngine, verdict: AuthorizeVerdict, { headers = {} }: HttpAttributes): CheckResponse {
  if (verdict.kind === 'undecided') return undecided('The decision failed; the log of Link says why.');
  if (verdict.kind !== 'allowed') return denied(denialOf(engine, verdict));
  const { caller, operation } = verdict;
  const told = { 'x-stoa-consumer': caller.consumerName, 'x-stoa-api': operation.api.name, 'x-stoa-operation': headerText(operation.operationId) };
  const credentials = new Set(['authorization', 'dpop', ...operation.api.policies.keyHeaders]);
  // What proved the caller stays here, and so does what speaks in our name under a spelling that CGI reads as the same.
  const removed = Object.keys(headers).filter(
    (name) => credentials.has(name) || (!Object.hasOwn(told, name) && plainName(name).startsWith('x-stoa-')),
  );
  const fields = Object.fromEntries(Object.entries(told).map(([name, text]) => [name.slice('x-stoa-'.length), { string_value: text }]));
  return { status: { code: 0 }, ok_response: { headers: headerOptions(told), headers_to_remove: removed }, dynamic_metadata: { fields } };
}

export function denied({ status, reason, detail, headers }: Denial): CheckResponse {
  const options = headerOptions({ ...headers, 'content-type': 'application/problem+json', 'cache-control': 'no-store', 'x-stoa-reason': reason });
  const body = JSON.stringify(problem(status, { code: reason, detail }));
  return { status: { code: codes.get(status) ?? 7 }, denied_response: { status: { code: status }, headers: options, body } };
}

export const undecided = (detail: string): CheckResponse => denied({ status: 503, reason: 'undecided', detail, headers: { 'retry-after': '1' } });
