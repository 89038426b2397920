import type { ApiItem } from '@stoa/generated/schemas.ts';
import { basePathOf, publicPrefixOf } from '../../engine/traits.ts';
import { ambiguityIn } from '../ambiguous-path.ts';
import { isQuotable, literal } from './escape.ts';

/** A path template as a regular expression over `$uri`, which nginx has decoded, and taken empty and dot segments out of. */
export type NginxPath = { readonly pattern: string; readonly shape: string };

/** @returns the reason, to follow the operation's name, when the path cannot be expressed. */
export function pathOf(api: ApiItem, template: string): NginxPath | { fault: string } {
  const path = `${publicPrefixOf(api)}${template}`;
  if (!path.startsWith('/')) return { fault: 'its path does not begin with a slash' };
  let pattern = '';
  let shape = '';
  for (const part of path.split(/(\{[^{}]*\})/)) {
    if (/^\{[^{}]+\}$/.test(part)) {
      pattern += '[^/]+';
      shape += '{}';
      continue;
    }
    if (!/^[!-~]*$/.test(part) || /[{}?#]/.test(part)) return { fault: 'its path has characters that no request path has' };
    if (/%2f|%00/i.test(part)) return { fault: 'its path has an escaped slash or zero, which nginx does not tell from the plain one' };
    const text = decoded(part);
    if (text === undefined) return { fault: 'its path has escapes of what is no text' };
    pattern += literal(text);
    shape += text;
  }
  if (/\/\/|\/\.{1,2}(\/|$)/.test(shape))
    return { fault: 'its path has an empty or a dot segment, which nginx takes out of a path before it compares it' };
  const ambiguity = ambiguityIn(path);
  return ambiguity === undefined ? { pattern, shape } : { fault: ambiguity };
}

/** What becomes of a path before the upstream is sent it: `prefix` is taken off its beginning where it is stripped, then `before` is put there. */
export type NginxRewrite = { readonly prefix: string; readonly strip: boolean; readonly before: string };

/** Undefined where the API has no prefix of its own. */
export function rewriteOf(api: ApiItem): NginxRewrite | undefined {
  const { prefix, strip = true } = api.public_path ?? {};
  return prefix === undefined ? undefined : { prefix, strip, before: basePathOf(api) };
}

/** Why nginx cannot lead from the public path of an API to its upstream. */
export function rewriteFault(api: ApiItem): string | undefined {
  const { before = '' } = rewriteOf(api) ?? {};
  return isQuotable(before) && /^[!-~]*$/.test(before) ? undefined : `the path ${before} of its upstream is none that a file of nginx can hold`;
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
