import { STATUS_CODES } from 'node:http';
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { endAnswer } from './end-answer.ts';
import type { QuickReply } from './quick/reply.ts';
import { requestIdOf } from './request-id.ts';

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
const maxFaults = 20;
const maxFaultBytes = 7000;
const maxPointerChars = 256;
const maxTextChars = 1000;

/**
 * A problem whose title is the status's own and whose type follows from `code`; without a code it is `about:blank` (RFC 9457 §4.2.1).
 * Of many faults the first are told and the others counted, and long texts are cut: what is wrong with a request must not make its answer large.
 */
export function problem(status: number, { errors, detail, ...members }: Partial<Omit<Problem, 'status'>> = {}): Problem {
  const type = members.code === undefined ? 'about:blank' : `urn:stoa:problem:${members.code}`;
  const told = errors === undefined ? undefined : firstFaults(errors);
  const more = (errors?.length ?? 0) - (told?.length ?? 0);
  const sentences = [
    detail === undefined ? undefined : cut(detail, maxTextChars),
    more > 0 ? `These are the first ${told?.length}, and ${more} more.` : undefined,
  ];
  const text = sentences.filter((sentence) => sentence !== undefined).join(' ');
  return { type, title: STATUS_CODES[status] ?? 'Error', status, ...members, ...(text !== '' && { detail: text }), ...(told && { errors: told }) };
}

function firstFaults(faults: readonly ProblemFault[]): ProblemFault[] {
  const told: ProblemFault[] = [];
  let bytes = 0;
  for (const { pointer, message } of faults.slice(0, maxFaults)) {
    const fault = { pointer: cut(pointer, maxPointerChars), message: cut(message, maxTextChars) };
    bytes += Buffer.byteLength(JSON.stringify(fault));
    if (bytes > maxFaultBytes && told.length > 0) break;
    told.push(fault);
  }
  return told;
}

/** The beginning of a text that is too long, not ended within a character. */
export function cut(text: string, maxChars: number): string {
  return text.length <= maxChars ? text : `${text.slice(0, maxChars - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}

/** Sends a problem with the id of its request and ends the response. Does nothing but cut the connection when the head was already sent: a second one is impossible. */
export function sendProblem(response: ServerResponse | QuickReply, content: Problem, headers: OutgoingHttpHeaders = {}): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const requestId = content.request_id ?? requestIdOf(response);
  const body = Buffer.from(JSON.stringify({ ...content, request_id: requestId }));
  const all = {
    'cache-control': 'no-store',
    'x-request-id': requestId,
    ...headers,
    'content-type': problemContentType,
    'content-length': body.length,
  };
  response.writeHead(content.status, all);
  endAnswer(response, body);
}
