import type { ApiItem } from '@stoa/generated/schemas.ts';
import type { Capabilities, PolicyOf } from '../../engine/capabilities.ts';
import { basePathOf, credentialWanted, madeCredentialWanted } from '../../engine/traits.ts';
import { rewritesPath } from './route-path.ts';

/** Kong has a counter for each of these windows and no other. */
export const windows: ReadonlyMap<number, string> = new Map([
  [1, 'second'],
  [60, 'minute'],
  [3600, 'hour'],
  [86_400, 'day'],
]);

/** Its counters of the calendar, in UTC, by the periods of quotas. */
export const periods: ReadonlyMap<string, string> = new Map([
  ['hour', 'hour'],
  ['day', 'day'],
  ['month', 'month'],
]);

/** What Kong Gateway 3.x expresses, with a database and without. */
export const kongCapabilities: Capabilities = {
  title: 'Kong Gateway 3.x',
  proven: 'recordings of Kong Gateway 3.9.3 (open source), which the simulator in examples/kong-simulator replays',
  policies: {
    rate_limit: {
      as: 'partly',
      says: 'windows of a second, a minute, an hour or a day',
      fault: windowFault,
      warning:
        'Each node of this Kong counts for itself and after the call: more calls pass the limit when they come at once, as many as the nodes and the calls under way allow. STOA_KONG_REDIS_URL has them count together.',
    },
    api_key_auth: { as: 'exactly' },
    cors: {
      as: 'partly',
      says: 'origins without patterns; `*` alone and without credentials; a list of headers that is not empty',
      fault: corsFault,
    },
    quota: {
      as: 'warned',
      warning:
        'Each node of this Kong counts for itself and after the call, and begins anew when it restarts: more calls pass the quota. STOA_KONG_REDIS_URL has them count together.',
    },
    ip_restriction: { as: 'partly', says: 'lists that are not empty', fault: emptyListFault },
    jwt_auth: { as: 'never', reason: "Kong's jwt plugin checks no audience, and takes no keys from where the issuer publishes them" },
    request_size_limit: {
      as: 'warned',
      warning: 'A Kong before 3.8 does not measure a body that tells no length and does not fit its buffer (`client_body_buffer_size`).',
    },
    headers: {
      as: 'partly',
      says: "values that are not empty and without Kong's `$(`; not Host, and not what Kong adds to answers itself",
      fault: headersFault,
    },
    tool_access: { as: 'never', reason: 'Kong knows no tools' },
    time_window: { as: 'never', reason: 'the open-source Kong knows no times of day' },
    guardrails: { as: 'never', reason: 'the open-source Kong does not look into contents' },
    circuit_breaker: { as: 'never', reason: 'Kong takes out failing targets of an upstream object, and the services of this adapter have none' },
    concurrency_limit: { as: 'never', reason: 'the open-source Kong does not bound calls that are under way' },
    retry: { as: 'never', reason: 'Kong holds retries to no budget' },
    approval: { as: 'never', reason: 'the open-source Kong has no call wait for a person' },
  },
  together: { rate_limit: 'strictest', quota: 'strictest', request_size_limit: 'strictest' },
  operations: {
    path_parameter: { as: 'exactly' },
    parameter_in_segment: { as: 'exactly' },
    percent_encoding: { as: 'exactly' },
    empty_or_dot_segment: { as: 'never', reason: 'its path has an empty or a dot segment, which Kong takes out of requests' },
    fixed_query: {
      as: 'partly',
      says: 'not where only the query tells operations apart',
      fault: ({ operation }) => `only the query ${operation.query} tells it from others, which Kong's router does not read`,
    },
    own_server: {
      as: 'partly',
      says: 'not at a server of its own',
      fault: ({ operation }) => `it is served at ${operation.server}, and the service of its API leads elsewhere`,
    },
    trace: { as: 'never', reason: 'nginx, which Kong is built on, answers every TRACE request with 405' },
  },
  upstreams: {
    https: { as: 'exactly' },
    base_path: { as: 'exactly' },
    header_credential: {
      as: 'partly',
      says: 'no credential is added',
      fault: (api) => `wants ${credentialWanted(api)}, which the Kong adapter cannot add to requests`,
    },
    other_credential: {
      as: 'partly',
      says: 'no credential is added',
      fault: (api) => `wants ${credentialWanted(api)}, which the Kong adapter cannot add to requests`,
    },
    made_credential: {
      as: 'partly',
      says: 'no credential is added',
      fault: (api) => `wants ${madeCredentialWanted(api)}, which only Gateway and Link give`,
    },
    other_scheme: { as: 'never', reason: 'has a URL that does not begin with http:// or https://' },
    password: { as: 'never', reason: 'has a user name or password in its URL, which Kong cannot keep' },
    query: { as: 'never', reason: 'has a query or a fragment in its URL, which Kong drops without a word' },
  },
  exposures: {
    prefix_stripped: { as: 'partly', says: 'upstreams without `$(` in their path', fault: templateFault },
    prefix_kept: { as: 'partly', says: 'upstreams without `$(` in their path', fault: templateFault },
    public_host: { as: 'exactly' },
  },
  callers: {
    open_to_all_consumers: { as: 'exactly' },
    subscriptions: { as: 'exactly' },
    plans: { as: 'exactly' },
    plan_limits: { as: 'never', reason: 'the Kong adapter does not configure' },
    key_expiry: { as: 'exactly' },
  },
  delay: { seconds: 5, says: 'Kong serves what its Admin API has confirmed up to 5 s later (`worker_state_update_frequency`)' },
  notes: [
    'Kong takes empty and dot segments out of a path, looks for a route, and sends the upstream what it looked for. An escaped slash stays escaped: `/orders/a%2Fb` is the order `a%2Fb`, and is sent as such.',
    'Kong counts for a service, not for a subscriber of a plan.',
    'A Kong without a database is written its whole configuration at once, and serves it within milliseconds; it forgets it when it restarts, until the next look of Connect (STOA_RESYNC_INTERVAL).',
    'Addresses are those that `trusted_ips` and `real_ip_header` of Kong tell: set them where something stands before it.',
    'A public path is led to the upstream by `request-transformer`, whose templates `untrusted_lua = off` forbids: Kong answers 500 then. How that plugin works was read in its source, and not seen on a running Kong.',
    'Answers that Kong makes itself name it in `Server`, whatever a policy removes.',
    'Kong keeps the keys of consumers in clear: only keys of consumers that may call something there are written into it.',
  ],
};

