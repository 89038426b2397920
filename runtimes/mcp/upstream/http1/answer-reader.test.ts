import { describe, expect, it } from 'vitest';
import { AnswerReader } from './answer-reader.ts';

type Read = { status: number; body: string; restMs: number; type: string | undefined };

/** What is read of the pieces, or what is wrong with them. */
function read(pieces: readonly string[], { method = 'GET', closes = false } = {}): { answers: Read[]; fault: string | undefined } {
  const answers: Read[] = [];
  let current: Read | undefined;
  const reader = new AnswerReader({
    begun: ({ status, restMs, fields }) => (current = { status, body: '', restMs, type: fields['content-type'] }),
    piece: (bytes) => ((current as Read).body += bytes.toString('latin1')),
    ended: () => answers.push(current as Read),
  });
  reader.expect(method);
  try {
    for (const piece of pieces) reader.read(Buffer.from(piece, 'latin1'));
    if (closes) reader.close();
    return { answers, fault: undefined };
  } catch (error) {
    return { answers, fault: (error as Error).message };
  }
}

const answer = (fields: string, body = '') => `HTTP/1.1 200 OK\r\n${fields}\r\n${body}`;
const one = (text: string, given = {}) => {
  const { answers, fault } = read([text], given);
  return fault ?? answers;
};

describe('an answer is read', () => {
  it.each<[says: string, text: string, body: string, given?: { method?: string; closes?: boolean }]>([
    ['by its length', answer('Content-Length: 5\r\n', 'hello'), 'hello'],
    ['with white space around values and none after the colon', answer('content-length:5 \t\r\ncontent-type:\ttext/plain\r\n', 'hello'), 'hello'],
    ['without a reason', 'HTTP/1.1 200\r\ncontent-length: 2\r\n\r\nok', 'ok'],
    ['in chunks, with extensions and trailers', answer('Transfer-Encoding: Chunked\r\n', '2;a=b\r\nhe\r\n003 \r\nllo\r\n0\r\nx: y\r\n\r\n'), 'hello'],
    ['to the end of the connection', answer('', 'hello'), 'hello', { closes: true }],
    ['of HTTP/1.0', 'HTTP/1.0 200 OK\r\n\r\nhello', 'hello', { closes: true }],
    ['of HEAD, whatever length it states', answer('content-length: 5\r\n'), '', { method: 'HEAD' }],
    ['without content, whatever length it states', 'HTTP/1.1 304 Not Modified\r\ncontent-length: 5\r\n\r\n', ''],
    [
      'after interim ones',
      `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n${answer('content-length: 2\r\n', 'ok')}`,
      'ok',
    ],
  ])('%s, wherever it is cut', (_says, text, body, given) => {
    const whole = read([text], given);
    expect(whole).toMatchObject({ fault: undefined, answers: [{ body }] });
    for (let at = 1; at < text.length; at += 1) expect(read([text.slice(0, at), text.slice(at)], given)).toEqual(whole);
    expect(read([...text], given)).toEqual(whole);
  });

  it('with all values of a field that comes more than once', () => {
    expect(one(answer('content-type: a\r\ncontent-length: 0\r\nContent-Type: b\r\n'))).toMatchObject([{ type: 'a, b' }]);
  });
});

it('a name is read the same however many others came before it', () => {
  const others = Array.from({ length: 1200 }, (_, at) => `x-${at}: a\r\n`);
  for (const spelt of ['content-type', 'Content-Type', 'CONTENT-TYPE'])
    for (const before of [0, 1, 1200].map((count) => others.slice(0, count)))
      for (let at = 0; at <= before.length; at += 400)
        expect(one(answer(`${before.slice(at, at + 400).join('')}${spelt}: a\r\ncontent-length: 0\r\n`))).toMatchObject([{ type: 'a' }]);
  expect(one(answer('content type: a\r\n'))).toContain('one of its fields has no name');
});

