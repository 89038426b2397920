import type { CorsConfig, HeaderChanges, PolicySpec } from '@stoa/generated/schemas.ts';
import type { PolicyKind } from '../../engine/capabilities.ts';
import type { ApiIntent, ItemsOf } from '../../engine/model.ts';
import type { CaddyJson } from './json.ts';

type Policy = ItemsOf<'policy'>;
type ConfigOf<K extends PolicyKind> = Extract<PolicySpec, { kind: K }>['config'];

/** What a Caddy was told that it can have others do. */
export type Means = { readonly link?: string | undefined };
/** The guard of a kind, as routes of a `subroute`, and the policies that it carries. */
export type Guard = { readonly kind: PolicyKind; readonly carried: readonly Policy[]; readonly routes: readonly CaddyJson[] };

/** The kinds that a Link decides on, in one question. */
const linked: ReadonlySet<PolicyKind> = new Set(['api_key_auth', 'jwt_auth', 'rate_limit', 'quota', 'tool_access', 'time_window']);

/** The guards of an API. Its policies are all such as `capabilities.ts` lets through. */
export function guardsOf({ policies, operations }: ApiIntent, { link }: Means): Guard[] {
  const byKind = Map.groupBy(policies, ({ policy }) => policy.kind);
  const own = <K extends PolicyKind>(
    kind: K,
    render: (configs: readonly ConfigOf<K>[], carried: readonly Policy[]) => readonly CaddyJson[],
  ): Guard[] => {
    const carried = byKind.get(kind) ?? [];
    // What is grouped by a kind is of that kind.
    const configs = carried.map(({ policy }) => policy.config as ConfigOf<K>);
    return carried.length === 0 ? [] : [{ kind, carried, routes: render(configs, carried) }];
  };
  const asked = policies.filter(({ policy }) => linked.has(policy.kind));
  const [key] = byKind.get('api_key_auth') ?? [];
  const header = key?.policy.kind === 'api_key_auth' ? key.policy.config.header : undefined;
  const methods = [...new Set(operations.map(({ method }) => method as string))].sort();
  return [
    ...own('ip_restriction', (configs) => configs.flatMap(addressRoutes)),
    ...own('cors', ([config]) => (config === undefined ? [] : corsRoutes(config, methods))),
    ...own('request_size_limit', (configs) => sizeRoutes(Math.min(...configs.map(({ max_bytes }) => max_bytes)))),
    ...(link !== undefined
      ? asked.length === 0
        ? []
        : [{ kind: 'api_key_auth' as const, carried: asked, routes: [{ handle: [question(link, header)] }] }]
      : own('rate_limit', (configs, carried) => configs.map((config, index) => limitRoute(config, carried[index]?.policy_id ?? '')))),
    ...own('headers', (configs) => configs.map(headersRoute)),
  ];
}

const refuse = { handler: 'static_response', status_code: 403 };

function addressRoutes({ allow, deny }: ConfigOf<'ip_restriction'>): CaddyJson[] {
  return [
    ...(deny === undefined ? [] : [{ match: [{ remote_ip: { ranges: deny } }], handle: [refuse], terminal: true }]),
    ...(allow === undefined ? [] : [{ match: [{ not: [{ remote_ip: { ranges: allow } }] }], handle: [refuse], terminal: true }]),
  ];
}

/** A length that is told is refused before the upstream hears of it; without one Caddy counts as it passes the body on. */
const sizeRoutes = (maxBytes: number): CaddyJson[] => [
  {
    match: [{ header_regexp: { 'Content-Length': { pattern: `^0*(?:${greaterThan(maxBytes)})$` } } }],
    handle: [{ handler: 'static_response', status_code: 413 }],
    terminal: true,
  },
  { handle: [{ handler: 'request_body', max_size: maxBytes }] },
];

/** A regular expression for the decimal numbers that are greater. */
function greaterThan(limit: number): string {
  const digits = String(limit);
  const sameLength = [...digits].flatMap((digit, index) =>
    digit === '9' ? [] : [`${digits.slice(0, index)}[${Number(digit) + 1}-9][0-9]{${digits.length - index - 1}}`],
  );
  return [`[1-9][0-9]{${digits.length},}`, ...sameLength].join('|');
}

const corsHeaders = {
  origin: 'Access-Control-Allow-Origin',
  credentials: 'Access-Control-Allow-Credentials',
  methods: 'Access-Control-Allow-Methods',
  headers: 'Access-Control-Allow-Headers',
  exposed: 'Access-Control-Expose-Headers',
  age: 'Access-Control-Max-Age',
} as const;

