import type { ApiItem } from '@stoa/generated/schemas.ts';
import { basePathOf } from '../../engine/traits.ts';
import { ambiguityIn } from '../ambiguous-path.ts';
import { literal } from './escape.ts';

/** A path template as a regular expression over `$uri`, which nginx has decoded, and taken empty and dot segments out of. */
export type NginxPath = { readonly pattern: string; readonly shape: string };

/** @returns the reason, to follow the operation's name, when the path cannot be expressed. */
export function pathOf(api: ApiItem, template: string): NginxPath | { fault: string } {
  const path = `${basePathOf(api)}${template}`;
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

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
