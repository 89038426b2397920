import { expect, it } from 'vitest';
import { RegistrationBrake } from './registration-brake.ts';

it('one address registers twenty clients in ten minutes, and others go on meanwhile', () => {
  let now = 1000;
  const brake = new RegistrationBrake(() => now);
  const registered = (address: string, times: number) =>
    Array.from({ length: times }, () => brake.waitS(address)).filter((wait) => wait === undefined).length;
  expect(registered('192.0.2.1', 30)).toBe(20);
  now += 60_000;
  expect([brake.waitS('192.0.2.1'), brake.waitS('192.0.2.2')]).toEqual([540, undefined]);
  now += 540_000;
  expect(registered('192.0.2.1', 30)).toBe(20);
});

it('all addresses together register five hundred', () => {
  const brake = new RegistrationBrake(() => 1000);
  const waits = Array.from({ length: 600 }, (_, index) => brake.waitS(`192.0.2.${index}`));
  expect(waits.filter((wait) => wait === undefined)).toHaveLength(500);
});
