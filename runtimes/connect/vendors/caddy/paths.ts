import type { ApiItem } from '@stoa/generated/schemas.ts';
import { basePathOf, publicPrefixOf } from '../../engine/traits.ts';
import type { CaddyJson } from './json.ts';
import { ambiguityIn } from '../ambiguous-path.ts';

/** A path template as Caddy's `path_regexp` takes it: Caddy compares decoded paths, without empty and dot segments. */
export type CaddyPath = {
  readonly pattern: string;
  /** Equal for two templates that match the same paths. */
  readonly shape: string;
};

const parameter = '[^/]+';

/** @returns the reason, to follow the operation's name, when the path cannot be expressed. */
export function pathOf(api: ApiItem, template: string): CaddyPath | { fault: string } {
  const path = `${publicPrefixOf(api)}${template}`;
  if (!path.startsWith('/')) return { fault: 'its path does not begin with a slash' };
  let pattern = '';
  let shape = '';
  for (const part of path.split(/(\{[^{}]*\})/)) {
    if (/^\{[^{}]+\}$/.test(part)) {
      pattern += parameter;
      shape += '{}';
      continue;
    }
    if (!/^[!-~]*$/.test(part) || /[{}?#]/.test(part)) return { fault: 'its path has characters that no request path has' };
    const literal = decoded(part);
    if (literal === undefined) return { fault: 'its path has escapes of what is no text, which no pattern of Caddy can hold' };
    if (/%2f/i.test(part)) return { fault: 'its path has an escaped slash, which Caddy does not tell from a slash' };
    pattern += literally(literal);
    shape += literal;
  }
  // Two escaped dots are a dot segment as well, once Caddy has decoded them.
  if (/\/\/|\/\.{1,2}(\/|$)/.test(shape))
    return { fault: 'its path has an empty or a dot segment, which Caddy takes out of a path before it compares it' };
  const ambiguity = ambiguityIn(path);
  return ambiguity === undefined ? { pattern: `^${pattern}$`, shape } : { fault: ambiguity };
}

/** What Caddy does with the path of a request for an API that is not exposed at the paths of its upstream; undefined where there is nothing to do. */
export type CaddyRewrite = {
  /** Before the guards: takes the prefix off, and puts the path of the upstream in its place. A Link is asked for that path. */
  readonly enter: CaddyJson;
  /** On the way to the upstream: puts a prefix that is kept behind the path of the upstream. */
  readonly leave: CaddyJson | undefined;
};

export function rewriteOf(api: ApiItem): CaddyRewrite | undefined {
  const { prefix, strip = true } = api.public_path ?? {};
  if (prefix === undefined) return undefined;
  const base = basePathOf(api);
  const entered = { path_regexp: [{ find: `^${literally(prefix)}/`, replace: `${base}/` }] };
  // What is taken off is so as it was written: one who spells it by escapes is told that there is nothing.
  const spelled = { vars_regexp: { '{http.request.orig_uri}': { pattern: `^${literally(prefix)}/` } } };
  return {
    enter: {
      handler: 'subroute',
      routes: [
        { match: [{ not: [spelled] }], handle: [{ handler: 'static_response', status_code: 404 }], terminal: true },
        { handle: [{ handler: 'rewrite', ...entered }] },
      ],
    },
    leave: strip ? undefined : { path_regexp: [{ find: `^${literally(base)}/`, replace: `${base}${prefix}/` }] },
  };
}

/** Why Caddy cannot lead from the public path of an API to its upstream. */
export function rewriteFault(api: ApiItem): string | undefined {
  const base = basePathOf(api);
  return /[${}%]/.test(base) ? `the path ${base} of its upstream holds characters that Caddy would fill in or write anew` : undefined;
}

const literally = (text: string): string => text.replace(/[\\^$.|?*+()[\]{}]/g, '\\$&');

function decoded(text: string): string | undefined {
  try {
    const literal = decodeURIComponent(text);
    return /[\u0000-\u001f\u007f]/.test(literal) ? undefined : literal;
  } catch {
    return undefined;
  }
}

/** The shape of a pattern that `pathOf` made; undefined for another. */
export function shapeOf(pattern: unknown): string | undefined {
  const regex = typeof pattern === 'string' ? /^\^(.*)\$$/s.exec(pattern)?.[1] : undefined;
  return regex?.replaceAll(parameter, '{}').replace(/\\(.)/gs, '$1');
}

/** The more is literal, the earlier a route is tried: `/orders/latest` before `/orders/{order_id}`. */
export const literalLength = (pattern: string): number => (shapeOf(pattern) ?? '').replaceAll('{}', '').length;
