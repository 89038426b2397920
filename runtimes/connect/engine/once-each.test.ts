import { expect, it } from 'vitest';
import { onceEach } from './once-each.ts';

it('asks once for each object, also where nothing is answered, and again for one that only says the same', () => {
  const asked: object[] = [];
  const [one, alike] = [{ name: 'x' }, { name: 'x' }];
  const ask = onceEach((subject: { name: string }) => (asked.push(subject), undefined));
  for (const subject of [one, one, alike, one]) expect(ask(subject)).toBe(undefined);
  expect(asked).toEqual([one, alike]);
});