describe('no answer is taken for another', () => {
  it.each<[says: string, text: string, fault: string]>([
    ['two lengths', answer('content-length: 1\r\ncontent-length: 2\r\n', 'ab'), 'its length is no number, or several'],
    ['two lengths that agree', answer('content-length: 2\r\ncontent-length: 2\r\n', 'ab'), 'its length is no number, or several'],
    ['a length with a sign', answer('content-length: +2\r\n', 'ab'), 'its length is no number, or several'],
    ['a length in hex', answer('content-length: 0x2\r\n', 'ab'), 'its length is no number, or several'],
    ['a negative length', answer('content-length: -1\r\n'), 'its length is no number, or several'],
    ['an empty length', answer('content-length:\r\n'), 'its length is no number, or several'],
    ['length and chunks', answer('content-length: 5\r\ntransfer-encoding: chunked\r\n', '0\r\n\r\n'), 'it states its length in two ways'],
    ['chunks in HTTP/1.0', 'HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n', 'it states its length in two ways'],
    ['another coding', answer('transfer-encoding: gzip, chunked\r\n'), 'its transfer coding is not known'],
    ['chunks twice', answer('transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n'), 'its transfer coding is not known'],
    ['a coding that looks like chunks', answer('transfer-encoding: xchunked\r\n'), 'its transfer coding is not known'],
    ['white space before the colon', answer('content-length : 5\r\n', 'hello'), 'one of its fields has no name'],
    ['a field that goes on in the next line', answer('x: a\r\n content-length: 5\r\n', 'hello'), 'one of its fields has no name'],
    ['a line without a colon', answer('content-length\r\n'), 'one of its fields has no name'],
    ['a line without a colon before one that has it', answer('content-length\r\nx: 5\r\n', 'hello'), 'one of its fields has no name'],
    ['a line feed alone', 'HTTP/1.1 200 OK\ncontent-length: 2\r\n\r\nok', 'its head holds characters that are not allowed there'],
    ['a carriage return alone', answer('x: a\rcontent-length: 5\r\n'), 'its head holds characters that are not allowed there'],
    ['a NUL', answer('x: a\0b\r\n'), 'its head holds characters that are not allowed there'],
    ['another protocol', 'HTTP/2.0 200 OK\r\n\r\n', 'it does not begin with a status line'],
    ['a lower-case protocol', 'http/1.1 200 OK\r\n\r\n', 'it does not begin with a status line'],
    ['a status of four digits', 'HTTP/1.1 2000 OK\r\n\r\n', 'it does not begin with a status line'],
    ['no protocol', 'NONSENSE\r\n\r\n', 'it does not begin with a status line'],
    ['a change of protocols', 'HTTP/1.1 101 Switching Protocols\r\nupgrade: h2c\r\n\r\n', 'it changes the protocol, which nobody asked for'],
    ['a chunk without a size', answer('transfer-encoding: chunked\r\n', '\r\n'), 'a chunk has no size'],
    ['a chunk with a sign', answer('transfer-encoding: chunked\r\n', '-1\r\n'), 'a chunk has no size'],
    ['a chunk of 0x2', answer('transfer-encoding: chunked\r\n', '0x2\r\nok\r\n'), 'a chunk has no size'],
    ['a chunk of nine digits', answer('transfer-encoding: chunked\r\n', '000000002\r\nok\r\n'), 'a chunk has no size'],
    ['a chunk whose size ends with a line feed alone', answer('transfer-encoding: chunked\r\n', '2\nok\r\n0\r\n\r\n'), 'a chunk has no size'],
    ['a chunk that is longer', answer('transfer-encoding: chunked\r\n', '2\r\nokay\r\n'), 'a chunk is longer than its size'],
    ['a head without an end', `HTTP/1.1 200 OK\r\nx: ${'a'.repeat(17_000)}`, 'its head is larger than 16384 bytes'],
    ['a long line before a chunk', answer('transfer-encoding: chunked\r\n', `2;${'a'.repeat(1100)}`), 'the line before a chunk is too long'],
    ['endless trailers', answer('transfer-encoding: chunked\r\n', `0\r\n${'x: y\r\n'.repeat(5000)}`), 'its trailers are too large'],
  ])('%s is refused', (_says, text, fault) => {
    expect(one(text)).toBe(`The answer does not match the HTTP/1.1 protocol: ${fault}.`);
    expect(read([...text]).fault).toBe(`The answer does not match the HTTP/1.1 protocol: ${fault}.`);
  });

  it('what comes after an answer is none to the next request', () => {
    const { answers, fault } = read([answer('content-length: 2\r\n', 'ok') + answer('content-length: 4\r\n', 'evil')]);
    expect(answers).toMatchObject([{ body: 'ok' }]);
    expect(fault).toContain('it was not asked for');
  });

  it('one that ends early is none', () => {
    for (const text of ['', 'HTTP/1.1 2', answer('content-length: 5\r\n', 'hel'), answer('transfer-encoding: chunked\r\n', '3\r\nabc\r\n')])
      expect(read([text], { closes: true })).toEqual({ answers: [], fault: 'other side closed' });
  });
});

it('a connection rests for as long as the server says that it keeps it, less what a request takes', () => {
  const restOf = (fields: string): unknown => (one(answer(`content-length: 0\r\n${fields}`)) as Read[])[0]?.restMs;
  expect(restOf('')).toBe(4000);
  expect(restOf('Keep-Alive: timeout=5, max=100\r\n')).toBe(3000);
  expect(restOf('keep-alive: timeout=1\r\n')).toBe(0);
  expect(restOf('keep-alive: timeout=999999999\r\n')).toBe(600_000);
  expect(restOf('Connection: keep-alive, Close\r\n')).toBe(0);
  expect(restOf('Connection: closed\r\n')).toBe(4000);
  expect(one('HTTP/1.0 200 OK\r\ncontent-length: 0\r\n\r\n')).toMatchObject([{ restMs: 0 }]);
});
