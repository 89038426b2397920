import { credentialWanted, madeCredentialWanted } from '../../engine/traits.ts';
import type { Capabilities, PolicyOf } from '../../engine/capabilities.ts';
import { isQuotable } from './escape.ts';
import { pathOf, rewriteFault } from './paths.ts';
import { rateOf } from './rate.ts';

const noCa = 'has an https:// URL: STOA_NGINX_CA_FILE names the authorities to trust for it';

const askLink = 'STOA_NGINX_LINK_URL has it ask a Link';

/** What nginx 1.22 and newer expresses by its own modules. */
export const nginxCapabilities: Capabilities = {
  title: 'nginx 1.22',
  proven: 'nginx 1.22.1 (Debian 12), in CI',
  policies: {
    api_key_auth: { as: 'exactly' },
    rate_limit: {
      as: 'partly',
      says: 'whole numbers of calls a second or a minute',
      fault: rateFault,
      warning:
        'nginx lets the calls of a window pass at once and then one at a time, as each would be due again; it sends no Retry-After, and each nginx counts by itself.',
    },
    quota: { as: 'never', reason: `nginx counts over no calendar: ${askLink}` },
    cors: { as: 'partly', says: 'origins and headers without patterns; `*` alone and without credentials', fault: corsFault },
    ip_restriction: { as: 'exactly' },
    jwt_auth: { as: 'never', reason: `open-source nginx checks no tokens: ${askLink}` },
    request_size_limit: { as: 'exactly' },
    headers: { as: 'partly', says: 'values without `$`; not Host and what belongs to the connection', fault: headersFault },
    tool_access: { as: 'never', reason: `nginx knows no tools: ${askLink}` },
    time_window: { as: 'never', reason: `the nginx adapter does not express times of day: ${askLink}` },
    guardrails: { as: 'never', reason: 'nginx does not look into contents' },
    circuit_breaker: { as: 'never', reason: 'nginx never takes out the only server of an upstream' },
    concurrency_limit: { as: 'never', reason: 'the nginx adapter does not bound calls that are under way' },
    retry: { as: 'never', reason: 'nginx makes a call again at another server alone' },
    approval: { as: 'never', reason: 'nginx has no call wait for a person' },
  },
  together: { rate_limit: 'each', ip_restriction: 'equal', headers: 'equal', request_size_limit: 'strictest' },
  operations: {
    path_parameter: { as: 'exactly' },
    parameter_in_segment: { as: 'exactly' },
    percent_encoding: {
      as: 'partly',
      says: 'not `%2F` and `%00`, and only of what is text',
      fault: ({ api, operation }) => {
        const path = pathOf(api, operation.path);
        return 'fault' in path ? path.fault : undefined;
      },
    },
    empty_or_dot_segment: { as: 'never', reason: 'its path has an empty or a dot segment, which nginx takes out of a path before it compares it' },
    fixed_query: {
      as: 'partly',
      says: 'not where only the query tells operations apart',
      fault: ({ operation }) => `only the query ${operation.query} tells it from others, which the nginx adapter does not look at`,
    },
    own_server: {
      as: 'partly',
      says: 'not at a server of its own',
      fault: ({ operation }) => `it is served at ${operation.server}, and the location of its API leads elsewhere`,
    },
    trace: { as: 'never', reason: 'nginx answers every TRACE request with 405' },
  },
  upstreams: {
    https: { as: 'never', reason: noCa },
    base_path: { as: 'exactly' },
    header_credential: {
      as: 'partly',
      says: 'no credential is added',
      fault: (api) => `wants ${credentialWanted(api)}, which the nginx adapter does not add to requests`,
    },
    other_credential: {
      as: 'partly',
      says: 'no credential is added',
      fault: (api) => `wants ${credentialWanted(api)}, which the nginx adapter does not add to requests`,
    },
    made_credential: {
      as: 'partly',
      says: 'no credential is added',
      fault: (api) => `wants ${madeCredentialWanted(api)}, which only Gateway and Link give`,
    },
    other_scheme: { as: 'never', reason: 'has a URL that does not begin with http:// or https://' },
    password: { as: 'never', reason: 'has a user name or password in its URL, which nginx does not send' },
    query: { as: 'never', reason: 'has a query or a fragment in its URL, which nginx cannot add' },
  },
  exposures: {
    prefix_stripped: { as: 'partly', says: 'not before an upstream path with `$`', fault: rewriteFault },
    prefix_kept: { as: 'partly', says: 'not before an upstream path with `$`', fault: rewriteFault },
    public_host: { as: 'exactly' },
  },
  callers: {
    open_to_all_consumers: { as: 'exactly' },
    subscriptions: { as: 'exactly' },
    plans: { as: 'exactly' },
    plan_limits: { as: 'never', reason: `the nginx adapter does not configure: ${askLink}` },
    key_expiry: { as: 'exactly' },
  },
  delay: { seconds: 0, says: 'a change counts as applied when a new connection is answered by it' },
  notes: [
    'A path that upstreams read in different ways is answered by 404, for the upstream is sent what is written: an empty or a dot segment, a backslash, a number sign, an escape of a slash.',
    'A key is looked up by its first 16 characters, and checked by an MD5 of the whole (`secure_link`): the files hold no key. Keys of STOA have 256 random bits; one of fewer than 32 characters is not taken.',
    'A request that is under way, and a connection that stays open, are answered by the configuration that they came under.',
    'One file of somebody else that nginx refuses holds up every change: the acknowledgement says what nginx said.',
  ],
};

