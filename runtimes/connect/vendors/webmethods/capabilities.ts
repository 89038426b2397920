import { credentialWanted, madeCredentialWanted } from '../../engine/traits.ts';
import type { Capabilities, PolicyOf } from '../../engine/capabilities.ts';

const counting = 'webMethods counts all callers of the API together, and each call after its answer: more pass the limit when they come at once.';
const noKeys = 'webMethods makes the keys of applications itself, so that the keys of consumers cannot be written into it';

/** What webMethods API Gateway 10.15 and 11 express, as far as their documents tell. */
export const webmethodsCapabilities: Capabilities = {
  title: 'webMethods API Gateway 10.15 and 11',
  proven: 'documents alone, by a simulator that was made from them (examples/webmethods-simulator): **never run against the real system**',
  policies: {
    rate_limit: { as: 'partly', says: 'windows of whole minutes', fault: windowFault, warning: counting },
    quota: {
      as: 'partly',
      says: 'by the hour and by the day',
      fault: periodFault,
      warning: `${counting} A period begins when it counts for the first time.`,
    },
    api_key_auth: { as: 'never', reason: noKeys },
    cors: { as: 'partly', says: 'origins without patterns; `*` alone and without credentials', fault: corsFault },
    ip_restriction: { as: 'never', reason: 'webMethods restricts addresses for ports and for all APIs, and not for one' },
    jwt_auth: { as: 'never', reason: 'issuers and audiences are settings of the whole gateway and of its applications' },
    request_size_limit: { as: 'never', reason: 'webMethods limits sizes for all APIs, and not for one' },
    headers: { as: 'partly', says: 'of requests', fault: headersFault },
    tool_access: { as: 'never', reason: 'webMethods knows no tools' },
    time_window: { as: 'never', reason: 'no document says that webMethods knows times of day' },
    guardrails: { as: 'never', reason: 'the webMethods adapter does not look into contents' },
    circuit_breaker: { as: 'never', reason: 'the webMethods adapter does not express circuit breakers' },
    concurrency_limit: { as: 'never', reason: 'the webMethods adapter does not bound calls that are under way' },
    retry: { as: 'never', reason: 'the webMethods adapter does not express retries' },
    approval: { as: 'never', reason: 'the webMethods adapter has no call wait for a person' },
  },
  together: { rate_limit: 'each', quota: 'each', headers: 'each' },
  operations: {
    path_parameter: { as: 'exactly' },
    parameter_in_segment: { as: 'never', reason: 'its path has a parameter within a segment, which no document says that webMethods routes' },
    percent_encoding: { as: 'never', reason: 'its path has escapes, which no document says how webMethods routes' },
    empty_or_dot_segment: { as: 'never', reason: 'its path has an empty or a dot segment' },
    fixed_query: {
      as: 'partly',
      says: 'not where only the query tells operations apart',
      fault: ({ operation }) => `only the query ${operation.query} tells it from others, which webMethods does not route by`,
    },
    own_server: {
      as: 'partly',
      says: 'not at a server of its own',
      fault: ({ operation }) => `it is served at ${operation.server}, and the alias of its API leads elsewhere`,
    },
    trace: { as: 'never', reason: 'webMethods has no operation of the method TRACE' },
  },
  upstreams: {
    https: { as: 'exactly' },
    base_path: { as: 'exactly' },
    header_credential: {
      as: 'partly',
      says: 'no credential is added',
      fault: (api) => `wants ${credentialWanted(api)}, which the webMethods adapter does not add to requests`,
    },
    other_credential: {
      as: 'partly',
      says: 'no credential is added',
      fault: (api) => `wants ${credentialWanted(api)}, which the webMethods adapter does not add to requests`,
    },
    made_credential: {
      as: 'partly',
      says: 'no credential is added',
      fault: (api) => `wants ${madeCredentialWanted(api)}, which only Gateway and Link give`,
    },
    other_scheme: { as: 'never', reason: 'has a URL that does not begin with http:// or https://' },
    password: { as: 'never', reason: 'has a user name or password in its URL' },
    query: { as: 'never', reason: 'has a query or a fragment in its URL' },
  },
  exposures: {
    prefix_stripped: { as: 'never', reason: 'webMethods serves an API at a path that it makes of its name' },
    prefix_kept: { as: 'never', reason: 'webMethods serves an API at a path that it makes of its name' },
    public_host: { as: 'never', reason: 'the webMethods adapter exposes APIs at every host' },
  },
  callers: {
    open_to_all_consumers: { as: 'never', reason: noKeys },
    subscriptions: { as: 'never', reason: noKeys },
    plans: { as: 'never', reason: noKeys },
    plan_limits: { as: 'never', reason: 'the webMethods adapter does not configure' },
    key_expiry: { as: 'never', reason: noKeys },
  },
  delay: { seconds: 5, says: 'Each node of webMethods takes over a change by itself; nothing tells when, and 5 s is a guess' },
  notes: [
    'Everything here was read in documents of the vendor and in exports, and **never run against the real system**. Try it on a gateway that nobody depends on, and tell us what differs.',
    'An API is served at `/gateway/stoa-NAME/1.0/…`, and not at the paths of its upstream.',
    'No document says whether webMethods takes dot segments out of a path before it looks for an operation, or what of an escaped slash it sends on. Where it sends the path as it came, an upstream that reads `/orders/../admin` as `/admin` serves what nobody exposed: let the upstream refuse such paths, or try it.',
    'An API that asks for keys is rejected: only what is open to everybody can be served.',
    'CORS needs the server setting `watt.server.cors.enabled=false`; origins of applications that somebody associates with an API are allowed besides.',
  ],
};

function windowFault({ policy: { config } }: PolicyOf<'rate_limit'>): string | undefined {
  return config.window_s % 60 === 0 ? undefined : `limits over ${config.window_s} s, and webMethods counts over whole minutes`;
}

function periodFault({ policy: { config } }: PolicyOf<'quota'>): string | undefined {
  return config.period === 'month' ? 'limits over a month, which webMethods does only in its packages' : undefined;
}

function corsFault({ policy: { config } }: PolicyOf<'cors'>): string | undefined {
  const origins = config.allow_origins;
  if (origins.includes('*') && (origins.length > 1 || config.allow_credentials === true)) return 'allows every origin and something besides';
  const odd = origins.find((origin) => origin !== '*' && !/^https?:\/\/[A-Za-z0-9.:-]+$/.test(origin));
  return odd === undefined ? undefined : `allows the origin ${odd}, which webMethods would read as a pattern`;
}

function headersFault({ policy: { config } }: PolicyOf<'headers'>): string | undefined {
  if (config.response !== undefined) return 'changes headers of responses, and no document says how webMethods is told to';
  const odd = Object.entries(config.request?.set ?? {}).find(([, value]) => value.includes('${'));
  return odd === undefined ? undefined : `sets ${odd[0]} to a text that webMethods would read as a variable`;
}
