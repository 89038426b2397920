import { expect, it } from 'vitest';
import { csv } from './csv.ts';

it('quotes what has a comma, a quote or a line end', () => {
  expect(csv([['a', 'b,c', 'say "x"', 'two\nlines', '']])).toBe('a,"b,c","say ""x""","two\nlines",\n');
});
