import { gunzipSync, gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { storedGzip } from './stored-gzip.ts';

it('makes members of gzip that any reader takes, alone and before another', () => {
  for (const text of ['', '{"a":"b"}', 'Zürich ≠ 東京', 'x'.repeat(65_535)]) {
    expect(gunzipSync(storedGzip(text)).toString('utf8')).toBe(text);
    expect(gunzipSync(Buffer.concat([storedGzip(text), gzipSync(' and the rest')])).toString('utf8')).toBe(`${text} and the rest`);
  }
});

it('refuses what no single block holds', () => {
  expect(() => storedGzip('x'.repeat(65_536))).toThrow('65535');
});
