import { breaking, narrowed, show, widened, type Change, type Direction } from './change.ts';
import type { JsonObject } from './document.ts';

export type Constraint = number | string | boolean;

/** What a larger number means for the set of allowed values; `exact` keywords have no order that can be decided. */
export const constraintKinds: Readonly<Record<string, 'lower-bound' | 'upper-bound' | 'exact' | 'flag'>> = {
  minimum: 'lower-bound',
  exclusiveMinimum: 'lower-bound',
  minLength: 'lower-bound',
  minItems: 'lower-bound',
  minProperties: 'lower-bound',
  maximum: 'upper-bound',
  exclusiveMaximum: 'upper-bound',
  maxLength: 'upper-bound',
  maxItems: 'upper-bound',
  maxProperties: 'upper-bound',
  pattern: 'exact',
  format: 'exact',
  multipleOf: 'exact',
  uniqueItems: 'flag',
};

export function readConstraints(schema: JsonObject): Map<string, Constraint> {
  const found = new Map<string, Constraint>();
  for (const keyword of Object.keys(constraintKinds)) {
    const value = schema[keyword];
    if (typeof value === 'number' || typeof value === 'string' || value === true) found.set(keyword, value);
  }
  return found;
}

/** The constraint that holds when both do: the tighter bound, or both texts. */
export function mergeConstraint(keyword: string, left: Constraint | undefined, right: Constraint): Constraint {
  if (left === undefined || left === right) return right;
  if (typeof left === 'number' && typeof right === 'number' && constraintKinds[keyword] === 'lower-bound') return Math.max(left, right);
  if (typeof left === 'number' && typeof right === 'number' && constraintKinds[keyword] === 'upper-bound') return Math.min(left, right);
  return [String(left), String(right)].sort().join(' and ');
}

export function compareConstraints(
  base: ReadonlyMap<string, Constraint>,
  current: ReadonlyMap<string, Constraint>,
  direction: Direction,
  where: string,
): Change[] {
  return [...new Set([...base.keys(), ...current.keys()])].flatMap((keyword) => {
    const before = base.get(keyword);
    const after = current.get(keyword);
    if (before === after) return [];
    const message = `${keyword} was ${show(before)} and is ${show(after)}.`;
    if (before === undefined || (after !== undefined && isTighter(keyword, before, after)))
      return [narrowed(direction, 'constraint', where, message)];
    if (after === undefined || isTighter(keyword, after, before)) return [widened(direction, 'constraint', where, message)];
    return [breaking(`${direction}-constraint-changed`, where, `${message} Neither contains the other.`)];
  });
}

function isTighter(keyword: string, before: Constraint, after: Constraint): boolean {
  if (typeof before !== 'number' || typeof after !== 'number') return false;
  if (constraintKinds[keyword] === 'lower-bound') return after > before;
  if (constraintKinds[keyword] === 'upper-bound') return after < before;
  // Every multiple of 10 is a multiple of 5.
  return keyword === 'multipleOf' && after % before === 0;
}
