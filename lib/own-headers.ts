import { memoOf } from './memo.ts';

/** To what CGI makes one variable of, one name: case, `-`, `_` and `.` are no difference there. */
export const plainName = memoOf((name) => name.toLowerCase().replace(/[_.]/g, '-'));

const own: ReadonlySet<string> = new Set(['x-request-id', 'traceparent', 'tracestate']);

/** Whether a header is one by which the gateway itself says who calls and which request this is, in whatever spelling: nobody who defines an API says it for the gateway. */
export function isGatewaysOwn(name: string): boolean {
  const plain = plainName(name);
  return own.has(plain) || plain.startsWith('x-stoa-');
}
