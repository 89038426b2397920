import { describe, expect, it } from 'vitest';
import { api, consumer, gatewayId, policyOn } from './testing/fake-control-plane.ts';
import { assembleState } from './verified-state.ts';
import { holdWhole } from './whole-form.ts';
import { wholeItems } from './whole-items.ts';

/** A state of these items, as a runtime that starts is given it. */
const stateOf = (items: readonly unknown[]) => {
  const signature = { key_id: 'key-1', algorithm: 'ed25519', value: '' } as const;
  return assembleState({ gateway_id: gatewayId, generation: 1, hash: '', signature, held: holdWhole(items, []).held });
};

const guarded = api('guarded');
const policy = policyOn(guarded);
const rejectedIds = (...items: unknown[]): string[] =>
  stateOf(items)
    .rejected.map(({ id }) => id)
    .sort();
const reasonsFor = (item: unknown): string =>
  stateOf([item])
    .rejected.map(({ reason }) => reason)
    .join();

describe('an item that is not understood', () => {
  it.each<[what: string, item: unknown, reason: string]>([
    ['a new kind of item', { id: 'portal:1', kind: 'portal' }, 'does not know items of kind "portal"'],
    ['no kind at all', { id: 'x' }, 'does not know items of kind none'],
    ['no object', 5, 'does not know items of kind none'],
    ['a kind that every object has', { id: 'x', kind: 'constructor' }, 'does not know items of kind "constructor"'],
    ['a new kind of policy', { ...policy, policy: { kind: 'mirror', config: {} } }, 'does not know policies of kind "mirror"'],
    [
      'a new field of a policy',
      { ...policy, policy: { ...policy.policy, scope: 'all' } },
      '/policy has the field "scope", which this runtime does not know',
    ],
    ['a new value', { ...policy, policy: { kind: 'quota', config: { limit: 1, period: 'week' } } }, '/policy/config/period must be equal to one of'],
    ['a policy without APIs', { ...policy, api_ids: undefined }, "must have required property 'api_ids'"],
    ['a consumer without keys', { ...consumer('bob'), keys: undefined }, "must have required property 'keys'"],
  ])('is rejected alone, and the reason names it: %s', (_, item, reason) => {
    expect(reasonsFor(item)).toContain(reason);
    expect(wholeItems(stateOf([consumer('alice'), item, consumer('carol')]))).toEqual([consumer('alice'), consumer('carol')]);
  });

  it('takes the APIs along that it guards: a policy those that it names, wherever they stand', () => {
    const newer = { ...policy, policy: { kind: 'mirror', config: {} } };
    expect(rejectedIds(newer, guarded, api('open'))).toEqual([guarded.id, newer.id]);
    expect(rejectedIds(guarded, api('open'), newer)).toEqual([guarded.id, newer.id]);
  });

  it('takes all APIs along when it is a policy that does not say where it applies', () => {
    expect(rejectedIds({ ...policy, api_ids: 'all' }, guarded, api('open'))).toHaveLength(3);
    expect(rejectedIds({ ...policy, api_ids: [5] }, guarded, api('open'))).toHaveLength(3);
  });

  it('takes the APIs along that a plan limits, and all of them when it cannot be said whom it limits', () => {
    const plan = { id: 'plan:1', kind: 'plan', name: 'gold', api_ids: [guarded.api_id], policies: 5 };
    expect(rejectedIds(plan, guarded, api('open'))).toEqual([guarded.id, plan.id]);
    const subscription = { id: 'subscription:1', kind: 'plan_subscription' };
    expect(rejectedIds(subscription, guarded, api('open'))).toHaveLength(3);
    expect(rejectedIds({ ...subscription, kind: 'subscription' }, guarded)).toEqual([subscription.id]);
  });

  it('takes the APIs along that an item of an unknown kind applies to', () => {
    expect(rejectedIds({ id: 'portal:1', kind: 'portal', api_ids: [guarded.api_id] }, guarded, api('open'))).toEqual([guarded.id, 'portal:1']);
  });

  it('that lets somebody in, as a consumer does, leaves the APIs where they are', () => {
    expect(rejectedIds({ ...consumer('bob'), name: 5, api_ids: [guarded.api_id] }, guarded)).toEqual([consumer('bob').id]);
  });

  it('is named by its place when it has no id', () => {
    expect(rejectedIds(consumer('alice'), { kind: 'portal' }, { kind: 'portal', id: 'x'.repeat(129) })).toEqual(['items/1', 'items/2']);
  });
});
