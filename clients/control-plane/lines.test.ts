import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { linesOf } from './lines.ts';

const read = async (body: Buffer, maxBytes?: number) => {
  const lines: string[] = [];
  for await (const line of linesOf(body, maxBytes)) lines.push(line.toString());
  return lines;
};
const long = 'x'.repeat(200_000);

describe('the lines of an answer', () => {
  it('are told from each other wherever its parts end, plain or in several gzip members', async () => {
    const parts = [`{"a":1}\n`, `${long}\n\n`, '"é"\n'].map((part) => Buffer.from(part));
    const lines = ['{"a":1}', long, '', '"é"'];
    expect(await read(Buffer.concat(parts))).toEqual(lines);
    expect(await read(Buffer.concat(parts.map((part) => gzipSync(part))))).toEqual(lines);
    expect(await read(Buffer.alloc(0))).toEqual([]);
  });

  it.each<[what: string, body: Buffer, reason: RegExp]>([
    ['ends within a line', Buffer.from('{}\n{'), /within a line/],
    ['ends within a gzip member', gzipSync(`${long}\n`).subarray(0, 100), /unexpected end of file/],
    ['has a damaged gzip member', Buffer.concat([gzipSync('{}\n'), Buffer.from([0x1f, 0x8b, 8, 0, 1, 2, 3])]), /unexpected end|incorrect/],
  ])('are refused when it %s', async (_, body, reason) => {
    await expect(read(body)).rejects.toThrow(reason);
  });

  it('are given up when they unpack to more than is allowed', async () => {
    const body = gzipSync(`${long}\n`.repeat(10));
    expect(body.length).toBeLessThan(20_000);
    await expect(read(body, 500_000)).rejects.toThrow('larger than 500000 bytes');
  });
});
