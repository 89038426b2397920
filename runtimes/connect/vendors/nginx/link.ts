import { quoted, word } from './escape.ts';

/** `prefix`: what names of ours begin with. `location`: where the Link is asked about an API. `asked`: the variable of the path that it is asked about. */
export type LinkTerms = { readonly prefix: string; readonly location: string; readonly asked: string };

/** Ways to name another method or path than the one that was decided on, which an upstream may listen to. */
const overrides = [
  ...['X-Original-Method', 'X-Original-URI', 'X-Original-URL', 'X-Rewrite-URL', 'X-HTTP-Method-Override', 'X-HTTP-Method', 'X-Method-Override'],
  ...['X-Forwarded-Method', 'X-Forwarded-Uri', 'X-Forwarded-Prefix'],
];
/** What the Link says of a call, by the header and by the end of the variable that holds it. */
const told = { 'X-Stoa-Consumer': 'consumer', 'X-Stoa-Api': 'called', 'X-Stoa-Operation': 'operation' } as const;
const toldElse = { 'X-Stoa-Reason': 'reason', 'Retry-After': 'retry' } as const;

/** Has nginx ask the Link for each call of a location, and pass on what it says of the caller. The caller's key is for the Link, and not for the upstream. */
export function linkLines(header: string | undefined, { prefix, location, asked }: LinkTerms): string[] {
  const variable = (end: string): string => `$${word(prefix)}_${end}`;
  return [
    // Where nothing was taken off, the Link would be asked about another path.
    `if (${asked} = "") { return 404; }`,
    `auth_request ${word(location)};`,
    ...Object.entries({ ...told, ...toldElse }).map(
      ([name, end]) => `auth_request_set ${variable(end)} $upstream_http_${name.toLowerCase().replaceAll('-', '_')};`,
    ),
    `error_page 403 = @${word(prefix)}_denied;`,
    `error_page 500 = @${word(prefix)}_undecided;`,
    ...Object.entries(told).map(([name, end]) => `proxy_set_header ${name} ${variable(end)};`),
    ...[...new Set(['Authorization', 'X-API-Key', ...(header === undefined ? [] : [header]), ...overrides])].map(
      (name) => `proxy_set_header ${quoted(name)} "";`,
    ),
  ];
}

/** The location that asks the Link about an API. It is asked by the method and the path that came, without the body. */
export function askingLocation({ prefix, location, asked }: LinkTerms): string[] {
  return [
    `  location = ${word(location)} {`,
    '    internal;',
    `    proxy_pass http://${word(prefix)}_link/authz;`,
    '    proxy_http_version 1.1;',
    '    proxy_set_header Connection "";',
    '    proxy_set_header HTTP2-Settings "";',
    '    proxy_next_upstream error timeout http_503;',
    '    proxy_pass_request_body off;',
    '    proxy_set_header Content-Length "";',
    '    proxy_set_header X-Original-Method $request_method;',
    `    proxy_set_header X-Original-URI ${asked};`,
    '    proxy_set_header X-Original-Content-Length $content_length;',
    '    proxy_set_header X-Forwarded-Method "";',
    '    proxy_set_header X-Forwarded-Uri "";',
    '    proxy_set_header X-Forwarded-For $remote_addr;',
    '  }',
  ];
}

const problem = (code: string, title: string, status: number): string =>
  `'{"type":"urn:stoa:problem:${code}","title":"${title}","status":${status},"code":"${code}"}'`;

/** What the caller hears where the Link does not let a call pass: nginx takes 401 and 403 for its answers, and makes a 500 of every other. */
export function denialLocations(prefix: string): string[] {
  const reason = `$${word(prefix)}_reason`;
  return [
    `  location @${word(prefix)}_denied {`,
    // Refused by nginx itself, by an address.
    `    if (${reason} = "") { return 403; }`,
    '    default_type application/problem+json;',
    `    add_header X-Stoa-Reason ${reason} always;`,
    `    add_header Retry-After $${word(prefix)}_retry always;`,
    `    if (${reason} = rate_limited) { return 429 ${problem('rate_limited', 'Too Many Requests', 429)}; }`,
    `    if (${reason} = too_large) { return 413 ${problem('too_large', 'Content Too Large', 413)}; }`,
    `    return 403 ${problem(reason, 'Forbidden', 403)};`,
    '  }',
    `  location @${word(prefix)}_undecided {`,
    '    default_type application/problem+json;',
    '    add_header X-Stoa-Reason undecided always;',
    '    add_header Retry-After 1 always;',
    `    return 503 '{"type":"about:blank","title":"Service Unavailable","status":503}';`,
    '  }',
  ];
}

export const linkUpstream = (prefix: string, linkAt: string): string =>
  `upstream ${word(prefix)}_link { server ${word(linkAt)} max_fails=0; keepalive 16; }`;
