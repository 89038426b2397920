import type { ApiItem } from '@stoa/generated/schemas.ts';
import { basePathOf } from '../../engine/traits.ts';
import { ambiguityIn } from '../ambiguous-path.ts';

/** A path template as a regular expression of RE2 over the path as it is sent: Envoy decides on that, and sends it on. */
export type EnvoyPath = {
  readonly pattern: string;
  /** Equal for two templates that match the same paths. */
  readonly shape: string;
};

/** @returns the reason, to follow the operation's name, when the path cannot be expressed. */
export function pathOf(api: ApiItem, template: string): EnvoyPath | { fault: string } {
  const path = `${basePathOf(api)}${template}`;
  if (!path.startsWith('/')) return { fault: 'its path does not begin with a slash' };
  const ambiguity = ambiguityIn(path);
  if (ambiguity !== undefined) return { fault: ambiguity };
  let pattern = '';
  let shape = '';
  for (const part of path.split(/(\{[^{}]*\})/)) {
    if (/^\{[^{}]+\}$/.test(part)) {
      pattern += '[^/]+';
      shape += '{}';
      continue;
    }
    if (!/^[!-~]*$/.test(part) || /[{}?]/.test(part)) return { fault: 'its path has characters that no request path has' };
    for (const [text] of part.matchAll(/%[0-9a-f]{2}|./gi)) {
      const { matched, read } = text.length === 1 ? { matched: literal(text), read: text } : escape(text);
      pattern += matched;
      shape += read;
    }
  }
  return { pattern, shape };
}

const literal = (text: string): string => text.replace(/[\\^$.|?*+()[\]{}]/g, '\\$&');

/** An escape of what needs none may be written without; any other in either case. */
function escape(text: string): { matched: string; read: string } {
  const plain = String.fromCharCode(Number.parseInt(text.slice(1), 16));
  const anyCase = `(?i:${text})`;
  return /[A-Za-z0-9._~-]/.test(plain)
    ? { matched: `(?:${literal(plain)}|${anyCase})`, read: plain }
    : { matched: anyCase, read: text.toUpperCase() };
}
