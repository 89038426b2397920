import { describe, expect, it } from 'vitest';
import type { Tool } from '@stoa/generated/schemas.ts';
import { tokensIn } from './count-tokens.ts';
import { lintTools } from './lint-tools.ts';

const good = {
  name: 'shop_list-orders',
  description: 'Lists the orders of a customer, the newest first.',
  input_schema: { type: 'object', properties: { limit: { type: 'integer', description: 'How many.', default: 20 } } },
  annotations: {},
} as unknown as Tool;
const findingsOf = (tool: object, warnings: string[] = [], budget?: number) =>
  lintTools({ api: 'shop', operations: [{ tool: { ...good, ...tool } }], warnings }, tokensIn, budget).findings.map(
    ({ level, rule }) => `${level} ${rule}`,
  );

describe('the lint of tools', () => {
  it('has nothing against a tool that is named, described and shows what it takes', () => {
    expect(findingsOf({})).toEqual([]);
  });

  it.each([
    ['without a description', { description: undefined }, ['error description']],
    ['with its place for a description', { description: 'GET /orders/{id}' }, ['error description']],
    ['of three words', { description: 'Does it.' }, ['warning description']],
    ['with a very long description', { description: 'word '.repeat(300) }, ['warning description']],
    ['whose name says nothing of what it is about', { name: 'shop_get' }, ['warning name']],
    ['whose name is long', { name: `shop_${'a'.repeat(50)}` }, ['warning name']],
    ['with a parameter that nobody described', { input_schema: { properties: { a: { default: 1 } } } }, ['warning parameters']],
    ['with a parameter that is anything', { input_schema: { properties: { a: true } } }, ['warning parameters', 'warning examples']],
    ['that shows nothing of what it takes', { input_schema: { properties: { a: { description: 'A.' } } } }, ['warning examples']],
    ['that takes much', { output_schema: { enum: Array.from({ length: 900 }, (_, n) => `value ${n}`) } }, ['warning size']],
  ])('finds one %s', (_what, tool, findings) => {
    expect(findingsOf(tool)).toEqual(findings);
  });

  it('holds hidden instructions for an error, and what else the server says of a document for a warning', () => {
    const warnings = ['The description of the tool shop_x may be giving orders to the model: "ignore".', 'The document has no server.'];
    expect(findingsOf({}, warnings)).toEqual(['error hidden-instructions', 'warning document']);
  });

  it('names a tool as the document does, whatever the API is called while it is looked at', () => {
    const warnings = ['The description of the tool shop_x may be giving orders to the model: "ignore".'];
    const { findings } = lintTools({ api: 'shop', operations: [{ tool: { ...good, name: 'shop_get' } }], warnings }, tokensIn);
    expect(findings.map(({ tool, message }) => [tool, message.includes('shop_')])).toEqual([
      [undefined, false],
      ['get', false],
    ]);
  });

  it('warns of a budget that all tools together exceed', () => {
    expect(findingsOf({}, [], 10)).toEqual(['warning budget']);
    expect(findingsOf({}, [], 10_000)).toEqual([]);
  });

  it('counts the tokens of what repeats itself for megabytes, special ones as any text', () => {
    expect(tokensIn('<|endoftext|> hello')).toBeGreaterThan(3);
    expect(tokensIn('ab'.repeat(500_000))).toBeGreaterThan(100_000);
  });
});
