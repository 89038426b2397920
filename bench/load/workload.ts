import type { HttpAnswer } from './http-reader.ts';

/** What is sent on a connection, and whether the answer to it was right. One request is under way on each connection. */
export type Workload = {
  next(connection: number): Buffer;
  /** Throws, with what was wrong, for an answer that is not the right one. */
  check(connection: number, answer: HttpAnswer): void;
  readonly acknowledged?: number[];
  /** How many answers were 429, where there may be some. */
  readonly refused?: () => number;
};

export function encodeRequest(method: string, url: URL, headers: Readonly<Record<string, string>>, body?: string): Buffer {
  const all = {
    host: url.host,
    ...headers,
    ...(body === undefined ? {} : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) }),
  };
  const lines = Object.entries(all)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('');
  return Buffer.from(`${method} ${url.pathname}${url.search} HTTP/1.1\r\n${lines}\r\n${body ?? ''}`);
}

/** Says what is wrong with an answer, with enough of it to see why. */
export function wrongAnswer({ status, body }: HttpAnswer, expected: string): Error {
  return new Error(`Expected ${expected}, got ${status}: ${body.toString('utf8').slice(0, 500)}`);
}
