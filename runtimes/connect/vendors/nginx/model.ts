import type { CorsConfig, HeadersConfig, IpRestrictionConfig } from '@stoa/generated/schemas.ts';
import type { NginxRewrite } from './paths.ts';

/** What an API takes and where it leads: `pattern` is a regular expression that is fit to stand between quotes. */
export type RouteFields = {
  readonly apiId: string;
  readonly name: string;
  readonly takes: readonly { readonly method: string; readonly pattern: string; readonly shape: string }[];
  /** The only host at which it is there. */
  readonly host?: string;
  readonly rewrite?: NginxRewrite;
  readonly upstream: { readonly secure: boolean; readonly host: string; readonly port: number };
};

export type GuardFields = { readonly apiId: string } & (
  | { readonly kind: 'api_key_auth'; readonly header: string; readonly closed: boolean }
  /** What a Link decides; `header` is where the key is, by the policy. */
  | { readonly kind: 'link'; readonly header?: string }
  | { readonly kind: 'rate_limit'; readonly limits: readonly { readonly rate: string; readonly burst: number }[] }
  | { readonly kind: 'cors'; readonly methods: readonly string[]; readonly config: CorsConfig }
  | { readonly kind: 'ip_restriction'; readonly config: IpRestrictionConfig }
  | { readonly kind: 'request_size_limit'; readonly maxBytes: number }
  | { readonly kind: 'headers'; readonly config: HeadersConfig }
);
export type GuardOf<K extends GuardFields['kind']> = Extract<GuardFields, { kind: K }>;

/** Who may call. `index`: the first characters of a key, which it is looked up by. `hash`: what the whole is checked by. */
export type CallerFields = {
  readonly consumer: string;
  readonly keys: readonly { readonly index: string; readonly hash: string; readonly expires?: number }[];
  /** Every API that is open to all consumers. */
  readonly open: boolean;
  readonly apis: readonly string[];
};

/** So many characters of a key are looked up: `stoa_ck_` and eight of 43. */
export const indexLength = 16;
