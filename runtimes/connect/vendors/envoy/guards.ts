import type { CorsConfig, HeaderChanges, IpRestrictionConfig } from '@stoa/generated/schemas.ts';
import { filters } from './model.ts';
import type { FilterKind, EnvoyGuardOf } from './model.ts';

export type EnvoyJson = Readonly<Record<string, unknown>>;

/**
 * Leads to nobody: what no filter has answered is answered by 404. The filter for browsers looks at no route that is answered by Envoy itself.
 */
export const nowhere: EnvoyJson = { cluster: 'nowhere', cluster_not_found_response_code: 'NOT_FOUND' };

/** Names whom a limit counts. Envoy sets it by the key, and no upstream sees it. */
export const clientHeader = 'x-stoa-client';
/** Envoy remembers so many whom it counts, for each limit; whoever was not seen for the longest time begins anew. */
const maxCounted = 100_000;

const extension = (name: string): string => `type.googleapis.com/envoy.extensions.filters.http.${name}`;
const always = { default_value: { numerator: 100, denominator: 'HUNDRED' } };
/** Turns filters on in a route, by their names in the listener. */
export type FilterConfig = Readonly<Record<string, EnvoyJson>>;
const on = (kind: FilterKind, config: EnvoyJson): FilterConfig => ({ [filters[kind].name]: config });

/** Whoever has one of these keys, by the names of those who have them. */
export const keysRequired = (header: string, credentials: readonly { readonly key: string; readonly client: string }[]): FilterConfig =>
  on('api_key_auth', {
    '@type': extension('api_key_auth.v3.ApiKeyAuthPerRoute'),
    credentials,
    key_sources: [{ header }],
    // Without it the key would go on to the upstream.
    forwarding: { header: clientHeader, hide_credentials: true },
  });

/** The filter is configured in the listener, and says nothing of its own in a route. */
export const linkAsked: FilterConfig = on('link', { '@type': extension('ext_authz.v3.ExtAuthzPerRoute'), check_settings: {} });

const anybody = [{ any: true }];
const addressFilter = (principals: readonly EnvoyJson[]): FilterConfig =>
  on('ip_restriction', {
    '@type': extension('rbac.v3.RBACPerRoute'),
    rbac: { rules: { action: 'ALLOW', policies: { stoa: { permissions: anybody, principals } } } },
  });

/** Nobody at all. */
export const nobody: FilterConfig = addressFilter([{ not_id: { any: true } }]);

/** Whom every one of the policies lets in. */
export const addressesAllowed = (configs: readonly IpRestrictionConfig[]): FilterConfig =>
  addressFilter([{ and_ids: { ids: configs.flatMap(principalsOf) } }]);

function principalsOf({ allow, deny = [] }: IpRestrictionConfig): EnvoyJson[] {
  const oneOf = (ranges: readonly string[]): EnvoyJson => (ranges.length === 0 ? { not_id: { any: true } } : { or_ids: { ids: ranges.map(remote) } });
  return [allow === undefined ? { any: true } : oneOf(allow), { not_id: oneOf(deny) }];
}

function remote(range: string): EnvoyJson {
  const [address = '', length = address.includes(':') ? '128' : '32'] = range.split('/');
  return { remote_ip: { address_prefix: address, prefix_len: Number(length) } };
}

export const sizeLimited = (bytes: number): FilterConfig =>
  on('request_size_limit', { '@type': extension('buffer.v3.BufferPerRoute'), buffer: { max_request_bytes: bytes } });

/** Whom it answers is said back to him, also where it is everybody. A browser takes `*` for every header but `Authorization`. */
export function browsersAllowed(config: CorsConfig, methods: readonly string[]): FilterConfig {
  const {
    allow_origins: origins,
    allow_methods: allowed = methods,
    allow_headers: wanted = ['*', 'Authorization'],
    expose_headers: exposed = [],
  } = config;
  return on('cors', {
    '@type': extension('cors.v3.CorsPolicy'),
    allow_origin_string_match: origins.map((origin) => (origin === '*' ? { safe_regex: { regex: '.*' } } : { exact: origin })),
    allow_methods: allowed.join(', '),
    ...(wanted.length > 0 && { allow_headers: wanted.join(', ') }),
    ...(exposed.length > 0 && { expose_headers: exposed.join(', ') }),
    ...(config.max_age_s !== undefined && { max_age: String(config.max_age_s) }),
    allow_credentials: config.allow_credentials === true,
    filter_enabled: always,
  });
}

