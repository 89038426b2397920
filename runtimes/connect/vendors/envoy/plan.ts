import { mismatch } from '../../engine/compare.ts';
import type { ComparisonRules } from '../../engine/compare.ts';
import type { Inspected, ManagedObject, Marked, PlanInput, WritePlan } from '../../engine/model.ts';
import { planDocument } from '../../engine/plan-document.ts';
import { render } from './document.ts';
import type { EnvoyFrame, EnvoyFiles } from './document.ts';
import type { EnvoyObserved } from './fetch.ts';
import { isFilterKind } from './model.ts';
import type { FilterKind, EnvoyGuard } from './model.ts';

/** All that is ours, whole, and by which filters it is guarded, each with the guards that need it. */
export type EnvoyWrite = { readonly rendered: EnvoyFiles; readonly needs: ReadonlyMap<FilterKind, readonly string[]> };

// What a header is set to may be a secret, and keys are.
const rules: ComparisonRules = { unordered: new Set(), confidential: new Set(['config', 'configs', 'keys']) };

/** All that is ours is written at once. Pure. */
export function planEnvoy(input: PlanInput<EnvoyObserved>, frame: EnvoyFrame): WritePlan<EnvoyWrite> {
  return planDocument(input, {
    gateway: inspectEnvoy(input.observed),
    roleOf: ({ kind }) => (kind === 'route' ? 'exposure' : kind === 'guard' ? 'guard' : 'caller'),
    payloadOf: (target) => ({ rendered: render(target, frame), needs: needsOf(target) }),
  });
}

function needsOf(objects: readonly ManagedObject[]): ReadonlyMap<FilterKind, readonly string[]> {
  const needed = objects.flatMap(({ kind, id, fields }) => {
    const guard = (fields as unknown as EnvoyGuard).kind;
    return kind === 'guard' && isFilterKind(guard) ? [{ guard, id }] : [];
  });
  return new Map([...Map.groupBy(needed, ({ guard }) => guard)].map(([guard, list]) => [guard, list.map(({ id }) => id)]));
}

export function inspectEnvoy({ objects, isAltered, isUnserved, filters }: EnvoyObserved): Inspected<ManagedObject> {
  const extra = (label: string): Marked => ({ id: `envoy ${label}`, itemId: undefined, label });
  const open = [...needsOf([...objects.values()]).keys()].filter((kind) => !filters.has(kind));
  return {
    find: (_kind, id) => objects.get(id),
    mismatch: ({ fields }, found) => mismatch(fields, found.fields, 'drift', rules),
    marked: [
      ...[...objects.values()].map(({ id, owner, label }) => ({ id, itemId: owner, label })),
      ...(isAltered ? [extra('something in its files that STOA Connect did not write')] : []),
      ...(isUnserved ? [extra('an Envoy that answers by something else than its files say')] : []),
      ...open.map((kind) => extra(`a listener that has no filter for ${kind}`)),
    ],
  };
}
