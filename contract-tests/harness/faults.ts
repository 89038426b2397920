import type { ServerResponse } from 'node:http';

/** What the harness does wrong with one call. */
export type Fault =
  /** The connection is cut before the call has any effect. */
  | { kind: 'reset' }
  /** The call takes effect, and the connection is cut before the answer. */
  | { kind: 'lost-reply' }
  /** An answer by the status table instead of the right one; the call has no effect. */
  | { kind: 'status'; status: number; code?: string; retryAfterS?: number }
  /** The right answer, this late. */
  | { kind: 'slow'; delayMs: number }
  /** Status 200 with a body that is not what the contract says; the call has no effect. */
  | { kind: 'malformed'; text: string }
  /** The right answer with these members changed. */
  | { kind: 'changed'; members: Record<string, unknown> };

/** A body that is not JSON as it stands: the text that it says, and its bytes on the wire. */
export class Packed {
  readonly text: string;
  readonly bytes: Buffer;

  constructor(text: string, bytes: Buffer = Buffer.from(text)) {
    this.text = text;
    this.bytes = bytes;
  }
}

export type Reply = { status: number; headers: Record<string, string>; body: unknown };

export const problemReply = (status: number, members: Record<string, unknown> = {}, headers: Record<string, string> = {}): Reply => ({
  status,
  headers: { 'content-type': 'application/problem+json', ...(status === 401 && { 'www-authenticate': 'Bearer realm="harness"' }), ...headers },
  body: {
    type: 'about:blank',
    title: 'The harness says no',
    status,
    detail: `The harness was told to answer ${status}.`,
    request_id: 'harness',
    ...members,
  },
});

export function faultReply({ status, code, retryAfterS }: Fault & { kind: 'status' }): Reply {
  const waits = status === 429 || status === 503;
  return problemReply(status, code === undefined ? {} : { code }, waits ? { 'retry-after': String(retryAfterS ?? 1) } : {});
}

export function textOf(body: unknown): string {
  if (body instanceof Packed) return body.text;
  return body === undefined ? '' : JSON.stringify(body);
}

export function sendReply(response: ServerResponse, { status, headers, body }: Reply): void {
  const bytes = body instanceof Packed ? body.bytes : Buffer.from(textOf(body));
  response.writeHead(status, status === 204 || status === 304 ? headers : { ...headers, 'content-length': bytes.length });
  response.end(bytes);
}
