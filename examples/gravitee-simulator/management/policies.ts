import type { Json } from '../state.ts';
import { refused } from './errors.ts';

/** The defaults of each policy's schema, which are filled in wherever a configuration leaves them out: what is misspelt is not refused. */
const counted = (unit: string, within: string): Json => ({
  async: false,
  addHeaders: within === 'quota',
  [within]: { useKeyOnly: false, periodTime: 1, periodTimeUnit: unit, key: '' },
  errorStrategy: 'FALLBACK_PASS_TROUGH',
});
const defaults: Readonly<Record<string, Json>> = {
  'rate-limit': counted('SECONDS', 'rate'),
  quota: counted('MONTHS', 'quota'),
  'ip-filtering': { lookupIpVersion: 'ALL', matchAllFromXForwardedFor: false },
  'transform-headers': { scope: 'REQUEST' },
  'request-content-limit': {},
};

export const policyIds = Object.keys(defaults);

export function withDefaults(policy: string, configuration: Json): Json {
  const usual = defaults[policy];
  if (usual === undefined) {
    throw refused(404, `Plugin [${policy}] cannot be found.`, { code: 'plugin.notFound', parameters: { plugin: policy } });
  }
  return merged(usual, configuration);
}

function merged(usual: Json, given: Json): Json {
  const result: Json = { ...usual, ...given };
  for (const [name, value] of Object.entries(usual)) {
    if (typeof value === 'object' && value !== null) result[name] = merged(value as Json, (given[name] ?? {}) as Json);
  }
  return result;
}
