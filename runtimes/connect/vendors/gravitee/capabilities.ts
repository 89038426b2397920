import { credentialWanted, madeCredentialWanted } from '../../engine/traits.ts';
import type { Capabilities, PolicyOf } from '../../engine/capabilities.ts';
import { addressFault } from './addresses.ts';
import { usualKeyHeader } from './settings.ts';

/** What Gravitee APIM 4.10 expresses, with the header that it reads keys from. */
export function graviteeWith(keyHeader: string): Capabilities {
  return {
    title: 'Gravitee APIM 4',
    proven: 'recordings of Gravitee APIM 4.10.9, which the simulator in examples/gravitee-simulator replays',
    policies: {
      rate_limit: { as: 'exactly' },
      quota: { as: 'warned', warning: 'A period of this quota begins with the first call in it: Gravitee does not count by the calendar.' },
      api_key_auth: {
        as: 'partly',
        says: 'in the one header that Gravitee reads keys from, which STOA_GRAVITEE_API_KEY_HEADER says',
        fault: ({ policy: { config } }) => keyHeaderFault(config.header, keyHeader),
      },
      cors: {
        as: 'partly',
        says: 'origins without patterns; `*` alone and without credentials; request headers by name',
        fault: corsFault,
      },
      ip_restriction: {
        as: 'partly',
        says: 'IPv4 addresses and ranges',
        fault: addressFault,
        warning: 'Gravitee takes the address from X-Forwarded-For where a call carries it: a proxy that you trust has to set that header.',
      },
      jwt_auth: { as: 'never', reason: 'its JWT plan checks no issuer and no audience' },
      request_size_limit: {
        as: 'warned',
        warning: 'Gravitee looks at POST, PUT and PATCH alone here, and answers 411 to one of these that tells no length.',
      },
      headers: {
        as: 'partly',
        says: 'values without Gravitee expressions',
        fault: headersFault,
      },
      tool_access: { as: 'never', reason: 'Gravitee knows no tools' },
      time_window: { as: 'never', reason: 'the Gravitee adapter does not express times of day' },
      guardrails: { as: 'never', reason: 'the Gravitee adapter does not look into contents' },
      circuit_breaker: { as: 'never', reason: 'the Gravitee adapter does not express circuit breakers' },
      concurrency_limit: { as: 'never', reason: 'the Gravitee adapter does not bound calls that are under way' },
      retry: { as: 'never', reason: 'the Gravitee adapter does not express retries' },
      approval: { as: 'never', reason: 'the Gravitee adapter has no call wait for a person' },
    },
    together: { rate_limit: 'each', quota: 'each', ip_restriction: 'each', request_size_limit: 'each', headers: 'each' },
    operations: {
      path_parameter: { as: 'exactly' },
      parameter_in_segment: { as: 'never', reason: 'its path has a parameter within a segment, which a flow of Gravitee cannot select' },
      percent_encoding: { as: 'never', reason: 'its path has escapes, which the paths of Gravitee cannot hold' },
      empty_or_dot_segment: { as: 'never', reason: 'its path has an empty or a dot segment, which Gravitee takes out of paths' },
      fixed_query: {
        as: 'partly',
        says: 'not where only the query tells operations apart',
        fault: ({ operation }) => `only the query ${operation.query} tells it from others, which a flow of Gravitee does not select by`,
      },
      own_server: {
        as: 'partly',
        says: 'not at a server of its own',
        fault: ({ operation }) => `it is served at ${operation.server}, and the endpoint of its API leads elsewhere`,
      },
      trace: { as: 'never', reason: 'Gravitee was not seen to serve TRACE' },
    },
    upstreams: {
      https: { as: 'exactly' },
      base_path: { as: 'exactly' },
      header_credential: {
        as: 'partly',
        says: 'no credential is added',
        fault: (api) => `wants ${credentialWanted(api)}, which the Gravitee adapter does not add to requests`,
      },
      other_credential: {
        as: 'partly',
        says: 'no credential is added',
        fault: (api) => `wants ${credentialWanted(api)}, which the Gravitee adapter does not add to requests`,
      },
      made_credential: {
        as: 'partly',
        says: 'no credential is added',
        fault: (api) => `wants ${madeCredentialWanted(api)}, which only Gateway and Link give`,
      },
      other_scheme: { as: 'never', reason: 'has a URL that does not begin with http:// or https://' },
      password: { as: 'never', reason: 'has a user name or password in its URL, which anybody who may read the API in Gravitee could read' },
      query: { as: 'never', reason: 'has a query or a fragment in its URL, which Gravitee was not seen to keep' },
    },
    exposures: {
      prefix_stripped: { as: 'never', reason: 'the Gravitee adapter exposes APIs at the paths of their upstreams' },
      prefix_kept: { as: 'never', reason: 'the Gravitee adapter exposes APIs at the paths of their upstreams' },
      public_host: { as: 'never', reason: 'the Gravitee adapter exposes APIs at every host' },
    },
    callers: {
      open_to_all_consumers: { as: 'exactly' },
      subscriptions: { as: 'exactly' },
      plans: { as: 'exactly' },
      plan_limits: { as: 'never', reason: 'the Gravitee adapter does not configure' },
      key_expiry: { as: 'exactly' },
    },
    delay: { seconds: 5, says: 'The gateways of Gravitee take over up to 5 s later what was deployed, and nothing tells when' },
    notes: [
      'Gravitee sends the upstream the path as it came, unless `http.pathHandling` is set (4.11.26 and 4.12.18 have it). So a flow of ours takes no path with an empty or a dot segment, a backslash, a number sign or an escape of a slash: it has a condition in the expression language, which is written from the documents of Gravitee and **was never run on a real one**.',
      'The operations of an API need a first segment of their paths in common, such as `/orders`: Gravitee tells APIs apart by it, and refuses one whose path lies below that of another.',
      'Each key of a consumer is an application of its own with its own subscriptions, and is counted for itself.',
      'Keys can be written only where the environment lets keys be chosen (`plan.security.customApiKey.enabled`, off when Gravitee is installed).',
      'Gravitee keeps the keys of consumers in clear: only keys of consumers that may call something there are written into it.',
      'What somebody changed in an API of ours and has not deployed is not deployed for him: the API is rejected until he deploys it or takes it back.',
    ],
  };
}

