import type { Applied, ManagedObject, WritePlan } from './model.ts';

/** Last applied, as the writes left it. What was found as desired counts too: an earlier process may have written it. */
export function remember(lastApplied: readonly ManagedObject[], plan: WritePlan, { done, failed, skipped }: Applied): readonly ManagedObject[] {
  const pending = new Set([...failed.map(({ change }) => change), ...skipped].map(({ object }) => object.id));
  // An object may be written more than once; the last write counts.
  const last = new Map(done.map((change) => [change.object.id, change]));
  const isThere = ({ id }: ManagedObject): boolean => last.get(id)?.action !== 'delete';
  // Of what was to change and did not, the last known state is still the last applied.
  const kept = pending.size === 0 ? [] : lastApplied.filter(({ id }) => pending.has(id));
  return [...kept, ...plan.target.filter(({ id }) => !pending.has(id))].filter(isThere).map((object) => {
    const change = last.get(object.id);
    return change?.action === 'patch' && change.object !== object ? { ...object, fields: { ...object.fields, ...change.object.fields } } : object;
  });
}
