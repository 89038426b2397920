import { STATUS_CODES } from 'node:http';
import type { Tool } from '@stoa/generated/schemas.ts';
import type { CallOutcome } from './call-outcome.ts';
import type { ToolEntry } from './model.ts';
import type { UpstreamAnswer } from './upstream.ts';
import { isJson } from './request/styles.ts';

type Answered = Extract<UpstreamAnswer, { kind: 'answered' }>;
type Result = Extract<CallOutcome, { kind: 'result' }>;

/**
 * What a tool answers for what the upstream answered. Statuses other than 2xx are errors that a model can read, status and body
 * included. A tool that declares an output schema owes an object (MCP 2025-06-18 and later, "Structured Content"), so an answer
 * without one is an error too, which says that the call itself succeeded.
 */
export function toResult({ status, contentType, body }: Answered, tool: ToolEntry): Result {
  const text = textOf(contentType, body);
  if (status < 200 || status > 299) return { kind: 'result', isError: true, text: withBody(`The API answered ${statusLine(status)}.`, text), status };
  const promised = tool.definition.output_schema;
  const structured = isJson(contentType) ? parseStructure(text, promised) : undefined;
  if (structured !== undefined) return { kind: 'result', isError: false, text, structured, status };
  if (promised === undefined) return { kind: 'result', isError: false, text, status };
  const sentence = `The call succeeded (${statusLine(status)}), but the API did not answer with the object that its description promises.`;
  return { kind: 'result', isError: true, text: withBody(sentence, text), status };
}

function statusLine(status: number): string {
  return `${status} ${STATUS_CODES[status] ?? ''}`.trimEnd();
}

function withBody(sentence: string, text: string): string {
  return text === '' ? sentence : `${sentence}\n\n${text}`;
}

/** Text by its charset, without a byte order mark; anything else whole, as a data URL (RFC 2397). */
function textOf(contentType: string, body: Buffer): string {
  if (body.length === 0) return '';
  const [type = ''] = contentType.split(';', 1);
  const isText =
    type === '' ||
    isJson(type) ||
    /^(text\/|application\/(.+\+xml|xml|yaml|.+\+yaml|javascript|x-www-form-urlencoded|x-ndjson|graphql)$)/i.test(type.trim());
  return isText ? decode(body, isJson(type) ? undefined : charsetOf(contentType)) : `data:${type.trim()};base64,${body.toString('base64')}`;
}

/** JSON is UTF-8 whatever it says (RFC 8259 §8.1), and a mark before it would keep it from being read. */
function decode(body: Buffer, charset: string | undefined): string {
  if (charset === undefined) {
    const text = body.toString('utf8');
    return text.startsWith('\uFEFF') ? text.slice(1) : text;
  }
  try {
    return new TextDecoder(charset).decode(body);
  } catch {
    // A charset that nobody knows.
    return body.toString('utf8');
  }
}

function charsetOf(contentType: string): string | undefined {
  return /;\s*charset="?([^\s";]+)/i.exec(contentType)?.[1];
}

/** An object as it is; anything else in `result` where the tool promises an object that holds it there. */
function parseStructure(text: string, promised: Tool['output_schema']): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
    return promised === undefined ? undefined : { result: value };
  } catch {
    return undefined;
  }
}
