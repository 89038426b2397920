import { nearestName } from '@stoa/lib/nearest-name.ts';
import { operations } from '@stoa/generated/operations.ts';

const paths = [...new Set(Object.values(operations).map(({ path }) => path))].map(segmentsOf);
/** A path that is longer was not typed, and comparing it would take its time. */
const maxChars = 200;

/** The path of the contract that somebody most likely meant, with what he gave for its parameters; undefined when none is close enough to be worth saying. */
export function nearestPath(path: string): string | undefined {
  if (path.length > maxChars) return undefined;
  const given = segmentsOf(path);
  // Some leave the version out.
  return nearestTo(given) ?? nearestTo(['v1', ...given]);
}

function nearestTo(given: readonly string[]): string | undefined {
  const candidates = paths.filter((path) => path.length === given.length && path.every((segment, at) => isNear(given[at] ?? '', segment)));
  const filled = candidates.map((path) => joined(path.map((segment, at) => (isParameter(segment) ? (given[at] ?? '') : segment))));
  return nearestName(joined(given), filled);
}

/** Each by itself: an id is longer than all else, and would make any two paths alike. */
const isNear = (given: string, segment: string): boolean => isParameter(segment) || nearestName(given, [segment]) !== undefined;
const isParameter = (segment: string): boolean => segment.startsWith('{');
const joined = (segments: readonly string[]): string => `/${segments.join('/')}`;

function segmentsOf(path: string): string[] {
  return path.split('/').filter((segment) => segment !== '');
}
