import type { Applied, ManagedObject, WritePlan } from './model.ts';

/** Last applied, as the writes left it. What was found as desired counts too: an earlier process may have written it. */
export function remember(lastApplied: readonly ManagedObject[], plan: WritePlan, { done, failed, skipped }: Applied): readonly ManagedObject[] {
  const pending = new Set([...failed.map(({ change }) => change), ...skipped].map(({ object }) => object.id));
  // An object may be written more than once; the last write counts.
  const last = new Map(done.map((change) => [change.object.id, change]));
  // Of what was to change and did not, the last known state is still the last applied.
  const kept = pending.size === 0 ? [] : lastApplied.filter(({ id }) => pending.has(id));
  const remembered: ManagedObject[] = [];
  const take = (object: ManagedObject): void => {
    const change = last.get(object.id);
    if (change?.action === 'delete') return;
    const isPart = change?.action === 'patch' && change.object !== object;
    remembered.push(isPart ? { ...object, fields: { ...object.fields, ...change.object.fields } } : object);
  };
  kept.forEach(take);
  for (const object of plan.target) if (!pending.has(object.id)) take(object);
  return remembered;
}
