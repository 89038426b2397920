import type { IncomingHttpHeaders } from 'node:http';

/** The headers of a request in its plainest form. */
export type PlainFields = {
  /** Names in lower case. */
  readonly headers: Readonly<IncomingHttpHeaders>;
  /** Names and values as they were sent, alternating. */
  readonly rawHeaders: readonly string[];
};

/** The line and the headers of a request in its plainest form. */
export type PlainHead = PlainFields & {
  readonly method: 'GET' | 'POST';
  /** Path and query, as they were sent. */
  readonly target: string;
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
export function readPlainHead(text: string, readFields = readPlainFields): PlainHead | undefined {
  const lineEnd = text.indexOf('\r\n');
  const [, method, target] = (lineEnd < 0 ? null : requestLine.exec(text.slice(0, lineEnd))) ?? [];
  if (method === undefined || target === undefined) return undefined;
  const fields = readFields(text.slice(lineEnd + 2));
  if (fields === undefined) return undefined;
  const { headers, rawHeaders } = fields;
  const told = headers['content-length'];
  // Envoy tells the length of a body that there is not.
  if (told === undefined ? method === 'POST' : method === 'GET' && told !== '0') return undefined;
  return { method: method as PlainHead['method'], target, headers, rawHeaders, length: Number(told ?? 0) };
}

/** The same for the headers alone. */
export function readPlainFields(text: string): PlainFields | undefined {
  const headers: IncomingHttpHeaders = {};
  const rawHeaders: string[] = [];
  for (const line of text.split('\r\n')) {
    const [, name, value] = field.exec(line) ?? [];
    if (name === undefined || value === undefined) return undefined;
    const key = name.toLowerCase();
    if (notPlain.has(key) || Object.hasOwn(headers, key)) return undefined;
    headers[key] = value;
    rawHeaders.push(name, value);
  }
  if (!host.test(headers.host ?? '') || (headers.connection !== undefined && headers.connection.toLowerCase() !== 'keep-alive')) return undefined;
  const told = headers['content-length'];
  return told === undefined || length.test(told) ? { headers, rawHeaders } : undefined;
}
