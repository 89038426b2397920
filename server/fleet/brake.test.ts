import { expect, it } from 'vitest';
import { judgeBrake } from './brake.ts';

const state = { lapsed: 0, fresh: 0, live: 100, lately: 0, isEngaged: false, engagedForS: 0 };

it.each([
  ['three of four are no mass', { lapsed: 3, fresh: 3, live: 4 }, 'pass'],
  ['four of four are', { lapsed: 4, fresh: 4, live: 4 }, 'engage'],
  ['15 of 100 are no mass', { lapsed: 15, fresh: 15 }, 'pass'],
  ['16 of 100 are', { lapsed: 16, fresh: 16 }, 'engage'],
  ['a few after a few are, within one interval', { lapsed: 2, fresh: 2, live: 85, lately: 15 }, 'engage'],
  ['those whom a release let go are none, however many', { lapsed: 90, fresh: 0 }, 'pass'],
  ['nobody is held by what is over', { lapsed: 0, fresh: 0, live: 0, lately: 100 }, 'pass'],
  ['a brake that is on stays so below the limit', { lapsed: 1, fresh: 1, isEngaged: true, engagedForS: 899 }, 'hold'],
  ['until its time is over', { lapsed: 90, fresh: 90, isEngaged: true, engagedForS: 900 }, 'release'],
  ['or until all are back', { lapsed: 0, fresh: 0, isEngaged: true, engagedForS: 10 }, 'end'],
])('%s', (_, more, verdict) => {
  expect(judgeBrake({ ...state, ...more })).toBe(verdict);
});
