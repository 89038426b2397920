import type { IncomingHttpHeaders } from 'node:http';

/** The line and the headers of a request in its plainest form. */
export type PlainHead = {
  readonly method: 'GET' | 'POST';
  /** Path and query, as they were sent. */
  readonly target: string;
  /** Names in lower case. */
  readonly headers: Readonly<IncomingHttpHeaders>;
  /** Names and values as they were sent, alternating. */
  readonly rawHeaders: readonly string[];
  /** Bytes of the body. */
  readonly length: number;
};

const requestLine = /^(GET|POST) (\/[A-Za-z0-9\-._~/%?=&:@!$'()*+,;]*) HTTP\/1\.1$/;
const field = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[\t ]*((?:[\x21-\x7e]+(?:[\t ]+[\x21-\x7e]+)*)?)[\t ]*$/;
const host = /^(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/;
const length = /^(?:0|[1-9]\d{0,8})$/;
/** Whoever sends one of these wants more than an answer, or frames the message in a way of his own. `__proto__` is no name that an object can have. */
const notPlain: ReadonlySet<string> = new Set([
  'transfer-encoding',
  'expect',
  'upgrade',
  'trailer',
  'te',
  'keep-alive',
  'proxy-connection',
  'http2-settings',
  '__proto__',
]);

/**
 * Reads the line and the headers of a request, without the empty line after them. Undefined for everything that could be read in more ways than one, or
 * asks for more than an answer: each line ends in CRLF, each name is there once, the host is named, the length is told in digits or there is no body.
 */
export function readPlainHead(text: string): PlainHead | undefined {
  const [first = '', ...lines] = text.split('\r\n');
  const [, method, target] = requestLine.exec(first) ?? [];
  if (method === undefined || target === undefined) return undefined;
  const headers: IncomingHttpHeaders = {};
  const rawHeaders: string[] = [];
  for (const line of lines) {
    const [, name, value] = field.exec(line) ?? [];
    if (name === undefined || value === undefined) return undefined;
    const key = name.toLowerCase();
    if (notPlain.has(key) || Object.hasOwn(headers, key)) return undefined;
    headers[key] = value;
    rawHeaders.push(name, value);
  }
  if (!host.test(headers.host ?? '') || (headers.connection !== undefined && headers.connection.toLowerCase() !== 'keep-alive')) return undefined;
  const told = headers['content-length'];
  if (told === undefined ? method === 'POST' : method === 'GET' || !length.test(told)) return undefined;
  return { method: method as PlainHead['method'], target, headers, rawHeaders, length: Number(told ?? 0) };
}
