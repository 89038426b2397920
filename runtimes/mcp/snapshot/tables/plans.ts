import type { PlanItem, PlanSubscriptionItem } from '@stoa/generated/schemas.ts';
import { VersionedMap } from '@stoa/lib/versioned-map.ts';
import type { Assessment, PlanEntry } from '../../model.ts';
import { assessPlan, limitsOfPlan } from '../policies.ts';
import type { EnforcedAt } from '../policies.ts';
import type { Uses } from './claims.ts';
import { Pairs } from './pairs.ts';

/** What consumers are offered together, who takes it, and what limits them. */
export class PlanTable {
  readonly plans = new VersionedMap<string, PlanEntry>();
  readonly subscriptions = new Pairs();
  readonly #subscribers = new Map<string, Map<string, number>>();
  readonly #assessments = new Map<string, Assessment>();
  readonly #at: EnforcedAt;
  readonly #limits: Uses;
  /** Told of each consumer whose permissions may be others. */
  readonly #concern: (consumerId: string) => void;

  /** `limits` keeps the names of what is counted. */
  constructor(at: EnforcedAt, limits: Uses, concern: (consumerId: string) => void) {
    this.#at = at;
    this.#limits = limits;
    this.#concern = concern;
  }

  replace(before: PlanItem | undefined, after: PlanItem | undefined): void {
    const former = before && this.plans.get(before.plan_id);
    const assessment = after && assessPlan(after, this.#at);
    const entry = after && entryOf(after, assessment?.state !== 'rejected');
    if (before !== undefined) this.#assessments.delete(before.id);
    if (former !== undefined && before?.plan_id !== after?.plan_id) this.plans.delete(former.id);
    if (after !== undefined && assessment !== undefined) this.#assessments.set(after.id, assessment);
    if (entry !== undefined) this.plans.set(entry.id, entry);
    for (const { policyId } of entry?.limits ?? []) this.#limits.add(policyId);
    for (const { policyId } of former?.limits ?? []) this.#limits.delete(policyId);
    if (former?.access === entry?.access) return;
    for (const plan of [former, entry]) for (const consumerId of this.#subscribers.get(plan?.id ?? '')?.keys() ?? []) this.#concern(consumerId);
  }

  replaceSubscription(before: PlanSubscriptionItem | undefined, after: PlanSubscriptionItem | undefined): void {
    if (before !== undefined) this.#count(before, -1);
    if (after !== undefined) this.#count(after, 1);
  }

  #count({ consumer_id: consumerId, plan_id: planId }: PlanSubscriptionItem, by: 1 | -1): void {
    this.#concern(consumerId);
    this.subscriptions.count(consumerId, planId, by);
    const subscribers = this.#subscribers.get(planId) ?? new Map<string, number>();
    const count = (subscribers.get(consumerId) ?? 0) + by;
    if (count > 0) subscribers.set(consumerId, count);
    else subscribers.delete(consumerId);
    if (subscribers.size > 0) this.#subscribers.set(planId, subscribers);
    else this.#subscribers.delete(planId);
  }

  /** What is to be said of a plan as a whole. */
  assessmentOf(itemId: string): Assessment | undefined {
    return this.#assessments.get(itemId);
  }
}

function entryOf(item: PlanItem, isEnforceable: boolean): PlanEntry {
  const apis = new Set(item.api_ids);
  const access = `${isEnforceable ? '' : 'closed '}${[...apis].sort().join(' ')}`;
  return { id: item.plan_id, apis, access, limits: isEnforceable ? limitsOfPlan(item) : undefined };
}
