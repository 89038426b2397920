import { expect, it } from 'vitest';
import { headOf } from './request-text.ts';

const request = { method: 'GET', target: '/a?b=c', headers: ['accept', 'text/plain'], body: undefined };

it('a request is written with its length', () => {
  expect(headOf(request, 'host: there\r\n')).toBe('GET /a?b=c HTTP/1.1\r\nhost: there\r\naccept: text/plain\r\n\r\n');
  expect(headOf({ ...request, method: 'POST', headers: [] }, '')).toBe('POST /a?b=c HTTP/1.1\r\ncontent-length: 0\r\n\r\n');
  expect(headOf({ ...request, method: 'POST', headers: [], body: 'für' }, '')).toBe('POST /a?b=c HTTP/1.1\r\ncontent-length: 4\r\n\r\n');
});

it.each([
  ['a value with a line end', { headers: ['x', 'a\r\nhost: other'] }],
  ['a value with a line feed', { headers: ['x', 'a\nb'] }],
  ['a value with a NUL', { headers: ['x', 'a\0'] }],
  ['a value that Latin-1 does not hold', { headers: ['x', '\u{10d}'] }],
  ['a name with a colon', { headers: ['x: y', 'a'] }],
  ['an empty name', { headers: ['', 'a'] }],
  ['a length of its own', { headers: ['Content-Length', '5'] }],
  ['a coding of its own', { headers: ['transfer-encoding', 'chunked'] }],
  ['another host', { headers: ['HOST', 'other'] }],
  ['a path with a space', { target: '/a HTTP/1.1' }],
  ['a path with a line end', { target: '/a\r\nx: y' }],
  ['a method that is no token', { method: 'GET /' }],
])('no argument makes one request two: %s is refused', (_says, changed) => {
  expect(() => headOf({ ...request, ...changed }, 'host: there\r\n')).toThrow();
});
