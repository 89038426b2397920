import type { CorsConfig } from '@stoa/generated/schemas.ts';
import { quoted, word } from './escape.ts';
import { linkLines } from './link.ts';
import type { LinkTerms } from './link.ts';
import type { GuardFields } from './model.ts';

/** What the guards of a location go by. */
export type Terms = {
  /** Says the API of what a browser asks before it calls; empty for every other request. */
  readonly before: string;
  readonly keys: string;
  readonly header: string;
  /** What a Link is asked by, and who tells what it said; where there is none nothing is asked. */
  readonly link: LinkTerms;
  readonly zones: readonly { readonly zone: string; readonly burst: number }[];
};

/** A guard as the directives of a location. */
export function guardLines(guard: GuardFields, { before, keys, header, link, zones }: Terms): string[] {
  switch (guard.kind) {
    case 'api_key_auth':
      return [
        `secure_link ${keys};`,
        `secure_link_md5 "${header}";`,
        // A browser asks before without a key.
        `set $stoa_key "${before}$secure_link";`,
        'if ($stoa_key = "") { return 401; }',
        'if ($stoa_key = "0") { return 401; }',
        // The caller's key is for the gateway, and not for the upstream.
        `proxy_set_header ${quoted(guard.header)} "";`,
      ];
    case 'link':
      return linkLines(guard.header, link);
    case 'rate_limit':
      return [
        'limit_req_status 429;',
        ...zones.map(({ zone, burst }) => `limit_req zone=${word(zone)}${burst > 0 ? ` burst=${burst} nodelay` : ''};`),
      ];
    case 'ip_restriction': {
      const { allow, deny = [] } = guard.config;
      return [
        ...deny.map((range) => `deny ${word(range)};`),
        ...(allow === undefined ? [] : [...allow.map((range) => `allow ${word(range)};`), 'deny all;']),
      ];
    }
    case 'request_size_limit':
      return [`client_max_body_size ${guard.maxBytes};`];
    case 'headers': {
      const { request = {}, response = {} } = guard.config;
      const replaced = [...Object.keys(response.set ?? {}), ...(response.remove ?? [])];
      return [
        ...Object.entries(request.set ?? {}).map(([name, value]) => `proxy_set_header ${quoted(name)} ${quoted(value)};`),
        ...(request.remove ?? []).map((name) => `proxy_set_header ${quoted(name)} "";`),
        ...[...new Set(replaced)].map((name) => `proxy_hide_header ${quoted(name)};`),
        ...Object.entries(response.set ?? {}).map(([name, value]) => `add_header ${quoted(name)} ${quoted(value)} always;`),
      ];
    }
    case 'cors':
      return corsLines(guard.config, guard.methods, before);
  }
}

/** An empty value is no header, so that what is granted is said by variables of the location. Of the upstream's own headers for browsers none is passed on. */
function corsLines(config: CorsConfig, methods: readonly string[], before: string): string[] {
  const { allow_origins: origins, allow_methods: allowed = methods, allow_headers: wanted, expose_headers: exposed = [], max_age_s: age } = config;
  const granted = (name: string, value: string): string => `if ($stoa_origin != "") { set $stoa_${name} ${value}; }`;
  const asked = wanted === undefined ? '$http_access_control_request_headers' : quoted(wanted.join(', '));
  const names = {
    credentials: 'Allow-Credentials',
    methods: 'Allow-Methods',
    headers: 'Allow-Headers',
    exposed: 'Expose-Headers',
    age: 'Max-Age',
  } as const;
  const values: Record<keyof typeof names, string | undefined> = {
    credentials: config.allow_credentials === true ? '"true"' : undefined,
    methods: quoted(allowed.join(', ')),
    headers: wanted?.length === 0 ? undefined : asked,
    exposed: exposed.length === 0 ? undefined : quoted(exposed.join(', ')),
    age: age === undefined ? undefined : quoted(String(age)),
  };
  const isSaid = (name: keyof typeof names): boolean => values[name] !== undefined;
  const all = Object.keys(names) as (keyof typeof names)[];
  return [
    'set $stoa_origin "";',
    ...origins.map((origin) =>
      origin === '*'
        ? 'if ($http_origin != "") { set $stoa_origin "*"; }'
        : `if ($http_origin = ${quoted(origin)}) { set $stoa_origin $http_origin; }`,
    ),
    ...all.filter(isSaid).flatMap((name) => [`set $stoa_${name} "";`, granted(name, values[name] ?? '')]),
    'add_header Access-Control-Allow-Origin $stoa_origin always;',
    ...all.filter(isSaid).map((name) => `add_header Access-Control-${names[name]} $stoa_${name} always;`),
    'add_header Vary Origin always;',
    'proxy_hide_header Access-Control-Allow-Origin;',
    ...all.map((name) => `proxy_hide_header Access-Control-${names[name]};`),
    `if (${before} != "") { return 204; }`,
  ];
}
