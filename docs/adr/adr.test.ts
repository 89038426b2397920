import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { adrCalls, gatewayModes } from '../../openapi/gate/adr-057.ts';

const folder = import.meta.dirname;
const records = readdirSync(folder).filter((name) => /^\d{3}-.*\.md$/.test(name));
const index = readFileSync(join(folder, 'README.md'), 'utf8');
const productLineup = readFileSync(join(folder, '057-product-lineup.md'), 'utf8');

describe('architecture decision records', () => {
  it('are all listed in the index', () => {
    expect(records.filter((name) => !index.includes(`](${name})`))).toEqual([]);
  });

  it('have a number each', () => {
    const numbers = records.map((name) => name.slice(0, 3));
    expect(numbers.filter((number, at) => numbers.indexOf(number) !== at)).toEqual([]);
  });

  it('are named so that openapi/changes.yaml can name them', () => {
    expect(readdirSync(folder).filter((name) => name.endsWith('.md') && name !== 'README.md' && !/^\d{3}-[a-z0-9-]+\.md$/.test(name))).toEqual([]);
  });

  it('state a title with their number, a status and a date', () => {
    const incomplete = records.filter((name) => {
      const text = readFileSync(join(folder, name), 'utf8');
      return !text.startsWith(`# ${name.slice(0, 3)}: `) || !/^- Status: /m.test(text) || !/^- Date: \d{4}-\d{2}-\d{2}/m.test(text);
    });
    expect(incomplete).toEqual([]);
  });

  it('057 says the calls, fields and modes that the gate holds documents against', () => {
    const words = [...gatewayModes, ...adrCalls.flatMap((call) => [`POST ${call.path}`, ...call.requestRequired, ...call.responseRequired])];
    expect(words.filter((word) => !productLineup.includes(word))).toEqual([]);
  });
});
