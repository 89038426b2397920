import type { ConfigItem, PolicyItem, PolicySpec, PublicPath } from '@stoa/generated/schemas.ts';
import fc from 'fast-check';
import { policyFault } from '../engine/capabilities.ts';
import type { Capabilities, ExposureTrait } from '../engine/capabilities.ts';
import { api, closed, consumer, operation, policy, subscription } from '../testing/config.ts';

/** A small platform, as data that fast-check can make smaller: what is in it is named by numbers. */
export type Platform = {
  readonly apis: readonly PlannedApi[];
  readonly consumers: readonly string[];
};
type PlannedApi = {
  readonly name: string;
  readonly operations: readonly string[];
  readonly upstream: string;
  readonly policies: readonly { readonly kind: PolicySpec['kind']; readonly variant: number }[];
  readonly subscribersOnly: boolean;
  /** Where it is exposed, of `addresses`; at the paths of its upstream when absent. */
  readonly address?: number | undefined;
};

const names = ['orders', 'stock', 'people'] as const;
const operations = ['GET /', 'GET /{id}', 'POST /', 'DELETE /{id}'] as const;

/** Two configurations of each kind, so that one can be edited into the other. */
const specs: Readonly<Record<PolicySpec['kind'], readonly [PolicySpec, PolicySpec]>> = {
  rate_limit: [
    { kind: 'rate_limit', config: { limit: 5, window_s: 60 } },
    { kind: 'rate_limit', config: { limit: 9, window_s: 3600 } },
  ],
  quota: [
    { kind: 'quota', config: { limit: 100, period: 'day' } },
    { kind: 'quota', config: { limit: 50, period: 'month' } },
  ],
  api_key_auth: [
    { kind: 'api_key_auth', config: { header: 'X-API-Key' } },
    { kind: 'api_key_auth', config: { header: 'X-Other-Key' } },
  ],
  cors: [
    { kind: 'cors', config: { allow_origins: ['https://app.example.com'], max_age_s: 600 } },
    { kind: 'cors', config: { allow_origins: ['*'], allow_headers: ['X-Trace'] } },
  ],
  ip_restriction: [
    { kind: 'ip_restriction', config: { allow: ['10.0.0.0/8'] } },
    { kind: 'ip_restriction', config: { allow: ['192.0.2.1'], deny: ['192.0.2.0/25'] } },
  ],
  jwt_auth: [
    { kind: 'jwt_auth', config: { issuer: 'https://id.example.com', audience: ['orders'], jwks_uri: 'https://id.example.com/keys' } },
    { kind: 'jwt_auth', config: { issuer: 'https://other.example.com', audience: ['a', 'b'], jwks_uri: 'https://other.example.com/keys' } },
  ],
  request_size_limit: [
    { kind: 'request_size_limit', config: { max_bytes: 1024 } },
    { kind: 'request_size_limit', config: { max_bytes: 2_097_152 } },
  ],
  headers: [
    { kind: 'headers', config: { request: { set: { 'X-Channel': 'agents' } } } },
    { kind: 'headers', config: { response: { remove: ['Server'] }, request: { set: { 'X-Channel': 'people' } } } },
  ],
  time_window: [
    { kind: 'time_window', config: { hours: [{ from: '08:00', to: '18:00' }], time_zone: 'Europe/Paris' } },
    { kind: 'time_window', config: { days: ['sat', 'sun'] } },
  ],
  guardrails: [
    { kind: 'guardrails', config: { response: { detectors: [{ detector: 'iban', action: 'mask' }] } } },
    { kind: 'guardrails', config: { request: { max_depth: 5 } } },
  ],
  circuit_breaker: [
    { kind: 'circuit_breaker', config: {} },
    { kind: 'circuit_breaker', config: { failure_rate_percent: 20, open_s: 5, failure_statuses: [503] } },
  ],
  concurrency_limit: [
    { kind: 'concurrency_limit', config: { max_concurrent_calls: 10 } },
    { kind: 'concurrency_limit', config: { max_concurrent_calls: 2 } },
  ],
  retry: [
    { kind: 'retry', config: { max_retries: 1 } },
    { kind: 'retry', config: { max_retries: 3, budget_percent: 20 } },
  ],
  approval: [
    { kind: 'approval', config: {} },
    { kind: 'approval', config: { operations: ['deleteOrder'], wait_s: 600 } },
  ],
  tool_access: [
    { kind: 'tool_access', config: { cedar: 'permit(principal, action, resource);' } },
    { kind: 'tool_access', config: { cedar: 'forbid(principal, action, resource);' } },
  ],
};

