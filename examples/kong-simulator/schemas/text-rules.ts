/** The rules Kong has for texts (kong/db/schema/typedefs.lua), each answering Kong's own words for what is wrong. */

const nameRule = 'the only accepted ascii characters are alphanumerics or ., -, _, and ~';

/** Names: ASCII letters, digits and `. - _ ~`, and any letter outside ASCII. */
export function nameProblem(value: string): string | undefined {
  return /^[A-Za-z0-9._~\u0080-\u{10ffff}-]+$/u.test(value) ? undefined : `invalid value '${value}': ${nameRule}`;
}

/** Tags: printable ASCII without comma and slash, or UTF-8. */
export function tagProblem(value: string): string | undefined {
  if (/^[\u0020-\u002b\u002d\u002e\u0030-\u007e\u0080-\u{10ffff}]*$/u.test(value)) return undefined;
  return `invalid tag '${value}': expected printable ascii (except \`,\` and \`/\`) or valid utf-8 sequences`;
}

/** The path of a service: literal, so a template brace is refused. */
export function servicePathProblem(value: string): string | undefined {
  if (!value.startsWith('/')) return 'should start with: /';
  if (value.includes('//')) return 'must not have empty segments';
  if (/^[A-Za-z0-9._~/%:@!$&'()*+,;=-]*$/.test(value)) return undefined;
  return `invalid path: '${value}' (characters outside of the reserved list of RFC 3986 found)`;
}

/** The path of a route: a plain prefix is taken as it is, a `~` regex must compile. */
export function routePathProblem(value: string): string | undefined {
  if (value.startsWith('~/')) {
    const pattern = value.slice(1);
    const problem = regexProblem(pattern);
    return problem && `invalid regex: '${pattern}' (PCRE returned: pcre2_compile() failed: ${problem} in "${pattern}")`;
  }
  if (!value.startsWith('/')) return 'should start with: / (fixed path) or ~/ (regex path)';
  return value.includes('//') ? 'must not have empty segments' : undefined;
}

function regexProblem(pattern: string): string | undefined {
  try {
    compileRoutePattern(pattern);
    return undefined;
  } catch (error) {
    const text = error instanceof Error ? error.message : '';
    return text.includes('Unterminated group') ? 'missing closing parenthesis' : text.replace(/^.*: /, '').toLowerCase();
  }
}

/** A route's regex: anchored at the start only. PCRE's `(?P<name>` is spelt `(?<name>` in JavaScript. */
export function compileRoutePattern(pattern: string): RegExp {
  return new RegExp(`^(?:${pattern.replaceAll('(?P<', '(?<')})`);
}

/** Host names and addresses without a port. */
export function hostProblem(value: string): string | undefined {
  if (/^\[?[0-9a-fA-F:]*:[0-9a-fA-F:]*:[0-9a-fA-F:.]*\]?$/.test(value)) return undefined;
  if (/:\d+$/.test(value)) return 'must not have a port';
  return /^[A-Za-z0-9._-]+$/.test(value) ? undefined : `invalid value: ${value}`;
}

/** HTTP methods are upper case. */
export function methodProblem(value: string): string | undefined {
  return /^[A-Z]+$/.test(value) ? undefined : `invalid value: ${value}`;
}

/** An IPv4 or IPv6 address, or a range in CIDR form. */
export function cidrProblem(value: string): string | undefined {
  const [address = '', bits, extra] = value.split('/');
  const isIpv6 = address.includes(':') && /^[0-9a-fA-F:.]+$/.test(address);
  const isIpv4 = /^\d{1,3}(\.\d{1,3}){3}$/.test(address) && address.split('.').every((part) => Number(part) <= 255);
  const bitsFit = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (isIpv6 ? 128 : 32));
  return (isIpv4 || isIpv6) && bitsFit && extra === undefined ? undefined : `invalid ip or cidr range: '${value}'`;
}
