import { additive, breaking, narrowed, widened, type Change } from './change.ts';
import type { CompareAtoms, Comparison } from './comparison.ts';
import { escapePointer, type OpenApiDocument } from './document.ts';
import { effective, type EffectiveSchema, type SchemaAtom } from './effective-schema.ts';

/** Compares the fields of two objects: lost, gained, required, and what each may hold. */
export function compareFields(base: EffectiveSchema, current: EffectiveSchema, comparison: Comparison, compareAtoms: CompareAtoms): Change[] {
  const { direction } = comparison;
  const before = fieldsOf(comparison.baseline, base, comparison);
  const after = fieldsOf(comparison.current, current, comparison);
  const removed = [...before.keys()].filter((name) => !after.has(name));
  const added = [...after.keys()].filter((name) => !before.has(name));
  const kept = [...before.keys()].filter((name) => after.has(name));
  return [
    ...removed.map((name) => breaking(`${direction}-field-removed`, at(base, name), removedMessage(name, added))),
    ...added.flatMap((name) => addedField(name, after.get(name) ?? [], base, current, comparison, compareAtoms)),
    ...kept.flatMap((name) => [
      ...requiredChange(name, base, current, comparison),
      ...compareAtoms(before.get(name) ?? [], after.get(name) ?? [], { ...comparison, field: name }),
    ]),
    ...namelessRequired(base, current, comparison, new Set([...added, ...kept])),
  ];
}

const at = (schema: EffectiveSchema, name: string): string =>
  schema.properties.get(name)?.[0]?.mentionedAt ?? `${schema.at}/properties/${escapePointer(name)}`;

const removedMessage = (name: string, added: readonly string[]): string =>
  added.length === 0
    ? `The field ${name} was removed.`
    : `The field ${name} was removed; if it was renamed (${added.join(', ')} is new), keep the old name beside it.`;

/** A field the other side never sends in this direction is no part of the comparison (OpenAPI 3.1: readOnly, writeOnly). */
function fieldsOf(document: OpenApiDocument, schema: EffectiveSchema, { direction }: Comparison): Map<string, readonly SchemaAtom[]> {
  return new Map(
    [...schema.properties].filter(([, atoms]) => {
      const { readOnly, writeOnly } = effective(document, atoms);
      return direction === 'request' ? !readOnly : !writeOnly;
    }),
  );
}

/** A reader that was made from the old document holds a new field of an answer against what stood beside the fields that it knows. */
function addedField(
  name: string,
  atoms: readonly SchemaAtom[],
  base: EffectiveSchema,
  current: EffectiveSchema,
  comparison: Comparison,
  compareAtoms: CompareAtoms,
): Change[] {
  const { direction } = comparison;
  const where = at(current, name);
  if (direction === 'request' && current.required.has(name) && !base.required.has(name)) {
    return [breaking('request-required-field-added', where, `The new field ${name} is required: a client that does not know it would be refused.`)];
  }
  if (direction === 'response' && base.additional === 'closed') {
    return [
      breaking(
        'response-field-added-to-closed',
        where,
        `The field ${name} is new in an object that was closed: a reader that does not know it refuses it.`,
      ),
    ];
  }
  const asOther = direction === 'response' && typeof base.additional !== 'string' ? compareAtoms(base.additional, atoms, comparison) : [];
  return [additive(`${direction}-field-added`, where, `The field ${name} is new.`), ...asOther];
}

function requiredChange(name: string, base: EffectiveSchema, current: EffectiveSchema, { direction }: Comparison): Change[] {
  const before = base.required.has(name);
  const after = current.required.has(name);
  if (before === after) return [];
  const where = at(base, name);
  if (after) {
    return [
      direction === 'request'
        ? breaking('request-field-became-required', where, `The field ${name} was optional and is required.`)
        : additive('response-field-became-required', where, `The field ${name} is now always returned.`),
    ];
  }
  return [
    direction === 'response'
      ? breaking('response-field-became-optional', where, `The field ${name} was always returned and may now be absent.`)
      : additive('request-field-became-optional', where, `The field ${name} is no longer required.`),
  ];
}

/** `required` may name a field that `properties` does not describe; it binds the caller all the same. */
function namelessRequired(base: EffectiveSchema, current: EffectiveSchema, { direction }: Comparison, described: ReadonlySet<string>): Change[] {
  if (direction === 'response') return [];
  return [...current.required]
    .filter((name) => !base.required.has(name) && !described.has(name) && !current.properties.has(name))
    .map((name) => breaking('request-required-field-added', at(current, name), `The field ${name} is now required.`));
}

/** Compares what may stand beside the named fields. */
export function compareAdditional(base: EffectiveSchema, current: EffectiveSchema, comparison: Comparison, compareAtoms: CompareAtoms): Change[] {
  const before = base.additional;
  const after = current.additional;
  if (before === after) return [];
  if (typeof before !== 'string' && typeof after !== 'string') return compareAtoms(before, after, comparison);
  const change = before === 'open' || after === 'closed' ? narrowed : widened;
  const message =
    change === narrowed
      ? 'Fields that are not named here were allowed and are no longer, or no longer of any type.'
      : 'Fields that are not named here are now allowed, or of more types.';
  return [change(comparison.direction, 'additional-properties', base.at, message)];
}
