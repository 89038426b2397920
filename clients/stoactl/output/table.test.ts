import { describe, expect, it } from 'vitest';
import { cellOf, table } from './table.ts';

describe('a table', () => {
  it('cuts nothing, however long', () => {
    const name = 'n'.repeat(500);
    expect(table(['NAME', 'STATE'], [[name, 'ok']])).toBe(`${'NAME'.padEnd(500)}   STATE\n${name}   ok\n`);
  });

  it('spells the control characters of what comes from outside, so that a name moves no cursor', () => {
    expect(table(['NAME'], [['a\u001b[31mb\nc\u202e']], { headers: false })).toBe('a\\u001b[31mb\\u000ac\\u202e\n');
  });

  it('marks what is empty, so that each line has as many words as columns', () => {
    expect(table(['A', 'B', 'C'], [['1', '', '3']])).toBe('A   B   C\n1   -   3\n');
  });

  it('shows lists and mappings in one word', () => {
    expect([cellOf(['a', 'b']), cellOf({ region: 'eu', tier: 1 }), cellOf(undefined), cellOf(false)]).toEqual([
      'a,b',
      'region=eu,tier=1',
      '',
      'false',
    ]);
  });
});
