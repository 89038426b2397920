import type { ApiItem } from '@stoa/generated/schemas.ts';
import { basePathOf, publicPrefixOf } from '../../engine/traits.ts';

/** A path template as Kong's router takes it, and what it competes with. */
export type RoutePath = {
  /** A regex path: the tilde makes it one, and without `$` it would match everything that begins so. */
  readonly regex: string;
  /** Equal for two templates that match the same paths. */
  readonly shape: string;
  /** The more is literal, the earlier Kong shall try the route: `/orders/latest` before `/orders/{order_id}`. */
  readonly priority: number;
};

/**
 * What stands for a parameter. Kong sends the upstream what it has matched, and a number sign as it came: an upstream that takes it for the end of the path would read
 * `/orders/7#/items` as `/orders/7`.
 */
const parameter = '[^/#]+';

/** PCRE allows 32 characters for the name of a group (pcre2pattern(3), "Named capture groups"). */
const maxGroupName = 32;

/** The group of a route's path that holds what the upstream is sent behind its own path and a slash. */
export const restGroup = 'stoa_path';

/** Whether the upstream is sent another path than the caller wrote: the routes tell it then by a group, and a plugin puts it behind the path of the upstream. */
export const rewritesPath = (api: ApiItem): boolean =>
  api.public_path?.prefix !== undefined && (api.public_path.strip !== false || basePathOf(api) !== '');

/** The path that an operation of an API is exposed at. @returns the reason, to follow the operation's name, when it cannot be expressed. */
export function exposedPath(api: ApiItem, template: string): RoutePath | { fault: string } {
  const prefix = publicPrefixOf(api);
  const path = routePath(prefix, template);
  if ('fault' in path || !rewritesPath(api)) return path;
  if (!template.startsWith('/')) return { fault: 'its path does not begin with a slash' };
  // Kong takes a path for an expression that begins with a tilde and a slash: the slash stands before the group.
  const at = '~/'.length + (api.public_path?.strip === false ? 0 : escaped(prefix).length);
  return { ...path, regex: `${path.regex.slice(0, at)}(?<${restGroup}>${path.regex.slice(at, -1)})$` };
}

/**
 * Turns what stands before the paths of an API and an operation's path template into a regex path. A template braces-and-all is accepted by
 * Kong and then never matches, so it is always rewritten.
 * @returns the reason, to follow the operation's name, when the path cannot be expressed.
 */
export function routePath(basePath: string, template: string): RoutePath | { fault: string } {
  const path = `${basePath}${template}`;
  if (!path.startsWith('/')) return { fault: 'its path does not begin with a slash' };
  const names = new Set<string>([restGroup]);
  let regex = '';
  let shape = '';
  let priority = 0;
  for (const part of path.split(/(\{[^{}]*\})/)) {
    if (/^\{[^{}]+\}$/.test(part)) {
      regex += `(?<${groupName(part.slice(1, -1), names)}>${parameter})`;
      shape += '{}';
    } else if (!/^[!-~]*$/.test(part) || /[{}?#]/.test(part)) {
      return { fault: 'its path has characters that no request path has' };
    } else {
      const literal = decoded(part);
      if (/[\u0000-\u001f\u007f]|%(?!2[0-9A-F]|3[0-9A-F]|40|5[BD])/.test(literal))
        return { fault: 'its path has escapes of what is no text, which no route of Kong can hold' };
      regex += escaped(literal);
      shape += literal;
      priority += literal.length;
    }
  }
  // Two escaped dots are a dot segment as well, once Kong has decoded them.
  if (/\/\/|\/\.{1,2}(\/|$)/.test(shape)) return { fault: 'its path has an empty or a dot segment, which Kong takes out of requests' };
  return { regex: `~${regex}$`, shape, priority };
}

const escaped = (literal: string): string => literal.replace(/[\\^$.|?*+()[\]{}]/g, '\\$&');

/** Of a character that means something in a URL, and of the percent sign itself, Kong's router keeps the escape (kong/tools/uri.lua). */
const reserved = /[!#$%&'()*+,/:;=?@[\]]/;

/**
 * A literal as Kong's router compares it: it decodes every escape of a request but those of reserved characters, and writes these in capitals. A route that holds `%20`
 * never matches.
 */
function decoded(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (run) => {
    const kept: string[] = [];
    let plain: number[] = [];
    const flush = (): void => {
      if (plain.length > 0) kept.push(utf8(plain));
      plain = [];
    };
    for (const escape of run.match(/%../g) ?? []) {
      const byte = Number.parseInt(escape.slice(1), 16);
      if (byte < 0x80 && reserved.test(String.fromCharCode(byte))) {
        flush();
        kept.push(escape.toUpperCase());
      } else {
        plain.push(byte);
      }
    }
    flush();
    return kept.join('');
  });
}

/** What is no text is kept as escapes: no route can hold it. */
function utf8(bytes: readonly number[]): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Uint8Array.from(bytes));
  } catch {
    return bytes.map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('');
  }
}

/** The shape of a path of an observed route, which is that of the template it was made from; of one that we did not make, its own text. */
export function shapeOfPath(path: string): string {
  const regex = /^~(.*)\$$/s.exec(path)?.[1];
  if (regex === undefined) return path;
  const whole = regex.replace(/\(\?<stoa_path>(.*)\)$/s, '$1');
  return whole.replace(/\(\?<\w+>\[\^\/#?\]\+\)/g, '{}').replace(/\\(.)/gs, '$1');
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
