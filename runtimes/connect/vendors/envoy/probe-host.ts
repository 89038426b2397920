import { allCounted, browsersAllowed, keysRequired, linkAsked, nobody, nowhere, sizeLimited } from './guards.ts';
import type { EnvoyJson, FilterConfig } from './guards.ts';
import { filterKinds } from './model.ts';
import type { FilterKind, ListenerQuestion } from './model.ts';

/** A name that no caller comes by: what is asked there tells what the listener does, and touches nothing. */
export const probeName = 'probe.stoa.invalid';
export const generationPath = '/generation';
const origin = `https://${probeName}`;

type Probe = {
  /** What shall be refused by the filter alone. */
  readonly guarded: FilterConfig;
  /** Asked in this order; the last has to be answered so. */
  readonly asks: readonly ListenerQuestion[];
  readonly statuses: readonly number[];
};

const get = { method: 'GET', headers: {} };

/** For each filter, something that it alone refuses or answers: in its absence the answer is 404. */
export const probes: Readonly<Record<FilterKind, Probe>> = {
  ip_restriction: { guarded: nobody, asks: [get], statuses: [403] },
  cors: {
    guarded: browsersAllowed({ allow_origins: [origin] }, ['GET']),
    asks: [{ method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'GET' } }],
    statuses: [200],
  },
  // Nothing is deployed there. A Link that is away lets nobody in either, and says so by what the listener has for it.
  link: { guarded: linkAsked, asks: [get], statuses: [401, 403, 503] },
  api_key_auth: { guarded: keysRequired('x-stoa-probe', [{ key: 'nobody', client: 'nobody' }]), asks: [get], statuses: [401] },
  rate_limit: { guarded: allCounted({ limit: 1, seconds: 86_400 }), asks: [get, get], statuses: [429] },
  request_size_limit: { guarded: sizeLimited(1), asks: [{ method: 'POST', headers: {}, body: 'xx' }], statuses: [413] },
};

/** The virtual host that answers which routes are in force, and what the filters do. */
export function probeHost(generation: string): EnvoyJson {
  return {
    name: 'stoa-probe',
    domains: [probeName],
    routes: [
      { match: { path: generationPath }, direct_response: { status: 200, body: { inline_string: generation } } },
      ...filterKinds.map((kind) => ({ match: { path: `/${kind}` }, route: nowhere, typed_per_filter_config: probes[kind].guarded })),
    ],
  };
}
