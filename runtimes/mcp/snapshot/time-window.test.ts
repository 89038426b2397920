import type { TimeWindowConfig } from '@stoa/generated/schemas.ts';
import { expect, it } from 'vitest';
import { TimeWindow } from './time-window.ts';

const office: TimeWindowConfig = { days: ['mon', 'tue', 'wed', 'thu', 'fri'], hours: [{ from: '08:00', to: '18:00' }], time_zone: 'Europe/Paris' };
const night: TimeWindowConfig = { days: ['fri'], hours: [{ from: '22:00', to: '06:00' }] };
const early: TimeWindowConfig = { hours: [{ from: '02:00', to: '03:00' }], time_zone: 'Europe/Paris' };

it.each<[string, TimeWindowConfig, string, boolean]>([
  ['a working day in winter', office, '2026-01-05T07:00:00Z', true],
  ['the minute before', office, '2026-01-05T06:59:59.999Z', false],
  ['the end', office, '2026-01-05T17:00:00Z', false],
  ['the same hour of UTC in summer', office, '2026-07-06T06:00:00Z', true],
  ['the end in summer', office, '2026-07-06T16:00:00Z', false],
  ['a Saturday', office, '2026-01-10T10:00:00Z', false],
  ['a day that has begun there alone', { days: ['sat'], time_zone: 'Pacific/Auckland' }, '2026-01-09T12:00:00Z', true],
  ['Friday night', night, '2026-01-09T23:00:00Z', true],
  ['the morning after it', night, '2026-01-10T05:59:00Z', true],
  ['the morning before it', night, '2026-01-09T05:00:00Z', false],
  ['Saturday night', night, '2026-01-10T23:00:00Z', false],
  ['midnight at the end of a day', { hours: [{ from: '23:00', to: '24:00' }] }, '2026-01-09T23:59:59Z', true],
  ['half an hour off', { hours: [{ from: '09:00', to: '10:00' }], time_zone: 'Asia/Kolkata' }, '2026-01-05T03:30:00Z', true],
  ['an hour that is left out, on its day', early, '2026-03-29T01:00:00Z', false],
  ['an hour that is left out, on the day before', early, '2026-03-28T01:00:00Z', true],
  ['an hour that comes twice, for the first time', early, '2026-10-25T00:30:00Z', true],
  ['an hour that comes twice, for the second time', early, '2026-10-25T01:30:00Z', true],
  ['before the first moment', { not_before: '2026-01-05T00:00:00+01:00' }, '2026-01-04T22:59:59.999Z', false],
  ['the first moment', { not_before: '2026-01-05T00:00:00+01:00' }, '2026-01-04T23:00:00Z', true],
  ['the last moment', { not_after: '2026-01-05T00:00:30Z' }, '2026-01-05T00:00:29.999Z', true],
  ['after it', { not_after: '2026-01-05T00:00:30Z' }, '2026-01-05T00:00:30Z', false],
])('%s', (_when, config, time, isOpen) => {
  expect(new TimeWindow('hours', config).admits(Date.parse(time))).toBe(isOpen);
});

it('goes with the time', () => {
  const window = new TimeWindow('office', office);
  const at = (time: string) => window.admits(Date.parse(time));
  expect([at('2026-01-05T16:59:59Z'), at('2026-01-05T17:00:00Z'), at('2026-01-06T07:00:00Z')]).toEqual([true, false, true]);
});
