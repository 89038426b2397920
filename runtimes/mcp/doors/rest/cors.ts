import type { CorsConfig } from '@stoa/generated/schemas.ts';
import type { AnyRequest, AnyResponse } from '@stoa/lib/quick/any.ts';
import type { ApiEntry } from '../../model.ts';

/** Headers of an answer, names in lower case. */
export type AnswerHeaders = Readonly<Record<string, string>>;

const nothing: AnswerHeaders = {};

/** What a browser lets a page read, and keep, of an answer. It is written by the policies alone, where there are any: see `isOfCors`. */
export function corsHeaders(api: ApiEntry | undefined, { headers: { origin } }: Pick<AnyRequest, 'headers'>): AnswerHeaders {
  const policies = api?.policies.cors ?? [];
  if (policies.length === 0) return nothing;
  if (origin === undefined || !policies.every((policy) => admits(policy, origin))) return { vary: 'Origin' };
  const exposed = common(policies.map(({ expose_headers: names }) => names ?? []));
  return {
    'access-control-allow-origin': origin,
    vary: 'Origin',
    ...(exposed.length > 0 && { 'access-control-expose-headers': exposed.join(', ') }),
    ...(allowsCredentials(policies) && { 'access-control-allow-credentials': 'true' }),
  };
}

export const isOfCors = (lower: string): boolean => lower.startsWith('access-control-');

/**
 * Answers a preflight where a policy is on the API: a browser sends it without a credential, and nothing of the API is in the answer. False for every other
 * request, and where only the upstream could know.
 */
export function answerPreflight(api: ApiEntry | undefined, request: AnyRequest, response: AnyResponse): boolean {
  const { origin, 'access-control-request-method': method } = request.headers;
  const policies = api?.policies.cors ?? [];
  if (api === undefined || policies.length === 0 || request.method !== 'OPTIONS' || origin === undefined || method === undefined) return false;
  const headers = corsHeaders(api, request);
  if (headers['access-control-allow-origin'] === undefined) {
    response.writeHead(204, { ...headers }).end();
    return true;
  }
  const known = [...new Set(api.operations.map((operation) => operation.method))];
  const methods = common(policies.map(({ allow_methods: allowed }) => allowed ?? known));
  const names = common(policies.map(({ allow_headers: allowed }) => allowed ?? []));
  const ages = policies.flatMap(({ max_age_s: age }) => age ?? []);
  response.writeHead(204, {
    ...headers,
    'access-control-allow-methods': methods.join(', '),
    ...(names.length > 0 && { 'access-control-allow-headers': names.join(', ') }),
    ...(ages.length > 0 && { 'access-control-max-age': String(Math.min(...ages)) }),
  });
  response.end();
  return true;
}

const admits = ({ allow_origins: origins }: CorsConfig, origin: string): boolean => origins.includes('*') || origins.includes(origin);

/** A page of any origin is never let use a person's cookies. */
const allowsCredentials = (policies: readonly CorsConfig[]): boolean =>
  policies.every(({ allow_credentials: allowed, allow_origins: origins }) => allowed === true && !origins.includes('*'));

/** What is in each of the lists, in the order of the first. */
const common = (lists: readonly (readonly string[])[]): string[] =>
  (lists[0] ?? []).filter((name) => lists.every((list) => list.some((other) => other.toLowerCase() === name.toLowerCase())));
