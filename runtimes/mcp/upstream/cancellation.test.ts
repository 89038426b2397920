import { expect, it } from 'vitest';
import { Cancellation } from './cancellation.ts';

const counting = () => {
  const told = { times: 0, cancel: () => void (told.times += 1) };
  return told;
};

it('tells each once that is still there, and at once whoever comes later', () => {
  const cancellation = new Cancellation();
  const [first, second, forgotten, late] = [counting(), counting(), counting(), counting()];
  for (const each of [first, second, forgotten]) cancellation.tell(each);
  cancellation.forget(forgotten);
  cancellation.cancel();
  cancellation.cancel();
  cancellation.tell(late);
  expect([first.times, second.times, forgotten.times, late.times]).toEqual([1, 1, 0, 1]);
});

it('has a signal for who needs one, asked for before or after', () => {
  const [before, after] = [new Cancellation(), new Cancellation()];
  const { signal } = before;
  for (const each of [before, after]) each.cancel();
  expect([signal.aborted, after.signal.aborted]).toEqual([true, true]);
});
