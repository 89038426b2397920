import { expect, it } from 'vitest';
import { readText } from './read-text.ts';

it('a file is read up to a bound: what never ends is given up', async () => {
  expect(await readText(import.meta.filename, 10_000)).toContain('what never ends');
  await expect(readText(import.meta.filename, 10)).rejects.toThrow('holds more than 10 bytes');
  await expect(readText('/dev/zero', 1_000_000)).rejects.toThrow('/dev/zero holds more than 1000000 bytes');
});