export const graviteeCapabilities: Capabilities = graviteeWith(usualKeyHeader);

function keyHeaderFault(header: string, known: string): string | undefined {
  if (header.toLowerCase() === known.toLowerCase()) return undefined;
  return `asks for the key in ${header}, and Gravitee reads keys from ${known} for all of its APIs (policy.api-key.header in gravitee.yml, and STOA_GRAVITEE_API_KEY_HEADER)`;
}

function corsFault({ policy: { config } }: PolicyOf<'cors'>): string | undefined {
  const origins = config.allow_origins;
  if (origins.includes('*') && (origins.length > 1 || config.allow_credentials === true)) {
    return 'allows every origin and something besides, which browsers and Gravitee read differently';
  }
  const odd = origins.find((origin) => origin !== '*' && !/^[a-z][a-z0-9+.-]*:\/\/[A-Za-z0-9.:-]+$/.test(origin));
  if (odd !== undefined) return `allows the origin ${odd}, which Gravitee would refuse or read as a pattern`;
  return undefined;
}

function headersFault({ policy: { config } }: PolicyOf<'headers'>): string | undefined {
  const values = [config.request, config.response].flatMap((changes) => Object.entries(changes?.set ?? {}));
  const odd = values.find(([, value]) => /\{#|\$\{|\{\(/.test(value));
  return odd === undefined ? undefined : `sets ${odd[0]} to a text that Gravitee would read as an expression`;
}
