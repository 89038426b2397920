import type { PolicyItem, PolicySpec } from '@stoa/generated/schemas.ts';
import type { ApiIntent } from '../../engine/model.ts';
import { filtered } from './addresses.ts';
import { flowName } from './names.ts';

type SpecOf<K extends PolicySpec['kind']> = Extract<PolicySpec, { kind: K }>;
type Step = Readonly<Record<string, unknown>>;

const specsOf = <K extends PolicySpec['kind']>(policies: readonly PolicyItem[], kind: K): SpecOf<K>[] =>
  policies.flatMap(({ policy }) => (policy.kind === kind ? [policy as SpecOf<K>] : []));

const step = (policy: string, name: string, configuration: Step): Step => ({ name, enabled: true, policy, configuration });

/** Of a plan: one flow for every request, and one for those with a body. */
export function flowsOf(policies: readonly PolicyItem[]): Step[] {
  const sizes = specsOf(policies, 'request_size_limit').map(({ config }) => config.max_bytes);
  const always = [...addressSteps(policies), ...limitSteps(policies), ...quotaSteps(policies)];
  const request = [...always, ...headerSteps(policies, 'request')];
  const response = headerSteps(policies, 'response');
  const flow = (name: string, methods: readonly string[], steps: { request: Step[]; response: Step[] }): Step => ({
    name: flowName(name),
    enabled: true,
    selectors: [{ type: 'HTTP', path: '/', pathOperator: 'STARTS_WITH', methods }],
    ...steps,
  });
  // A GET has no length, and would be refused for that.
  const limit = step('request-content-limit', 'request_size_limit', { limit: Math.min(...sizes) });
  return [
    ...(sizes.length > 0 ? [flow('bodies', ['POST', 'PUT', 'PATCH'], { request: [limit], response: [] })] : []),
    ...(request.length + response.length > 0 ? [flow('policies', [], { request, response })] : []),
  ];
}

/** The strictest of each window. Counters of two steps are one where their keys are the same. */
function limitSteps(policies: readonly PolicyItem[]): Step[] {
  const windows = Map.groupBy(specsOf(policies, 'rate_limit'), ({ config }) => config.window_s);
  return [...windows]
    .sort(([a], [b]) => a - b)
    .map(([seconds, specs]) =>
      step('rate-limit', `rate_limit ${seconds} s`, {
        addHeaders: true,
        async: false,
        errorStrategy: 'BLOCK_ON_INTERNAL_ERROR',
        rate: {
          useKeyOnly: false,
          limit: Math.min(...specs.map(({ config }) => config.limit)),
          periodTime: seconds,
          periodTimeUnit: 'SECONDS',
          key: `stoa-${seconds}s`,
        },
      }),
    );
}

const periods = { hour: 'HOURS', day: 'DAYS', month: 'MONTHS' } as const;

function quotaSteps(policies: readonly PolicyItem[]): Step[] {
  const byPeriod = Map.groupBy(specsOf(policies, 'quota'), ({ config }) => config.period);
  return [...byPeriod]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([period, specs]) =>
      step('quota', `quota ${period}`, {
        addHeaders: true,
        async: false,
        errorStrategy: 'BLOCK_ON_INTERNAL_ERROR',
        quota: {
          useKeyOnly: false,
          limit: Math.min(...specs.map(({ config }) => config.limit)),
          periodTime: 1,
          periodTimeUnit: periods[period],
          key: `stoa-${period}`,
        },
      }),
    );
}

/** Each by itself: an address has to be allowed by all of them. */
function addressSteps(policies: readonly PolicyItem[]): Step[] {
  return specsOf(policies, 'ip_restriction').map(({ config: { allow, deny } }) =>
    step('ip-filtering', 'ip_restriction', {
      lookupIpVersion: 'ALL',
      matchAllFromXForwardedFor: false,
      ...(allow !== undefined && allow.length > 0 && { whitelistIps: filtered(allow) }),
      ...(deny !== undefined && deny.length > 0 && { blacklistIps: filtered(deny) }),
    }),
  );
}

function headerSteps(policies: readonly PolicyItem[], side: 'request' | 'response'): Step[] {
  return specsOf(policies, 'headers').flatMap(({ config }) => {
    const changes = config[side];
    if (changes === undefined) return [];
    const added = Object.entries(changes.set ?? {}).map(([name, value]) => ({ name, value }));
    const lists = { ...(added.length > 0 && { addHeaders: added }), ...(changes.remove?.length && { removeHeaders: changes.remove }) };
    return [step('transform-headers', 'headers', { ...lists, scope: 'REQUEST' })];
  });
}

/** It stands on the listener, and is answered before plans and policies. */
export function corsOf(policies: readonly PolicyItem[], operations: ApiIntent['operations']): Step | null {
  const [spec] = specsOf(policies, 'cors');
  if (spec === undefined) return null;
  const { config } = spec;
  return {
    allowOrigin: config.allow_origins,
    allowMethods: config.allow_methods ?? [...new Set(operations.map(({ method }) => method as string))].sort(),
    allowHeaders: config.allow_headers ?? [],
    exposeHeaders: config.expose_headers ?? [],
    allowCredentials: config.allow_credentials ?? false,
    maxAge: config.max_age_s ?? -1,
    runPolicies: false,
  };
}
