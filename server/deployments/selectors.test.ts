import { describe, expect, it } from 'vitest';
import { isChosen, keyOfClass, SelectorIndex } from './selectors.ts';
import type { Recipient } from './selectors.ts';

const recipient = (more: Partial<Recipient> = {}): Recipient => ({
  environment: 'production',
  instance_name: 'a',
  gateway_mode: 'edge_mcp',
  labels: { tier: 'gold', region: 'eu' },
  features: ['subscriptions'],
  ...more,
});

describe('targets', () => {
  it.each([
    [{}, true],
    [{ instance_names: ['b', 'a'] }, true],
    [{ instance_names: ['b'] }, false],
    [{ modes: ['sidecar'] }, false],
    [{ environments: ['production'] }, true],
    [{ labels: { tier: 'gold' } }, true],
    [{ labels: { tier: 'gold', region: 'us' } }, false],
    [{ instance_names: ['a'], environments: ['staging'] }, false],
    [{ labels: { toString: 'x' } }, false],
  ] as const)('%j choose a gateway: %s', (targets, chosen) => {
    expect(isChosen(structuredClone(targets) as Parameters<typeof isChosen>[0], recipient())).toBe(chosen);
  });
});

describe('the class of a gateway', () => {
  const classWith = (index: SelectorIndex, more: Partial<Recipient> = {}) => keyOfClass(index.classOf(recipient(more)));

  it('is the same for all of a mode and an environment, whatever is deployed to all of these', () => {
    const index = new SelectorIndex();
    const before = classWith(index);
    index.use({ environments: ['production'] });
    index.use({ modes: ['edge_mcp'] });
    expect([classWith(index), classWith(index, { instance_name: 'b', labels: {} })]).toEqual([before, before]);
    for (const other of [{ environment: 'staging' }, { gateway_mode: 'connect' }, { features: [] }]) expect(classWith(index, other)).not.toBe(before);
  });

  it('is another one while some deployment tells the gateway from others, however many have the same targets', () => {
    const index = new SelectorIndex();
    const before = classWith(index);
    const { selector } = index.use({ instance_names: ['a', 'c'] });
    expect(index.use({ instance_names: ['a', 'c'] })).toEqual({ selector, isNew: false });
    index.use({ labels: { tier: 'silver' } });
    expect(classWith(index)).not.toBe(before);
    expect([classWith(index, { instance_name: 'c' }), classWith(index, { instance_name: 'b' })]).toEqual([classWith(index), before]);
    expect([index.release(selector), classWith(index) === before]).toEqual([false, false]);
    expect([index.release(selector), classWith(index) === before]).toEqual([true, true]);
  });
});
