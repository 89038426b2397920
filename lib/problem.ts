import { STATUS_CODES } from 'node:http';
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { endAnswer } from './end-answer.ts';

/** One fault of a request: `pointer` is a JSON pointer (RFC 6901) into the body, or the name of a parameter. */
export type ProblemFault = { pointer: string; message: string };

/** RFC 9457 problem details, with the members the registration contract adds. */
export type Problem = {
  type: string;
  title: string;
  status: number;
  detail?: string;
  errors?: ProblemFault[];
  request_id?: string;
  /** A stable word for programs, such as `stale_epoch`. */
  code?: string;
};

const problemContentType = 'application/problem+json';

/** A problem whose title is the status's own and whose type follows from `code`; without a code it is `about:blank` (RFC 9457 §4.2.1). */
export function problem(status: number, members: Partial<Omit<Problem, 'status'>> = {}): Problem {
  const type = members.code === undefined ? 'about:blank' : `urn:stoa:problem:${members.code}`;
  return { type, title: STATUS_CODES[status] ?? 'Error', status, ...members };
}

/** Sends a problem and ends the response. Does nothing but cut the connection when the head was already sent: a second one is impossible. */
export function sendProblem(response: ServerResponse, content: Problem, headers: OutgoingHttpHeaders = {}): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const body = Buffer.from(JSON.stringify(content));
  response.writeHead(content.status, {
    'cache-control': 'no-store',
    ...headers,
    'content-type': problemContentType,
    'content-length': body.length,
  });
  endAnswer(response, body);
}