/** The same for a Kong whose nodes count together. */
export const kongWithRedis: Capabilities = {
  ...kongCapabilities,
  policies: {
    ...kongCapabilities.policies,
    rate_limit: { as: 'partly', says: 'windows of a second, a minute, an hour or a day', fault: windowFault },
    quota: { as: 'exactly' },
  },
};

function windowFault({ policy: { config } }: PolicyOf<'rate_limit'>): string | undefined {
  return windows.has(config.window_s) ? undefined : `limits over ${config.window_s} s, and Kong counts only over ${[...windows.keys()].join(', ')} s`;
}

function corsFault({ policy: { config } }: PolicyOf<'cors'>): string | undefined {
  const origins = config.allow_origins;
  if (origins.includes('*') && (origins.length > 1 || config.allow_credentials === true)) {
    return 'allows every origin and something besides, which browsers and Kong read differently';
  }
  // Kong takes an origin with any other character for a regular expression.
  const odd = origins.find((origin) => origin !== '*' && !/^[A-Za-z0-9.:/-]+$/.test(origin));
  if (odd !== undefined) return `allows the origin ${odd}, which Kong would read as a pattern`;
  if (config.allow_headers?.length === 0) return 'allows no request header, and Kong reads an empty list as every header';
  return undefined;
}

/** Kong takes an empty list for none, and everybody would be let in. */
function emptyListFault({ policy: { config } }: PolicyOf<'ip_restriction'>): string | undefined {
  return config.allow?.length === 0 ? 'allows no address at all, and Kong reads an empty list as every address' : undefined;
}

/** What stands in `$(…)` Kong runs as a program, and of a value it takes the colons before it off. */
function headersFault({ policy: { config } }: PolicyOf<'headers'>): string | undefined {
  const { request = {}, response = {} } = config;
  const values = [...Object.entries(request.set ?? {}), ...Object.entries(response.set ?? {})];
  const odd = values.find(([, value]) => value === '' || value.startsWith(':'));
  if (odd !== undefined) return `sets the header ${odd[0]} to a value that is empty or begins with a colon, which Kong would not set`;
  const program = Object.entries(request.set ?? {}).find(([, value]) => value.includes('$('));
  if (program !== undefined) return `sets the header ${program[0]} to a value with $(, which Kong would fill in`;
  const host = [...Object.keys(request.set ?? {}), ...(request.remove ?? [])].find((name) => name.toLowerCase() === 'host');
  if (host !== undefined) return 'changes the header Host, which Kong sets to that of the upstream';
  const own = [...Object.keys(response.set ?? {}), ...(response.remove ?? [])].find((name) => /^(via|x-kong-.*)$/i.test(name));
  return own === undefined ? undefined : `changes the header ${own} of answers, which Kong adds when its plugins are done`;
}

/** The path of the upstream stands in a template of Kong. */
function templateFault(api: ApiItem): string | undefined {
  return basePathOf(api).includes('$(') && rewritesPath(api) ? 'the path of its upstream has $(, which Kong would run as a program' : undefined;
}
