import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Deadlines, WithDeadline } from './deadlines.ts';

class Entry extends WithDeadline {
  expired = 0;
  override expire(): void {
    this.expired += 1;
  }
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const add = (deadlines: Deadlines): Entry => {
  const entry = new Entry();
  deadlines.add(entry);
  return entry;
};

it('each passes once, in its turn, by one timer', () => {
  const deadlines = new Deadlines(1000);
  const first = add(deadlines);
  vi.advanceTimersByTime(400);
  const second = add(deadlines);
  expect(vi.getTimerCount()).toBe(1);
  vi.advanceTimersByTime(600);
  expect([first.expired, second.expired]).toEqual([1, 0]);
  vi.advanceTimersByTime(400);
  expect([first.expired, second.expired]).toEqual([1, 1]);
  vi.advanceTimersByTime(10_000);
  expect([first.expired, second.expired]).toEqual([1, 1]);
  expect(vi.getTimerCount()).toBe(0);
});

it.each([0, 1, 2])('what was removed never expires, nor is it referred to: number %i of three', (index) => {
  const deadlines = new Deadlines(1000);
  const entries = [add(deadlines), add(deadlines), add(deadlines)];
  const removed = entries[index] as Entry;
  deadlines.remove(removed);
  deadlines.remove(removed);
  expect([removed.earlier, removed.later]).toEqual([undefined, undefined]);
  expect(entries.flatMap(({ earlier, later }) => [earlier, later])).not.toContain(removed);
  vi.advanceTimersByTime(1000);
  expect(entries.map(({ expired }) => expired)).toEqual([0, 1, 2].map((at) => (at === index ? 0 : 1)));
  expect(entries.flatMap(({ earlier, later }) => [earlier, later]).every((entry) => entry === undefined)).toBe(true);
});

it('goes on after it was empty, and while one expires another may be set or removed', () => {
  const deadlines = new Deadlines(1000);
  deadlines.remove(add(deadlines));
  vi.advanceTimersByTime(5000);
  let again: Entry | undefined;
  class Renewing extends WithDeadline {
    override expire(): void {
      deadlines.remove(other);
      again = add(deadlines);
    }
  }
  const renewing = new Renewing();
  deadlines.add(renewing);
  const other = add(deadlines);
  vi.advanceTimersByTime(1000);
  expect([again?.expired, other.expired]).toEqual([0, 0]);
  vi.advanceTimersByTime(1000);
  expect([again?.expired, other.expired]).toEqual([1, 0]);
});
