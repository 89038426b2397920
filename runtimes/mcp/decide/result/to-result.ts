import { STATUS_CODES } from 'node:http';
import type { ProblemError } from '@stoa/generated/schemas.ts';
import type { CallOutcome } from '../call-outcome.ts';
import type { ToolEntry } from '../../model.ts';
import { isJson } from '../../snapshot/request/styles.ts';
import type { UpstreamAnswer } from '../../upstream/upstream.ts';
import { contentOf } from './content.ts';
import { locationOf } from './location.ts';
import { structureOf } from './structure.ts';

type Answered = Extract<UpstreamAnswer, { kind: 'answered' }>;
type Result = Extract<CallOutcome, { kind: 'result' }>;

/**
 * What a tool answers for what the upstream answered. Statuses other than 2xx are errors that a model can read, status and body included. A tool
 * that lists an output schema owes structure that fits it: an answer without is an error too, since the clients of the SDKs take structure out of
 * errors for nothing, and says that the call itself succeeded.
 */
export function toResult(answer: Answered, tool: ToolEntry): Result {
  const { status, contentType, body } = answer;
  const { text, media } = contentOf(contentType, body, tool.name);
  const common = { kind: 'result' as const, status, ...(media !== undefined && { media }) };
  const failed = (sentence: string): Result => ({ ...common, isError: true, text: text === '' ? sentence : `${sentence}\n\n${text}` });
  if (status < 200 || status > 299) return failed(`The API answered ${statusLine(status)}.${locationOf(answer, tool.operation.api.item)}`);
  if (tool.validateResult === undefined) return { ...common, isError: false, text };
  const structure = isJson(contentType) && text !== '' ? structureOf(text, tool.validateResult) : { misfit: notJson(answer) };
  if ('json' in structure) return { ...common, isError: false, text, structured: structure.json };
  const { pointer, message } = structure.misfit;
  return failed(`The call succeeded, its answer does not fit at ${pointer === '' ? 'its root' : pointer}: ${message}.`);
}

function notJson({ status, contentType, body }: Answered): ProblemError {
  const given = body.length === 0 ? 'no body' : contentType === '' ? 'a body of no stated type' : contentType;
  return { pointer: '', message: `must be JSON, the API answered ${statusLine(status)} with ${given}` };
}

function statusLine(status: number): string {
  return `${status} ${STATUS_CODES[status] ?? ''}`.trimEnd();
}
