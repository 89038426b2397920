import type { LimitPolicy } from '../model.ts';
import type { WindowKey } from './limit-table.ts';

type Keys = { readonly windowS: number | undefined; readonly byConsumer: Map<string, WindowKey> };

const maxKeysKept = 10_000;

/** The edit of a rate's window begins a new one; a quota's period may be edited within one. */
export const windowOfRate = (policy: LimitPolicy): number | undefined => (policy.kind === 'rate_limit' ? policy.windowS : undefined);

/** The keys of windows, of which each is made once: that costs as much as all that is counted with it. */
export class WindowKeys {
  readonly #make: (policy: LimitPolicy, consumerId: string) => WindowKey;
  readonly #keys = new Map<string, Keys>();

  constructor(make: (policy: LimitPolicy, consumerId: string) => WindowKey) {
    this.#make = make;
  }

  of(policy: LimitPolicy, consumerId: string): WindowKey {
    const windowS = windowOfRate(policy);
    let known = this.#keys.get(policy.policyId);
    if (known === undefined || known.windowS !== windowS) this.#keys.set(policy.policyId, (known = { windowS, byConsumer: new Map() }));
    let key = known.byConsumer.get(consumerId);
    if (key === undefined) {
      if (known.byConsumer.size >= maxKeysKept) known.byConsumer.clear();
      key = this.#make(policy, consumerId);
      known.byConsumer.set(consumerId, key);
    }
    return key;
  }

  retain(policyIds: Pick<ReadonlySet<string>, 'has'>): void {
    for (const policyId of this.#keys.keys()) if (!policyIds.has(policyId)) this.#keys.delete(policyId);
  }
}