/** Addresses of an API's own, at which all APIs have the same paths behind them. */
const addresses: readonly { trait: ExposureTrait; of(name: string): PublicPath }[] = [
  { trait: 'prefix_stripped', of: (name) => ({ prefix: `/at-${name}` }) },
  { trait: 'prefix_kept', of: (name) => ({ prefix: `/at-${name}`, strip: false }) },
  { trait: 'public_host', of: (name) => ({ host: `${name}.example.com` }) },
];

const itemOf = (spec: PolicySpec): PolicyItem => ({ id: 'policy:x', kind: 'policy', policy_id: 'x', name: 'x', policy: spec, api_ids: [] });

/** The configurations that a vendor can express: the laws are about what is applied. */
function expressible(capabilities: Capabilities): PlannedApi['policies'][number][] {
  const all = (Object.keys(specs) as PolicySpec['kind'][]).flatMap((kind) => specs[kind].map((spec, variant) => ({ kind, variant, spec })));
  return all.flatMap(({ kind, variant, spec }) => (policyFault(capabilities, itemOf(spec)) === undefined ? [{ kind, variant }] : []));
}

/** Platforms of up to three APIs, with policies that the vendor can express. */
export function platforms(capabilities: Capabilities): fc.Arbitrary<Platform> {
  const policies = expressible(capabilities);
  const possible = addresses.flatMap(({ trait }, index) => (capabilities.exposures[trait].as === 'never' ? [] : [index]));
  const canAskForKeys = policies.some(({ kind }) => kind === 'api_key_auth');
  const one = fc.record({
    name: fc.constantFrom(...names),
    operations: fc.subarray([...operations], { minLength: 1 }),
    upstream: fc.constantFrom('http://127.0.0.1:9', 'http://127.0.0.1:10'),
    policies: fc.uniqueArray(fc.constantFrom(...policies), { selector: ({ kind }) => kind, maxLength: 3 }),
    subscribersOnly: canAskForKeys ? fc.boolean() : fc.constant(false),
    ...(possible.length > 0 && { address: fc.option(fc.constantFrom(...possible), { nil: undefined }) }),
  });
  return fc.record({
    apis: fc.uniqueArray(one, { selector: ({ name }) => name, maxLength: 3 }),
    consumers: fc.subarray(['ann', 'bob']),
  });
}

/** The items of a platform: each API below a path or at an address of its own. */
export function itemsOf({ apis, consumers }: Platform): ConfigItem[] {
  const callers = consumers.map((name) => consumer(name, `the-key-of-${name}`));
  const made = apis.map((planned) => {
    const public_path = planned.address === undefined ? undefined : addresses[planned.address]?.of(planned.name);
    const first = public_path === undefined ? planned.name : 'shared';
    const below = (text: string): string => text.replace(/ \/(?=\{|$)/, ` /${first}/`).replace(/\/$/, '');
    const ops = planned.operations.map((text, index) => operation(below(text), `op${index}${text.split(' ')[0]}`));
    const plain = api(planned.name, { url: planned.upstream, operations: ops, changes: { ...(public_path && { public_path }) } });
    const asksForKeys = planned.policies.some(({ kind }) => kind === 'api_key_auth');
    const own = planned.subscribersOnly && asksForKeys ? closed(plain) : plain;
    const policies = planned.policies.map(({ kind, variant }) => policy(`${kind} of ${planned.name}`, specs[kind][variant] as PolicySpec, own));
    return [own, ...policies, ...(own === plain ? [] : callers.slice(0, 1).map((caller) => subscription(own, caller)))];
  });
  return [...made.flat(), ...callers];
}

/** The policy kinds that an API of a platform is to have; undefined where it is not in it. */
export function guardsOf({ apis }: Platform, name: string): readonly PolicySpec['kind'][] | undefined {
  return apis.find((planned) => planned.name === name)?.policies.map(({ kind }) => kind);
}
