import type { ManagedObject, PlanInput } from '../../engine/model.ts';
import type { GraviteeObserved } from './observed.ts';

const isExposure = ({ kind }: ManagedObject): boolean => kind === 'api' || kind === 'deployment';

/**
 * Puts held APIs back to what was last applied, under their policies as they are now: a rejected revision must not end the good one before it (lesson 16), nor may it keep a policy from
 * taking effect.
 */
export function holdBack(
  { desired, lastApplied, observed, refused }: PlanInput<GraviteeObserved>,
  held: ReadonlySet<string>,
): readonly ManagedObject[] {
  const fit = desired.filter(({ id }) => !refused.has(id));
  if (held.size === 0) return fit;
  const now = new Map(fit.map((object) => [object.id, object]));
  const before = lastApplied
    .filter((object) => held.has(object.owner) && isExposure(object))
    .map((object): ManagedObject => {
      const wanted = now.get(object.id);
      if (wanted === undefined) return object;
      const cors = object.kind === 'api' ? { cors: wanted.fields['cors'] } : {};
      return { ...object, alsoFor: wanted.alsoFor, fields: { ...object.fields, ...cors } };
    });
  const known = new Set(before.map(({ id }) => id));
  // Of one that nothing remembers, the policies still have to be put live.
  const isKept = ({ kind, id, fields }: ManagedObject): boolean =>
    kind === 'deployment' && !known.has(id) && observed.apis.has(String(fields['api']));
  return [...fit.filter((object) => !held.has(object.owner) || !isExposure(object) || isKept(object)), ...before];
}
