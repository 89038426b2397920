import { describe, expect, it } from 'vitest';
import { formatAgo, formatSpan } from './times.ts';

describe('times', () => {
  it.each([
    [0, '0 s'],
    [59.9, '59 s'],
    [60, '1 min'],
    [3599, '59 min'],
    [3600, '1 h'],
    [86_399, '23 h'],
    [90_000, '1 d'],
    [-3, '0 s'],
  ])('writes a span of %d seconds as %s', (seconds, text) => expect(formatSpan(seconds)).toBe(text));

  it("counts from the server's instant", () => {
    expect(formatAgo('2026-11-22T18:23:48.000Z', '2026-11-22T18:24:00.000Z')).toBe('12 s ago');
    expect(formatAgo('2026-11-22T18:24:00.100Z', '2026-11-22T18:24:00.000Z')).toBe('just now');
  });
});