const byLink = {
  as: 'warned',
  warning: 'The Link at STOA_NGINX_LINK_URL decides: a call passes only where the API and its policies are deployed to that Link as well.',
} as const;

/** The same for an nginx that was told whom to trust, or that asks a Link. */
export function nginxCapabilitiesWith({ authorities, link }: { authorities: boolean; link: boolean }): Capabilities {
  const { policies, together, upstreams, callers } = nginxCapabilities;
  return {
    ...nginxCapabilities,
    policies: {
      ...policies,
      ...(link && { api_key_auth: byLink, jwt_auth: byLink, rate_limit: byLink, quota: byLink, tool_access: byLink, time_window: byLink }),
    },
    together: { ...together, ...(link && ({ quota: 'each', tool_access: 'each', time_window: 'each' } as const)) },
    upstreams: { ...upstreams, ...(authorities && { https: { as: 'exactly' } as const }) },
    callers: link ? { open_to_all_consumers: byLink, subscriptions: byLink, plans: byLink, plan_limits: byLink, key_expiry: byLink } : callers,
  };
}

function rateFault({ policy: { config } }: PolicyOf<'rate_limit'>): string | undefined {
  if (rateOf(config) !== undefined) return undefined;
  return `limits ${config.limit} calls over ${config.window_s} s, which is no whole number of calls a second or a minute, and nginx counts by those`;
}

function corsFault({ policy: { config } }: PolicyOf<'cors'>): string | undefined {
  const { allow_origins: origins, allow_credentials: credentials, allow_headers: allowed = [], expose_headers: exposed = [] } = config;
  if (origins.includes('*') && (origins.length > 1 || credentials === true))
    return 'allows every origin and something besides, which browsers read differently';
  const odd = [...origins, ...allowed, ...exposed].find((text) => text !== '*' && !/^[A-Za-z0-9.:/_[\]-]+$/.test(text));
  return odd === undefined ? undefined : `names ${odd}, which no file of nginx can hold`;
}

const ownHeaders: ReadonlySet<string> = new Set(['host', 'connection', 'content-length', 'transfer-encoding', 'upgrade']);

function headersFault({ policy: { config } }: PolicyOf<'headers'>): string | undefined {
  for (const { set = {}, remove = [] } of [config.request ?? {}, config.response ?? {}]) {
    const odd = [...Object.keys(set), ...remove].find((name) => !/^[A-Za-z0-9_-]+$/.test(name) || ownHeaders.has(name.toLowerCase()));
    if (odd !== undefined) return `changes the header ${odd}, which the nginx adapter leaves alone`;
    const value = Object.entries(set).find(([, text]) => text === '' || !isQuotable(text));
    if (value !== undefined) return `sets the header ${value[0]} to a value that no file of nginx can hold`;
  }
  return undefined;
}
