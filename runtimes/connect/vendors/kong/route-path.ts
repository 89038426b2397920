/** A path template as Kong's router takes it, and what it competes with. */
export type RoutePath = {
  /** A regex path: the tilde makes it one, and without `$` it would match everything that begins so. */
  readonly regex: string;
  /** Equal for two templates that match the same paths. */
  readonly shape: string;
  /** The more is literal, the earlier Kong shall try the route: `/orders/latest` before `/orders/{order_id}`. */
  readonly priority: number;
};

/** PCRE allows 32 characters for the name of a group (pcre2pattern(3), "Named capture groups"). */
const maxGroupName = 32;

/**
 * Turns the upstream's base path and an operation's path template into a regex path. A template braces-and-all is accepted by
 * Kong and then never matches, so it is always rewritten.
 * @returns the reason, to follow the operation's name, when the path cannot be expressed.
 */
export function routePath(basePath: string, template: string): RoutePath | { fault: string } {
  const path = `${basePath}${template}`;
  if (!path.startsWith('/')) return { fault: 'its path does not begin with a slash' };
  const names = new Set<string>();
  let regex = '';
  let shape = '';
  let priority = 0;
  for (const part of path.split(/(\{[^{}]*\})/)) {
    if (/^\{[^{}]+\}$/.test(part)) {
      regex += `(?<${groupName(part.slice(1, -1), names)}>[^/]+)`;
      shape += '{}';
    } else if (!/^[!-~]*$/.test(part) || /[{}?#]/.test(part)) {
      return { fault: 'its path has characters that no request path has' };
    } else {
      const literal = normalise(part);
      regex += literal.replace(/[\\^$.|?*+()[\]{}]/g, '\\$&');
      shape += literal;
      priority += literal.length;
    }
  }
  return { regex: `~${regex}$`, shape, priority };
}

/** Kong decodes what needs no escape and writes the other escapes in capitals before it looks for a route (RFC 3986 §6.2.2). */
function normalise(text: string): string {
  return text.replace(/%[0-9a-f]{2}/gi, (escape) => {
    const character = String.fromCharCode(Number.parseInt(escape.slice(1), 16));
    return /[A-Za-z0-9._~-]/.test(character) ? character : escape.toUpperCase();
  });
}

/** A valid group name, unlike those before it: letters, digits and underscores, not beginning with a digit. */
function groupName(parameter: string, taken: Set<string>): string {
  const base = parameter
    .replace(/[^A-Za-z0-9_]/g, '_')
    .replace(/^(?=\d)/, '_')
    .slice(0, maxGroupName);
  let name = base;
  // Each round takes one more name, so the number of parameters bounds the loop.
  for (let number = 2; taken.has(name); number += 1) name = `${base.slice(0, maxGroupName - 4)}_${number}`;
  taken.add(name);
  return name;
}
