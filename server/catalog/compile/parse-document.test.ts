import { describe, expect, it } from 'vitest';
import { charactersRead } from '@stoa/lib/testing/characters-read.ts';
import { DocumentError, maxDocumentBytes } from './document-error.ts';
import { parseDocument } from './parse-document.ts';

// How long the reading takes is measured by experiments/cases/bad-yaml.ts.
function codeOf(source: Parameters<typeof parseDocument>[0]): string {
  try {
    parseDocument(source);
  } catch (error) {
    if (error instanceof DocumentError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'accepted';
}

/** It is three to seventeen. One that is quadratic reads each character of 5,000 lines thousands of times. */
const maxReadings = 40;

describe('parseDocument', () => {
  it('reads JSON, YAML and objects alike', () => {
    const expected = { openapi: '3.1.0', info: { title: 'A', version: '1' } };
    expect(parseDocument(JSON.stringify(expected))).toEqual(expected);
    expect(parseDocument('openapi: 3.1.0\ninfo: { title: A, version: "1" }\n')).toEqual(expected);
    expect(parseDocument('\uFEFF{openapi: 3.1.0, info: {title: A, version: "1"}}')).toEqual(expected);
    expect(parseDocument(expected)).toBe(expected);
  });

  it.each(['3.0.0', '3.0.4', '3.1.0', '3.1.2', '3.2.0'])('accepts version %s', (openapi) => {
    expect(codeOf({ openapi })).toBe('accepted');
  });

  it('names the version found and the versions accepted', () => {
    expect(codeOf({ openapi: '4.0.0' })).toMatch(/^document_version_unknown: .*"4\.0\.0".*3\.0\.x and 3\.1\.x/);
    expect(codeOf('openapi: 3.1')).toMatch(/the number 3\.1/);
    expect(codeOf({ info: {} })).toMatch(/no "openapi" member/);
    expect(codeOf({ asyncapi: '3.0.0' })).toMatch(/AsyncAPI/);
    expect(codeOf('- 1')).toMatch(/^document_not_an_object: .*an array/);
    expect(codeOf('')).toMatch(/^document_not_parsable: .*empty/);
  });

  it('takes Swagger 2.0, and names what it takes to earlier ones', () => {
    expect(codeOf('swagger: "2.0"')).toBe('accepted');
    expect(codeOf('swagger: "1.2"')).toMatch(/^document_is_swagger: The document is Swagger 1\.2; .*Swagger 2\.0 are accepted/);
  });

  it('says where text is neither JSON nor YAML', () => {
    expect(codeOf('{"openapi": "3.1.0"')).toMatch(/^document_not_parsable: .*line 1/);
    expect(codeOf('a: b: c')).toMatch(/^document_not_parsable/);
  });

  it('refuses what is too large, too deep, or stands for too much', () => {
    expect(codeOf(`openapi: 3.1.0\nx: ${'a'.repeat(maxDocumentBytes)}`)).toMatch(/^document_too_large/);
    expect(codeOf(`{"openapi":"3.1.0","x":${'['.repeat(5000)}${']'.repeat(5000)}}`)).toMatch(/^document_too_deep/);
    expect(codeOf(`openapi: 3.1.0\nx: ${'['.repeat(20000)}${']'.repeat(20000)}`)).toMatch(/^document_(not_parsable|too_deep)/);
    const bomb = [
      'openapi: 3.1.0',
      'a0: &a0 [x,x,x,x,x,x,x,x,x,x]',
      ...Array.from({ length: 9 }, (_, i) => `a${i + 1}: &a${i + 1} [${Array(10).fill(`*a${i}`).join(',')}]`),
    ];
    expect(codeOf(bomb.join('\n'))).toMatch(/^document_(not_parsable|too_large)/);
  });

  const times = (count: number, line: (n: number) => string) => Array.from({ length: count }, (_, n) => line(n)).join('\n');
  it.each<[string, (count: number) => string]>([
    ['keys', (count) => times(count, (n) => `k${n}: 1`)],
    ['anchors and aliases', (count) => `${times(count, (n) => `k${n}: &a${n} 1`)}\n${times(Math.min(count, 900), (n) => `l${n}: *a${n}`)}`],
    ['aliases', (count) => `x: &a 1\n${times(count, (n) => `k${n}: *a`)}`],
    ['merges', (count) => `x: &a {b: 1}\n${times(count, (n) => `k${n}: {<<: *a}`)}`],
    ['tags', (count) => times(count, (n) => `k${n}: !t${n} 1`)],
    ['documents', (count) => '---\n'.repeat(count)],
    ['open brackets', (count) => '['.repeat(count)],
    ['closed brackets', (count) => ']'.repeat(count)],
    ['anchors of nothing', (count) => '&a '.repeat(count)],
    ['tabs', (count) => '\t a: b\n'.repeat(count)],
    ['lines of the wrong depth', (count) => ' a:\n  b:\n c:\nd:\n'.repeat(count)],
  ])('reads or refuses a text of many %s by reading it a bounded number of times', (_what, textOf) => {
    for (const count of [500, 5000]) {
      const text = textOf(count);
      const readings = charactersRead(() => expect(codeOf(text)).toMatch(/^document_/)) / text.length;
      expect(readings).toBeLessThan(maxReadings);
    }
  });

  it('refuses an alias that contains itself', () => {
    expect(codeOf('openapi: 3.1.0\nx: &a\n  y: *a\n')).toMatch(/^document_/);
  });

  it('refuses what the database cannot store and what would reach a prototype', () => {
    expect(codeOf({ openapi: '3.1.0', info: { title: 'a\0b' } })).toMatch(/^document_not_text/);
    expect(codeOf({ openapi: '3.1.0', info: { title: '\ud800' } })).toMatch(/^document_not_text/);
    expect(codeOf('{"openapi":"3.1.0","__proto__":{"polluted":true}}')).toMatch(/^document_unsafe_key/);
  });
});
