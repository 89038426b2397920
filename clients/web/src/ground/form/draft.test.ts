import { expect, it } from 'vitest';
import { draftIn, draftOf } from './draft.ts';

it('begins with what is there where nothing was typed', () => {
  expect(draftIn(null, { name: 'gold' })).toEqual({ name: 'gold' });
});

it('begins with what was typed, where that began from what is there still', () => {
  expect(draftIn(draftOf({ name: 'gold' }, { name: 'silver' }), { name: 'gold' })).toEqual({ name: 'silver' });
});

it('begins with what is there, where somebody changed it since one typed', () => {
  expect(draftIn(draftOf({ name: 'gold' }, { name: 'silver' }), { name: 'bronze' })).toEqual({ name: 'bronze' });
});