export type Bucket = { readonly limit: number; readonly seconds: number };
const bucket = ({ limit, seconds }: Bucket): EnvoyJson => ({ max_tokens: limit, tokens_per_fill: limit, fill_interval: `${seconds}s` });

/** One limit for every call of a route. */
export const allCounted = (limit: Bucket): FilterConfig => limiter(limit, []);

/** Limits that routes share, each by its name: a limit that stood in the routes would be one for each of them. */
export const callersCounted = (limits: readonly (Bucket & { readonly name: string; readonly byKey: boolean })[]): FilterConfig =>
  limiter(
    // What no limit is named for.
    { limit: 4_294_967_295, seconds: 1 },
    limits.map(({ name, byKey, ...limit }) => ({
      entries: [{ key: 'generic_key', value: name }, { key: byKey ? 'client' : 'remote_address' }],
      token_bucket: bucket(limit),
    })),
  );

const limiter = (limit: Bucket, descriptors: readonly EnvoyJson[]): FilterConfig =>
  on('rate_limit', {
    '@type': extension('local_ratelimit.v3.LocalRateLimit'),
    stat_prefix: 'stoa',
    token_bucket: bucket(limit),
    // Each alone limits nothing.
    filter_enabled: always,
    filter_enforced: always,
    enable_retry_after_header: true,
    ...(descriptors.length > 0 && { descriptors, max_dynamic_descriptors: maxCounted }),
  });

/** What names a limit in a route, and whom it counts. */
export const countedAs = (name: string, byKey: boolean): EnvoyJson => ({
  actions: [
    { generic_key: { descriptor_value: name } },
    byKey ? { request_headers: { header_name: clientHeader, descriptor_key: 'client' } } : { remote_address: {} },
  ],
});

/** Of the upstream's own headers for browsers none is passed on. */
const browserHeaders = ['origin', 'credentials', 'methods', 'headers', 'max-age', 'expose-headers'].map((name) =>
  name === 'max-age' || name === 'expose-headers' ? `access-control-${name}` : `access-control-allow-${name}`,
);

/** What a route changes of headers, for its policies and besides. */
export function headerChanges(changes: EnvoyGuardOf<'headers'>['config'] | undefined, hidden: readonly string[], isForBrowsers: boolean): EnvoyJson {
  const request = { set: changes?.request?.set ?? {}, remove: [...(changes?.request?.remove ?? []), clientHeader, ...hidden] };
  const response = { set: changes?.response?.set ?? {}, remove: [...(changes?.response?.remove ?? []), ...(isForBrowsers ? browserHeaders : [])] };
  return {
    ...headerFields('request', request),
    ...headerFields(
      'response',
      response,
      isForBrowsers ? [{ header: { key: 'vary', value: 'Origin' }, append_action: 'APPEND_IF_EXISTS_OR_ADD' }] : [],
    ),
  };
}

function headerFields(of: 'request' | 'response', { set = {}, remove = [] }: HeaderChanges, more: readonly EnvoyJson[] = []): EnvoyJson {
  const added = [
    // A percent sign begins what Envoy fills in.
    ...Object.entries(set).map(([key, value]) => ({
      header: { key, value: value.replaceAll('%', '%%') },
      append_action: 'OVERWRITE_IF_EXISTS_OR_ADD',
    })),
    ...more,
  ];
  return {
    ...(added.length > 0 && { [`${of}_headers_to_add`]: added }),
    ...(remove.length > 0 && { [`${of}_headers_to_remove`]: [...new Set(remove.map((name) => name.toLowerCase()))] }),
  };
}
