import { canonicalJson } from '@stoa/lib/canonical-json.ts';
import type { JsonDifference } from '@stoa/generated/schemas.ts';

/** The contract's bound on the places told. */
const maxDifferences = 100;

type Members = Readonly<Record<string, unknown>>;
const isMembers = (value: unknown): value is Members => typeof value === 'object' && value !== null;

/** Where two JSON values differ, each place by its pointer (RFC 6901), the first hundred of them. Both are within the bounds of bodies, and so no deeper than those. */
export function jsonDifferences(before: unknown, after: unknown): JsonDifference[] {
  const found: JsonDifference[] = [];
  const walk = (one: unknown, other: unknown, pointer: string): void => {
    if (found.length >= maxDifferences) return;
    if (isMembers(one) && isMembers(other) && Array.isArray(one) === Array.isArray(other)) return walkMembers(one, other, pointer);
    if (canonicalJson(one) !== canonicalJson(other)) found.push({ pointer, change: 'changed', before: one, after: other });
  };
  const walkMembers = (one: Members, other: Members, pointer: string): void => {
    for (const name of new Set([...Object.keys(one), ...Object.keys(other)])) {
      if (found.length >= maxDifferences) return;
      const place = `${pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
      if (!Object.hasOwn(other, name)) found.push({ pointer: place, change: 'removed', before: one[name] });
      else if (!Object.hasOwn(one, name)) found.push({ pointer: place, change: 'added', after: other[name] });
      else walk(one[name], other[name], place);
    }
  };
  walk(before, after, '');
  return found;
}
