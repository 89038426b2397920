import { additive, breaking, narrowed, show, widened, type Change } from './change.ts';
import { compareAcrossUnion, compareUnions } from './compare-unions.ts';
import { compareAdditional, compareFields } from './compare-fields.ts';
import { compareConstraints } from './constraints.ts';
import { compareValues } from './compare-values.ts';
import type { Comparison } from './comparison.ts';
import { canonical } from './document.ts';
import { atomOf, effective, type EffectiveSchema, type SchemaAtom } from './effective-schema.ts';
import { showTypes, typesNotIn } from './json-types.ts';

/**
 * Compares two schema nodes of the two documents in one direction. `where` names the place when neither stands in a component.
 * A pair that has been compared in this direction gives no changes again. Throws UnresolvedRefError.
 */
export function compareSchemas(base: unknown, current: unknown, where: string, comparison: Comparison): Change[] {
  return compareAtoms(atomOf(comparison.baseline, base, where), atomOf(comparison.current, current, where), comparison);
}

function compareAtoms(baseAtoms: readonly SchemaAtom[], currentAtoms: readonly SchemaAtom[], comparison: Comparison): Change[] {
  if (!comparison.seen.isNew(comparison.direction, comparison.field, baseAtoms, currentAtoms)) return [];
  const base = effective(comparison.baseline, baseAtoms);
  const current = effective(comparison.current, currentAtoms);
  if (base.unions.length !== current.unions.length) {
    if (Math.min(base.unions.length, current.unions.length) > 0)
      return [breaking(`${comparison.direction}-type-changed`, base.at, 'The alternatives were restructured; compatibility cannot be shown.')];
    return compareAcrossUnion(base, baseAtoms, current, currentAtoms, comparison, compareAtoms);
  }
  return [
    ...compareTypes(base, current, comparison),
    ...compareValues(base, current, comparison),
    ...compareConstraints(base.constraints, current.constraints, comparison.direction, base.at),
    ...compareFields(base, current, comparison, compareAtoms),
    ...compareAdditional(base, current, comparison, compareAtoms),
    ...compareItems(base, current, comparison),
    ...compareUnions(base, current, comparison, compareAtoms),
    ...compareOpaque(base, current, comparison),
    ...compareDefault(base, current, comparison),
  ];
}

function compareTypes(base: EffectiveSchema, current: EffectiveSchema, { direction }: Comparison): Change[] {
  const lost = typesNotIn(base.types, current.types);
  const gained = typesNotIn(current.types, base.types);
  const message = `The type was ${showTypes(base.types)} and is ${showTypes(current.types)}.`;
  if (lost.length > 0 && gained.length > 0) return [breaking(`${direction}-type-changed`, base.at, message)];
  if (lost.length > 0) return [narrowed(direction, 'type', base.at, message)];
  return gained.length > 0 ? [widened(direction, 'type', base.at, message)] : [];
}

function compareItems(base: EffectiveSchema, current: EffectiveSchema, comparison: Comparison): Change[] {
  if (base.items === undefined && current.items === undefined) return [];
  // Compared without descending: a fresh "any" at every level would follow a cyclic schema for ever.
  if (base.items === undefined) return [narrowed(comparison.direction, 'items', base.at, 'The items were of any kind and are constrained now.')];
  if (current.items === undefined) return [widened(comparison.direction, 'items', base.at, 'The items were constrained and are of any kind now.')];
  return compareAtoms(base.items, current.items, comparison);
}

/** Keywords like `if` or `not` are compared as text: no edit of theirs can be shown to be safe. */
function compareOpaque(base: EffectiveSchema, current: EffectiveSchema, { direction }: Comparison): Change[] {
  const keywords = new Set([...base.opaque.keys(), ...current.opaque.keys()]);
  return [...keywords]
    .filter((keyword) => base.opaque.get(keyword) !== current.opaque.get(keyword))
    .map((keyword) => breaking(`${direction}-constraint-changed`, base.at, `${keyword} changed; compatibility cannot be shown.`));
}

/** A default is what a caller who says nothing has asked for. */
function compareDefault(base: EffectiveSchema, current: EffectiveSchema, { direction }: Comparison): Change[] {
  if (canonical(base.defaultValue) === canonical(current.defaultValue)) return [];
  const message = `The default was ${show(base.defaultValue)} and is ${show(current.defaultValue)}.`;
  const safe = direction === 'response' || base.defaultValue === undefined;
  return [(safe ? additive : breaking)(`${direction}-default-changed`, base.at, message)];
}
