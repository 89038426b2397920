import type { LimitPolicy, OperationEntry } from '../model.ts';
import { windowKey, windowKeys } from './limit-table.ts';
import type { WindowClock, WindowKey } from './limit-table.ts';
import { isSmooth } from './smooth-limits.ts';

type Variant = number | string | undefined;
type Keys = { readonly variant: Variant; readonly bySubject: Map<string, WindowKey> };

/** What is called. */
export type Called = Pick<OperationEntry, 'operationId'> & { readonly api: Pick<OperationEntry['api'], 'id'> };

const maxKeysKept = 10_000;

/** What of a policy begins a new window when it is edited; a quota's period may be edited within one. */
export function variantOf(policy: LimitPolicy): Variant {
  if (policy.kind === 'quota') return policy.unit;
  const { windowS, algorithm } = policy;
  return algorithm === undefined ? windowS : `${windowS} ${algorithm}`;
}

/** Whose calls a policy counts together with this one. Throws where what is called counts and is not known: what cannot be counted must not be let through. */
export function subjectOf({ limitBy, name }: LimitPolicy, consumerId: string, called: Called | undefined): string {
  if (limitBy === undefined) return consumerId;
  if (limitBy === 'tenant') return 'tenant';
  if (called === undefined) throw new Error(`The policy ${name} counts by what is called, and that is not known.`);
  const { operationId, api } = called;
  const subjects = { consumer_and_tool: [consumerId, api.id, operationId], tool: [api.id, operationId], api: [api.id] };
  return JSON.stringify(subjects[limitBy]);
}

/** The key of a window of this name. */
export const keyFor = (policy: LimitPolicy, name: string, clock: WindowClock): WindowKey =>
  isSmooth(policy) ? windowKeys(name, 'monotonic') : windowKey(name, clock);

/** The keys of windows, of which each is made once: that costs as much as all that is counted with it. */
export class WindowKeys {
  readonly #make: (policy: LimitPolicy, subject: string) => WindowKey;
  readonly #keys = new Map<string, Keys>();

  constructor(make: (policy: LimitPolicy, subject: string) => WindowKey) {
    this.#make = make;
  }

  of(policy: LimitPolicy, consumerId: string, called: Called | undefined): WindowKey {
    const variant = variantOf(policy);
    const subject = subjectOf(policy, consumerId, called);
    let known = this.#keys.get(policy.policyId);
    if (known === undefined || known.variant !== variant) this.#keys.set(policy.policyId, (known = { variant, bySubject: new Map() }));
    let key = known.bySubject.get(subject);
    if (key === undefined) {
      if (known.bySubject.size >= maxKeysKept) known.bySubject.clear();
      key = this.#make(policy, subject);
      known.bySubject.set(subject, key);
    }
    return key;
  }

  retain(policyIds: Pick<ReadonlySet<string>, 'has'>): void {
    for (const policyId of this.#keys.keys()) if (!policyIds.has(policyId)) this.#keys.delete(policyId);
  }
}