/** Preflights are answered here, whoever asks; of the upstream's own headers for browsers none is passed on. */
function corsRoutes(config: CorsConfig, methods: readonly string[]): CaddyJson[] {
  const { allow_origins: origins, allow_methods: allowed = methods, allow_headers: wanted, expose_headers: exposed = [] } = config;
  const ofAnybody = origins.includes('*');
  const known = { header: { Origin: origins } };
  const preflight = { method: ['OPTIONS'], header: { Origin: ['*'], 'Access-Control-Request-Method': ['*'] } };
  const granted = {
    [corsHeaders.origin]: [ofAnybody ? '*' : '{http.request.header.Origin}'],
    ...(config.allow_credentials === true && { [corsHeaders.credentials]: ['true'] }),
  };
  const asked = wanted === undefined ? ['{http.request.header.Access-Control-Request-Headers}'] : wanted.length === 0 ? [] : [wanted.join(', ')];
  const answer = {
    ...granted,
    [corsHeaders.methods]: [allowed.join(', ')],
    ...(asked.length > 0 && { [corsHeaders.headers]: asked }),
    ...(config.max_age_s !== undefined && { [corsHeaders.age]: [String(config.max_age_s)] }),
    Vary: ['Origin'],
  };
  const actual = { ...granted, ...(exposed.length > 0 && { [corsHeaders.exposed]: [exposed.join(', ')] }) };
  const others = Object.values(corsHeaders).filter((name) => !Object.hasOwn(actual, name));
  return [
    {
      match: [{ ...preflight, header: { ...preflight.header, ...known.header } }],
      handle: [{ handler: 'static_response', status_code: 204, headers: answer }],
      terminal: true,
    },
    { match: [preflight], handle: [{ handler: 'static_response', status_code: 204, headers: { Vary: ['Origin'] } }], terminal: true },
    { match: [known], handle: [{ handler: 'headers', response: { deferred: true, set: actual, add: { Vary: ['Origin'] }, delete: others } }] },
    {
      match: [{ not: [known] }],
      handle: [{ handler: 'headers', response: { deferred: true, add: { Vary: ['Origin'] }, delete: Object.values(corsHeaders) } }],
    },
  ];
}

/** Ways to name another method or path than the one that was decided on, which an upstream may listen to. */
const overrides = [
  ...['X-Original-Method', 'X-Original-URI', 'X-Original-URL', 'X-Rewrite-URL', 'X-HTTP-Method-Override', 'X-HTTP-Method', 'X-Method-Override'],
  ...['X-Forwarded-Method', 'X-Forwarded-Uri', 'X-Forwarded-Prefix'],
];

/**
 * Asks the Link for each request, in the way of `forward_auth`: 200 lets it pass with what the Link says of the caller, and every other answer is the
 * caller's. A Link that does not answer is a 502.
 */
function question(link: string, header: string | undefined): CaddyJson {
  const { hostname, port } = new URL(link);
  const told = ['X-Stoa-Consumer', 'X-Stoa-Api', 'X-Stoa-Operation'];
  return {
    handler: 'reverse_proxy',
    upstreams: [{ dial: `${hostname}:${port === '' ? '80' : port}` }],
    rewrite: { method: 'GET', uri: '/authz?' },
    headers: {
      request: {
        set: {
          'X-Forwarded-Method': ['{http.request.method}'],
          'X-Forwarded-Uri': ['{http.request.uri}'],
          'X-Original-Content-Length': ['{http.request.header.Content-Length}'],
        },
        delete: ['X-Original-Method', 'X-Original-URI'],
      },
    },
    handle_response: [
      {
        match: { status_code: [200] },
        routes: [
          {
            handle: [
              {
                handler: 'headers',
                request: {
                  set: Object.fromEntries(told.map((name) => [name, [`{http.reverse_proxy.header.${name}}`]])),
                  // The caller's key is for the Link, and not for the upstream.
                  delete: [...new Set(['Authorization', 'X-API-Key', ...(header === undefined ? [] : [header]), ...overrides])],
                },
              },
            ],
          },
        ],
      },
    ],
  };
}

/** As the module http.handlers.rate_limit takes it. */
const limitRoute = ({ limit, window_s: seconds }: ConfigOf<'rate_limit'>, policyId: string): CaddyJson => ({
  handle: [{ handler: 'rate_limit', rate_limits: { [policyId]: { key: '{http.request.remote.host}', window: `${seconds}s`, max_events: limit } } }],
});

function headersRoute({ request, response }: ConfigOf<'headers'>): CaddyJson {
  return {
    handle: [
      { handler: 'headers', ...(request && { request: changes(request) }), ...(response && { response: { ...changes(response), deferred: true } }) },
    ],
  };
}

const changes = ({ set, remove }: HeaderChanges): CaddyJson => ({
  ...(set && { set: Object.fromEntries(Object.entries(set).map(([name, value]) => [name, [value]])) }),
  ...(remove && { delete: remove }),
});
