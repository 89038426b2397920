import { describe, expect, it } from 'vitest';
import { parseJson } from './parse-json.ts';

const parse = (text: string) => parseJson(Buffer.from(text), { isDue: () => true, take: async () => undefined });
const long = 'x'.repeat(200_000);

describe('JSON that is parsed in parts', () => {
  it.each<[what: string, value: unknown]>([
    ['many small elements', Array.from({ length: 60_000 }, (_, index) => index)],
    ['large elements between small ones', [1, { long }, 2, [long, 3], 'four', { long }]],
    ['large members between small ones', { a: 1, b: { long, c: [] }, '"\\:,{': [long], d: null }],
    ['strings full of what JSON is made of', { text: '"}],{[:\\\\"'.repeat(20_000), '\\': [`\\"${long}`] }],
    ['what is empty', [[], {}, '', { long: [long], none: {} }]],
    ['one long text', long],
    ['characters of many bytes', { ключ: ['漢字🙂'.repeat(30_000), 'é'] }],
  ])('is what JSON.parse makes of it: %s', async (_, value) => {
    for (const text of [JSON.stringify(value), JSON.stringify(value, undefined, 2)]) expect(await parse(text)).toEqual(JSON.parse(text));
  });

  it('keeps the last of two members of one name, and gives a member no power over the object', async () => {
    const text = `{"a":1,"__proto__":{"long":"${long}"},"a":2,"b":"${long}"}`;
    expect(Object.entries((await parse(text)) as object)).toEqual(Object.entries(JSON.parse(text) as object));
  });

  it.each(['[X', '[X,]', '[,X]', '[X,,X]', '[1,X}', '{"a":X,}', '{X}', '{"a":X,1:X}', '[X:1]', '[X]]', '{"a" X}', '[X 1]', '[1,2,]', '["\\'])(
    'is refused where JSON.parse refuses it: %s',
    async (shape) => {
      const text = shape.replaceAll('X', `"${long}"`);
      expect(() => JSON.parse(text) as unknown).toThrow(SyntaxError);
      await expect(parse(text)).rejects.toThrow(SyntaxError);
    },
  );

  it('lets the event loop go on between its parts', async () => {
    let breaths = 0;
    const breath = { isDue: () => true, take: async () => void (breaths += 1) };
    await parseJson(Buffer.from(JSON.stringify(Array.from({ length: 50 }, () => ({ long })))), breath);
    expect(breaths).toBeGreaterThan(50);
  });
});
