import { additive, breaking, hasBreaking, type Change } from './change.ts';
import type { CompareAtoms, Comparison } from './comparison.ts';
import { canonical, objectAt } from './document.ts';
import type { EffectiveSchema, SchemaAtom } from './effective-schema.ts';

type Pair = readonly [SchemaAtom, SchemaAtom];

/** Compares the branches of `oneOf`/`anyOf` when both sides have the same number of such keywords. */
export function compareUnions(base: EffectiveSchema, current: EffectiveSchema, comparison: Comparison, compareAtoms: CompareAtoms): Change[] {
  return base.unions.flatMap((branches, index) => compareBranches(branches, current.unions[index] ?? [], comparison, compareAtoms));
}

function compareBranches(before: readonly SchemaAtom[], after: readonly SchemaAtom[], comparison: Comparison, compareAtoms: CompareAtoms): Change[] {
  const { direction } = comparison;
  const { pairs, removed, added } = pairBranches(before, after);
  return [
    ...pairs.flatMap(([left, right]) => compareAtoms([left], [right], comparison)),
    ...removed.map((branch) => breaking(`${direction}-variant-removed`, branch.at, 'This alternative was removed.')),
    ...added.map((branch) =>
      (direction === 'response' ? breaking : additive)(`${direction}-variant-added`, branch.at, 'This alternative was added.'),
    ),
  ];
}

/** Branches match by what a reader would recognise them by; what is left over is paired in order, as an edit and not a replacement. */
function pairBranches(before: readonly SchemaAtom[], after: readonly SchemaAtom[]): { pairs: Pair[]; removed: SchemaAtom[]; added: SchemaAtom[] } {
  const pairs: Pair[] = [];
  let left = [...before];
  let right = [...after];
  for (const identify of [componentOf, discriminatingConst, titleOf, (atom: SchemaAtom) => canonical(atom.schema)]) {
    for (const branch of left) {
      const mark = identify(branch);
      const match = mark === undefined ? undefined : right.find((other) => identify(other) === mark);
      if (match === undefined) continue;
      pairs.push([branch, match]);
      left = left.filter((other) => other !== branch);
      right = right.filter((other) => other !== match);
    }
  }
  const edited = Math.min(left.length, right.length);
  const inOrder = left.slice(0, edited).flatMap((branch, index) => (right[index] === undefined ? [] : [[branch, right[index]] as const]));
  return { pairs: [...pairs, ...inOrder], removed: left.slice(edited), added: right.slice(edited) };
}

const componentOf = ({ at }: SchemaAtom): string | undefined => (/^#\/components\/schemas\/[^/]+$/.test(at) ? at : undefined);

const titleOf = ({ schema }: SchemaAtom): string | undefined => (typeof schema['title'] === 'string' ? schema['title'] : undefined);

function discriminatingConst({ schema }: SchemaAtom): string | undefined {
  const fixed = Object.entries(objectAt(schema, 'properties')).flatMap(([name, node]) => {
    const value = objectAt({ node }, 'node')['const'];
    return value === undefined ? [] : [`${name}=${canonical(value)}`];
  });
  return fixed.length === 0 ? undefined : fixed.sort().join('&');
}

/**
 * One side is a union and the other a single schema. Values may only be lost in a response and only be gained in a
 * request: so the single schema must fit a branch, or every branch must fit the single schema.
 */
export function compareAcrossUnion(
  base: EffectiveSchema,
  baseAtoms: readonly SchemaAtom[],
  current: EffectiveSchema,
  currentAtoms: readonly SchemaAtom[],
  comparison: Comparison,
  compareAtoms: CompareAtoms,
): Change[] {
  const { direction } = comparison;
  const becameUnion = base.unions.length === 0;
  const branches = (becameUnion ? current.unions : base.unions)[0] ?? [];
  const trials = branches.map((branch) =>
    compareAtoms(becameUnion ? baseAtoms : [branch], becameUnion ? [branch] : currentAtoms, { ...comparison, seen: comparison.seen.fork() }),
  );
  const someFits = trials.some((changes) => !hasBreaking(changes));
  const allFit = trials.every((changes) => !hasBreaking(changes));
  if (becameUnion && direction === 'request' && someFits)
    return [additive('request-variant-added', base.at, 'Alternatives were added beside the schema that stood here.')];
  if (!becameUnion && direction === 'response' && someFits)
    return [breaking('response-variant-removed', base.at, 'Only one of the alternatives that stood here is left.')];
  if (!becameUnion && direction === 'request' && allFit)
    return [additive('request-variants-folded', base.at, 'The alternatives were folded into one schema that accepts them all.')];
  const how = becameUnion ? 'One schema became several alternatives' : 'Several alternatives became one schema';
  return [
    breaking(`${direction}-type-changed`, base.at, `${how}, and what was ${direction === 'request' ? 'accepted' : 'promised'} before no longer is.`),
  ];
}
