import type { GatewayAdapter, ManagedObject, PlanInput, WritePlan } from './model.ts';

/** The items that a change of the configuration is about. */
export type ChangeScope = ReadonlySet<string>;

/** What a configuration changes: what is to be and is not as it was applied, and what was applied and is not to be. Goes by identity. */
export function touchedBy(desired: readonly ManagedObject[], lastApplied: readonly ManagedObject[]): ManagedObject[] {
  const before = new Set(lastApplied);
  const wanted = new Set(desired);
  return [...desired.filter((object) => !before.has(object)), ...lastApplied.filter((object) => !wanted.has(object))];
}

/**
 * The plan for the items in scope; for everything without one. What is outside is as it was applied: it is neither looked at nor written, and is part of the target, so that the
 * cost of a change follows the change. The plan over everything stays the one of each look at the whole gateway.
 */
export function planWithin<Observed>(adapter: GatewayAdapter<Observed>, input: PlanInput<Observed>, scope: ChangeScope | undefined): WritePlan {
  if (scope === undefined || adapter.narrow === undefined) return adapter.plan(input);
  const outside: ManagedObject[] = [];
  const lastApplied: ManagedObject[] = [];
  for (const object of input.lastApplied) (scope.has(object.owner) ? lastApplied : outside).push(object);
  const desired = input.desired.filter(({ owner }) => scope.has(owner));
  const observed = adapter.narrow(input.observed, outside);
  if (observed === undefined) return adapter.plan(input);
  const plan = adapter.plan({ ...input, desired, lastApplied, observed, everything: input.desired });
  return { ...plan, target: [...outside, ...plan.target] };
}
