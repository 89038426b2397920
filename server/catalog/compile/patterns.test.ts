import { describe, expect, it } from 'vitest';
import { compiledOperation } from './testing.ts';

const responses = { 204: { description: 'Done.' } };
const compileBody = (schema: object) =>
  compiledOperation('/o', 'post', { responses, requestBody: { required: true, content: { 'application/json': { schema } } } });

describe('a pattern of a document', () => {
  it('is kept without a loss where a linear engine matches it', () => {
    const { losses, input } = compileBody({
      type: 'object',
      properties: { a: { type: 'string', pattern: '^(a+)+$' } },
      patternProperties: { '^x-': {} },
    });
    expect(losses).toEqual([]);
    expect(JSON.stringify(input)).toContain('^(a+)+$');
  });

  it.each([
    ['(?=.*[0-9]).+', 'looks ahead'],
    ['(a)\\1', 'refers back to one of its groups'],
    ['[ab]{1000}[ab]{1000}[ab]{1000}', 'is larger than 2500 steps once its repetitions are written out'],
  ])('%s is shown, not enforced, and reported', (pattern, why) => {
    for (const schema of [
      { type: 'object', properties: { a: { type: 'string', pattern } } },
      { type: 'object', patternProperties: { [pattern]: {} } },
    ]) {
      const { losses, input } = compileBody(schema);
      expect(losses).toEqual([`The pattern ${pattern} ${why}: it is shown and not enforced.`]);
      expect(JSON.stringify(input)).toContain(JSON.stringify(pattern));
    }
  });

  it('is reported when it is one too many for its tool', () => {
    const properties = Object.fromEntries([1, 2, 3, 4].map((n) => [`p${n}`, { type: 'string', pattern: `^[a-z]{0,900}${n}$` }]));
    expect(compileBody({ type: 'object', properties }).losses).toEqual([
      'The patterns of the arguments are too large together: 2 of them, from ^[a-z]{0,900}3$ on, are shown and not enforced.',
    ]);
  });

  it('that clients would choke on is left out of what they see, and reported', () => {
    const { losses, input } = compileBody({ type: 'object', properties: { a: { type: 'string', pattern: '(?i)abc' } } });
    expect(losses).toEqual(['The pattern (?i)abc is no regular expression of ECMA-262 and is left out.']);
    expect(JSON.stringify(input)).not.toContain('abc');
  });
});
