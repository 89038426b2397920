import { describe, expect, it } from 'vitest';
import { mcpServerItem } from '../../federation/testing/gateway.ts';
import { servedOffers } from './pinning.ts';

const offer = (name: string) => ({ kind: 'tool' as const, name, sha256: name, text: JSON.stringify({ name }) });
const approved = Array.from({ length: 4_999 }, (_, n) => ({ kind: 'tool' as const, name: `kept-${n}`, sha256: 'a', definition: {} }));

describe('the pinning additive', () => {
  it('serves what is new as long as it could be approved, so that a later change of it would wait', () => {
    const offers = ['first', 'kept-7', 'second'].map(offer);
    const served = servedOffers(mcpServerItem('http://127.0.0.1:9', { pinning: 'additive', approved }), { offers });
    expect(served.map(({ name }) => name)).toEqual(['first', 'kept-7']);
  });
});
