import type { CorsConfig, HeadersConfig, IpRestrictionConfig } from '@stoa/generated/schemas.ts';

/** What an API takes and where it leads: `pattern` is a regular expression of RE2 over the path as it is sent. */
export type EnvoyRoute = {
  readonly apiId: string;
  readonly name: string;
  readonly takes: readonly { readonly method: string; readonly pattern: string; readonly shape: string }[];
  readonly upstream: { readonly secure: boolean; readonly host: string; readonly port: number };
};

export type EnvoyGuard = { readonly apiId: string } & (
  | { readonly kind: 'api_key_auth'; readonly header: string; readonly closed: boolean }
  | { readonly kind: 'rate_limit'; readonly limits: readonly { readonly limit: number; readonly seconds: number }[] }
  | { readonly kind: 'cors'; readonly methods: readonly string[]; readonly config: CorsConfig }
  | { readonly kind: 'ip_restriction'; readonly configs: readonly IpRestrictionConfig[] }
  | { readonly kind: 'headers'; readonly config: HeadersConfig }
  | { readonly kind: 'request_size_limit'; readonly maxBytes: number }
  /** What a Link decides, in one question: it knows the policies. */
  | { readonly kind: 'link' }
);
export type EnvoyGuardKind = EnvoyGuard['kind'];
export type EnvoyGuardOf<K extends EnvoyGuardKind> = Extract<EnvoyGuard, { kind: K }>;

/** Who may call, with his keys in clear: Envoy compares them as they are. */
export type EnvoyCaller = {
  readonly consumer: string;
  readonly keys: readonly string[];
  /** Every API that is open to all consumers. */
  readonly open: boolean;
  readonly apis: readonly string[];
};

const extension = (name: string): string => `type.googleapis.com/envoy.extensions.filters.http.${name}`;

/**
 * The filters that the operator's listener has, each disabled, in the order that they have there. A route turns one on by its name; what the routes say of a name that is not there,
 * Envoy takes without a word and does not do. A change of headers needs no filter.
 */
export const filters = {
  ip_restriction: { name: 'stoa.ip_restriction', type: extension('rbac.v3.RBAC') },
  cors: { name: 'stoa.cors', type: extension('cors.v3.Cors') },
  link: { name: 'stoa.link', type: extension('ext_authz.v3.ExtAuthz') },
  api_key_auth: { name: 'stoa.api_key_auth', type: extension('api_key_auth.v3.ApiKeyAuth') },
  rate_limit: { name: 'stoa.rate_limit', type: extension('local_ratelimit.v3.LocalRateLimit') },
  request_size_limit: { name: 'stoa.request_size_limit', type: extension('buffer.v3.Buffer') },
} as const;
export type FilterKind = keyof typeof filters;
export const filterKinds = Object.keys(filters) as FilterKind[];
export const isFilterKind = (kind: EnvoyGuardKind): kind is FilterKind => Object.hasOwn(filters, kind);

/** The cluster that the filter of the listener asks, which leads to the Link. */
export const linkCluster = 'stoa_link';
/** The name of the routes that the operator's listener asks for. */
export const routesName = 'stoa';
export const files = { clusters: 'cds.json', routes: 'rds.json', objects: 'stoa.json' } as const;

/** What is asked through the listener. */
export type ListenerQuestion = { readonly method: string; readonly headers: Readonly<Record<string, string>>; readonly body?: string };
