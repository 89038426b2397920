import { describe, expect, it } from 'vitest';
import { HttpReader } from './http-reader.ts';

const stream = [
  'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 7\r\n\r\n{"a":1}',
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\ndata: \r\n2;x=y\r\nhi\r\n0\r\n\r\n',
  'HTTP/1.1 204 No Content\r\n\r\n',
  'HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n',
].join('');
const expected = [
  [200, '{"a":1}'],
  [200, 'data: hi'],
  [204, ''],
  [503, ''],
];

function read(pieces: Buffer[]): unknown[] {
  const answers: unknown[] = [];
  const reader = new HttpReader(({ status, body }) => answers.push([status, body.toString()]));
  for (const piece of pieces) reader.push(piece);
  return answers;
}

describe('the reader of answers', () => {
  it('reads answers that arrive together', () => {
    expect(read([Buffer.from(stream)])).toEqual(expected);
  });

  it('reads answers that arrive a byte at a time', () => {
    expect(read([...Buffer.from(stream)].map((byte) => Buffer.of(byte)))).toEqual(expected);
  });

  it('tells what an answer took on the connection', () => {
    const sizes: number[] = [];
    new HttpReader(({ bytes }) => sizes.push(bytes)).push(Buffer.from(stream));
    expect(sizes.reduce((sum, bytes) => sum + bytes)).toBe(stream.length);
  });

  it('refuses what it could only guess the end of', () => {
    expect(() => read([Buffer.from('HTTP/1.1 200 OK\r\n\r\nhello')])).toThrow('neither its length');
    expect(() => read([Buffer.from('SSH-2.0-x\r\n\r\n')])).toThrow('Not an HTTP/1.1 answer');
  });
});
