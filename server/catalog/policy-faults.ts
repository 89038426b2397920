import { isIP } from 'node:net';
import type {
  CorsConfig,
  GuardrailsConfig,
  HeadersConfig,
  IpRestrictionConfig,
  JwtAuthConfig,
  PolicySpec,
  RetryConfig,
  TimeWindowConfig,
} from '@stoa/generated/schemas.ts';
import { compilePattern, patternFault } from '@stoa/lib/pattern.ts';
import { isGatewaysOwn } from '@stoa/lib/own-headers.ts';
import type { ProblemFault } from '@stoa/lib/problem.ts';
import { cedarFault } from './cedar-fault.ts';
import { framingFields, headerValue } from './header-fields.ts';

// RFC 9110 §5.1: what names of header fields may hold.
const headerName = /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/;
const framing: ReadonlySet<string> = new Set(framingFields);

/** What a policy's schema cannot say and yet makes no sense; pointers are below `/body`. Empty when the policy is sound. */
export function policyFaults(spec: PolicySpec): ProblemFault[] {
  const faults = faultsByKind(spec);
  return faults.map(({ pointer, message }) => ({ pointer: `/body/policy/config${pointer}`, message }));
}

function faultsByKind(spec: PolicySpec): ProblemFault[] {
  switch (spec.kind) {
    case 'cors':
      return corsFaults(spec.config);
    case 'ip_restriction':
      return addressFaults(spec.config);
    case 'jwt_auth':
      return jwtFaults(spec.config);
    case 'headers':
      return headersFaults(spec.config);
    case 'api_key_auth':
      return framing.has(spec.config.header.toLowerCase())
        ? [{ pointer: '/header', message: `${spec.config.header} belongs to the connection and cannot carry a key` }]
        : [];
    case 'tool_access': {
      const fault = cedarFault(spec.config.cedar);
      return fault === undefined ? [] : [{ pointer: '/cedar', message: fault }];
    }
    case 'guardrails':
      return contentFaults(spec.config);
    case 'time_window':
      return timeFaults(spec.config);
    case 'rate_limit':
      return spec.config.burst !== undefined && spec.config.algorithm !== 'token_bucket'
        ? [{ pointer: '/burst', message: 'belongs to a token_bucket: leave it out, or name that as the algorithm' }]
        : [];
    case 'quota':
    case 'request_size_limit':
    case 'circuit_breaker':
    case 'concurrency_limit':
    case 'approval':
      return [];
    case 'retry':
      return retryFaults(spec.config);
  }
}

function retryFaults({ base_interval_ms: base = 50, max_interval_ms: max = 1000 }: RetryConfig): ProblemFault[] {
  return base <= max ? [] : [{ pointer: '/max_interval_ms', message: `is less than base_interval_ms, which is ${base}: raise it, or lower that` }];
}

/** Fetch Standard, "CORS protocol": a wildcard never goes with credentials, and an origin has neither path nor trailing slash. */
function corsFaults(config: CorsConfig): ProblemFault[] {
  const { allow_origins: origins, allow_credentials: withCredentials } = config;
  const isAny = origins.includes('*');
  const wrong = origins.flatMap((origin, index) =>
    origin === '*' || isOrigin(origin)
      ? []
      : [{ pointer: `/allow_origins/${index}`, message: 'must be an origin such as https://app.example.com, without a path, or *' }],
  );
  return [
    ...wrong,
    ...(isAny && origins.length > 1 ? [{ pointer: '/allow_origins', message: '* must stand alone' }] : []),
    ...(isAny && withCredentials
      ? [{ pointer: '/allow_credentials', message: 'browsers refuse credentials with the origin *; name the origins' }]
      : []),
    ...nameFaults(config.allow_headers ?? [], '/allow_headers'),
    ...nameFaults(config.expose_headers ?? [], '/expose_headers'),
  ];
}

function isOrigin(text: string): boolean {
  return /^https?:\/\//.test(text) && URL.canParse(text) && new URL(text).origin === text;
}

function addressFaults(config: IpRestrictionConfig): ProblemFault[] {
  return (['allow', 'deny'] as const).flatMap((list) => {
    const ranges = config[list];
    if (ranges?.length === 0) return [{ pointer: `/${list}`, message: 'must name an address, or be absent' }];
    return (ranges ?? []).flatMap((range, index) => {
      const fault = rangeFault(range);
      return fault === undefined ? [] : [{ pointer: `/${list}/${index}`, message: fault }];
    });
  });
}

