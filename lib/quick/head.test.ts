import { describe, expect, it } from 'vitest';
import { readPlainHead } from './head.ts';

const head = (...lines: string[]): string => ['POST /mcp HTTP/1.1', 'Host: a.example:8080', ...lines].join('\r\n');

it('reads line and headers of a request in its plainest form', () => {
  expect(readPlainHead(head('Accept:  a/b,\tc/d ', 'X-Empty:', 'Content-Length: 12', 'Connection: keep-alive'))).toEqual({
    method: 'POST',
    target: '/mcp',
    headers: { host: 'a.example:8080', accept: 'a/b,\tc/d', 'x-empty': '', 'content-length': '12', connection: 'keep-alive' },
    rawHeaders: ['Host', 'a.example:8080', 'Accept', 'a/b,\tc/d', 'X-Empty', '', 'Content-Length', '12', 'Connection', 'keep-alive'],
    length: 12,
  });
  expect(readPlainHead('GET /a?b=c%20d HTTP/1.1\r\nHost: [::1]:80')).toMatchObject({ method: 'GET', target: '/a?b=c%20d', length: 0 });
  expect(readPlainHead('GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 0')).toMatchObject({ method: 'GET', length: 0 });
});

describe('a request that could be read in two ways, or asks for more than an answer, is not plain:', () => {
  it.each([
    ['a length told twice', head('Content-Length: 3', 'Content-Length: 3')],
    ['a length told twice in one line', head('Content-Length: 3, 3')],
    ['a length with a sign', head('Content-Length: +3')],
    ['a length with a leading zero', head('Content-Length: 03')],
    ['a length in hexadecimal', head('Content-Length: 0x3')],
    ['no length', head()],
    ['a length and chunks', head('Content-Length: 3', 'Transfer-Encoding: chunked')],
    ['chunks', head('Transfer-Encoding: chunked')],
    ['a space before the colon', head('Content-Length : 3')],
    ['a folded line', head('Content-Length: 3', 'X: a', ' b')],
    ['a line that ends in a line feed alone', head('Content-Length: 3\nX: a')],
    ['a line that ends in a carriage return alone', head('Content-Length: 3\rX: a')],
    ['a null character', head('Content-Length: 3', 'X: a\0b')],
    ['a letter beyond ASCII', head('Content-Length: 3', 'X: \u00e9')],
    ['a line without a colon', head('Content-Length: 3', 'X')],
    ['a name that no object can have', head('Content-Length: 3', '__proto__: a')],
    ['a name twice', head('Content-Length: 3', 'X: a', 'x: b')],
    ['an expectation', head('Content-Length: 3', 'Expect: 100-continue')],
    ['another protocol', head('Content-Length: 3', 'Connection: upgrade', 'Upgrade: websocket')],
    ['the end of the connection', head('Content-Length: 3', 'Connection: close')],
    ['two hosts', head('Host: b', 'Content-Length: 3')],
    ['no host', 'POST /mcp HTTP/1.1\r\nContent-Length: 3'],
    ['an empty host', 'POST /mcp HTTP/1.1\r\nHost:\r\nContent-Length: 3'],
    ['a body that GET brings', 'GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 3'],
    ['another method', 'PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 3'],
    ['an older version', 'GET / HTTP/1.0\r\nHost: a'],
    ['a whole URL', 'GET http://a/ HTTP/1.1\r\nHost: a'],
    ['a target with a space', 'GET /a b HTTP/1.1\r\nHost: a'],
    ['two spaces', 'GET  / HTTP/1.1\r\nHost: a'],
    ['an empty line before it', '\r\nGET / HTTP/1.1\r\nHost: a'],
  ])('%s', (_what, text) => {
    expect(readPlainHead(text)).toBeUndefined();
  });
});