/** RFC 4632 and RFC 4291 §2.3: an address, or an address and the length of its prefix. */
function rangeFault(range: string): string | undefined {
  const [address = '', prefix, ...rest] = range.split('/');
  const version = address.includes('%') ? 0 : isIP(address);
  if (version === 0 || rest.length > 0) return 'must be an IPv4 or IPv6 address or a CIDR range';
  if (prefix === undefined) return undefined;
  const maxPrefix = version === 4 ? 32 : 128;
  return /^\d{1,3}$/.test(prefix) && Number(prefix) <= maxPrefix ? undefined : `must have a prefix between 0 and ${maxPrefix}`;
}

function timeFaults({ hours = [], time_zone: zone, not_before: from, not_after: to }: TimeWindowConfig): ProblemFault[] {
  return [
    ...hours.flatMap((each, index) =>
      each.from === each.to ? [{ pointer: `/hours/${index}/to`, message: 'must be another time than from; leave hours out for the whole day' }] : [],
    ),
    ...(zone === undefined || isZone(zone) ? [] : [{ pointer: '/time_zone', message: 'must be a time zone by its IANA name, such as Europe/Paris' }]),
    ...(from !== undefined && to !== undefined && Date.parse(from) >= Date.parse(to)
      ? [{ pointer: '/not_after', message: 'must be later than not_before' }]
      : []),
  ];
}

function contentFaults(config: GuardrailsConfig): ProblemFault[] {
  return (['request', 'response'] as const).flatMap((side) => {
    const { patterns = [], detectors = [] } = config[side] ?? {};
    const isAgain = (index: number, names: readonly string[]): boolean => names.indexOf(names[index] ?? '') !== index;
    const [kinds, names] = [detectors.map(({ detector }) => detector), patterns.map(({ name }) => name)];
    return [
      ...kinds.flatMap((kind, index) =>
        isAgain(index, kinds) ? [{ pointer: `/${side}/detectors/${index}`, message: `${kind} is there twice` }] : [],
      ),
      ...names.flatMap((name, index) =>
        isAgain(index, names) ? [{ pointer: `/${side}/patterns/${index}/name`, message: `${name} is there twice` }] : [],
      ),
      ...patterns.flatMap(({ pattern }, index) => {
        const message =
          patternFault(pattern) ?? (compilePattern(pattern).test('') ? 'matches a text with nothing in it, and so every text' : undefined);
        return message === undefined ? [] : [{ pointer: `/${side}/patterns/${index}/pattern`, message }];
      }),
    ];
  });
}

/** `Intl` takes offsets such as `+01:00` too, which know nothing of summer. */
function isZone(name: string): boolean {
  try {
    return /^[A-Za-z]/.test(name) && new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

function jwtFaults({ issuer, jwks_uri }: JwtAuthConfig): ProblemFault[] {
  if (jwks_uri !== undefined)
    return isPlainHttpUrl(jwks_uri) ? [] : [{ pointer: '/jwks_uri', message: 'must be a URL of http or https without credentials' }];
  return isPlainHttpUrl(issuer) ? [] : [{ pointer: '/issuer', message: 'is no URL to discover keys from; give jwks_uri' }];
}

function isPlainHttpUrl(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url !== undefined && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '';
}

function headersFaults(config: HeadersConfig): ProblemFault[] {
  return (['request', 'response'] as const).flatMap((direction) => {
    const { set = {}, remove = [] } = config[direction] ?? {};
    const removed = new Set(remove.map((name) => name.toLowerCase()));
    const faults = Object.entries(set).flatMap(([name, value]) => [
      ...nameFault(name, `/${direction}/set`),
      ...ownFault(name, `/${direction}/set`),
      ...(headerValue.test(value)
        ? []
        : [{ pointer: `/${direction}/set`, message: `${name} has a value with line breaks, control characters or characters beyond ISO 8859-1` }]),
      ...(removed.has(name.toLowerCase()) ? [{ pointer: `/${direction}/remove`, message: `${name} is both set and removed` }] : []),
    ]);
    const removing = remove.flatMap((name, index) => ownFault(name, `/${direction}/remove/${index}`));
    return [...faults, ...nameFaults(remove, `/${direction}/remove`), ...removing];
  });
}

function nameFaults(names: readonly string[], pointer: string): ProblemFault[] {
  return names.flatMap((name, index) => nameFault(name, `${pointer}/${index}`));
}

function nameFault(name: string, pointer: string): ProblemFault[] {
  if (!headerName.test(name)) return [{ pointer, message: `${JSON.stringify(name).slice(0, 100)} is no name of a header` }];
  return framing.has(name.toLowerCase()) ? [{ pointer, message: `${name} belongs to the connection and cannot be named here` }] : [];
}

/** Who calls, and which request it is, the gateway alone says. */
const ownFault = (name: string, pointer: string): ProblemFault[] =>
  isGatewaysOwn(name) ? [{ pointer, message: `${name} is the gateway's own to say, and cannot be changed here` }] : [];
