import { cut } from '@stoa/lib/problem.ts';
import type { InputRequiredResult } from '@modelcontextprotocol/server';
import type { CallOutcome } from '../../decide/call-outcome.ts';
import type { MediaContent } from '../../decide/result/content.ts';
import { heldText } from '../denial.ts';
import { approvalRequest, approvalText } from './approval-answer.ts';
import { errorCode } from './json-rpc.ts';
import type { JsonRpcError } from './json-rpc.ts';

type TextContent = { type: 'text'; text: string };

/** `CallToolResult` of MCP as far as we produce it; the same in every revision we serve. */
export type CallToolResult = {
  content: (TextContent | MediaContent)[];
  /** JSON text of an object. */
  structuredContent?: string;
  isError?: true;
};

/** What a door answers to a call: a result, a JSON-RPC error, or nothing because the client cancelled and expects nothing. */
export type CallAnswer =
  | {
      readonly kind: 'result';
      readonly result: CallToolResult;
      readonly retryAfterS?: number;
      /** In its place, for a client that can have a person go to a URL. */
      readonly asks?: InputRequiredResult;
      /** What `_meta` tells of the tool. */
      readonly meta?: Readonly<Record<string, unknown>>;
    }
  | { readonly kind: 'error'; readonly error: JsonRpcError }
  /** The client has to ask its issuer for a token with these: HTTP 403, which it reads before any body (MCP "Authorization", scope challenge). */
  | { readonly kind: 'scopes_missing'; readonly error: JsonRpcError; readonly scopes: readonly string[] }
  /** What an MCP server answered: the text of a result, or of an error object. */
  | { readonly kind: 'raw'; readonly result?: string | undefined; readonly error?: string | undefined; readonly isError: boolean }
  | { readonly kind: 'none' };

/**
 * The outcome of a call as MCP has it: the same in every revision, with and without the SDK.
 *
 * Only an unknown tool is a protocol error (-32602; MCP 2026-07-28 "Tools: error handling"). Everything a model can act on is a
 * result with `isError`: refused arguments (SEP-1303), failures of the upstream, and limits. A limit is not HTTP 429, because
 * MCP clients turn a failed POST into an exception that the model never reads, and the other calls of a batch would fail with
 * it; the text says when to come back, and `Retry-After` (RFC 9110 §10.2.3) says it to programs.
 */
export function answerOf(toolName: string, outcome: CallOutcome): CallAnswer {
  switch (outcome.kind) {
    case 'unknown_tool':
      return { kind: 'error', error: { code: errorCode.invalidParams, message: `Unknown tool: ${cut(toolName.toWellFormed(), 200)}` } };
    case 'scopes_missing': {
      const message = `Forbidden: the token needs these scopes for ${toolName}: ${outcome.scopes.join(' ')}.`;
      return { kind: 'scopes_missing', error: { code: errorCode.server, message }, scopes: outcome.scopes };
    }
    case 'cancelled':
      return { kind: 'none' };
    case 'passed':
      return { kind: 'raw', result: outcome.result, error: outcome.error, isError: outcome.isError };
    case 'result':
      return { kind: 'result', result: resultOf(outcome) };
    case 'invalid_arguments':
      return failure(`The arguments of ${toolName} are invalid. Correct them and call again.\n${listFaults(outcome.errors)}`);
    case 'rate_limited':
      return { ...failure(limitText(outcome.policy, outcome.retryAfterS)), retryAfterS: outcome.retryAfterS };
    case 'circuit_open':
    case 'upstream_busy':
      return { ...failure(`${heldText(outcome)} ${againText(outcome.retryAfterS)}`), retryAfterS: outcome.retryAfterS };
    case 'uncounted':
      return { ...failure(`The limit "${outcome.policy}" cannot be counted at the moment. Call again in a few seconds.`), retryAfterS: 1 };
    case 'address_refused':
      return failure('Calls of this API are not accepted from where this one comes.');
    case 'time_refused':
      return failure(`The policy "${outcome.policy}" lets no calls through at this time. Tell whoever asked, instead of calling again.`);
    case 'not_permitted':
      return failure('The policies of this API do not let this call through. Tell whoever asked, instead of calling again.');
    case 'approval_needed':
      return failure(`The policy "${outcome.policy}" has this call wait for a person.`);
    case 'unapproved': {
      const asks = approvalRequest(outcome);
      return { ...failure(approvalText(outcome)), ...(asks !== undefined && { asks }) };
    }
    case 'content_refused':
      return failure(`The call is refused: ${outcome.reason}. Leave it out, instead of writing it in another way.`);
    case 'answer_withheld':
      return failure(`The call was made, and its answer is withheld: ${outcome.reason}. Do not make it again.`);
    case 'too_large':
      return failure(`The request is larger than the ${outcome.maxBytes} bytes that this API accepts. Send less in one call.`);
    case 'upstream_failed':
      return failure(outcome.reason);
  }
}

/** What is no text needs no empty text before it; everything else has one block of text, also when it is empty. */
function resultOf({ isError, text, media, structured }: Extract<CallOutcome, { kind: 'result' }>): CallToolResult {
  const { content, ...rest } = textResult(text, isError);
  const blocks = media === undefined ? content : text === '' ? [media] : [...content, media];
  return { content: blocks, ...(structured !== undefined && { structuredContent: structured }), ...rest };
}

/** The members of a result as JSON, without the braces around them, for a lane that writes text. */
export function resultMembers({ structuredContent, content, isError }: CallToolResult): string {
  const [first] = content;
  const isOneText = content.length === 1 && first?.type === 'text';
  const blocks = isOneText ? `[{"type":"text","text":${JSON.stringify(first.text)}}]` : JSON.stringify(content);
  const members = isError === true ? `"content":${blocks},"isError":true` : `"content":${blocks}`;
  return structuredContent === undefined ? members : `${members},"structuredContent":${structuredContent}`;
}

function failure(text: string): Extract<CallAnswer, { kind: 'result' }> {
  return { kind: 'result', result: textResult(text, true) };
}

/** Names that a caller made up may hold half a surrogate pair, for which readers of JSON in Python refuse the whole message. */
function textResult(text: string, isError: boolean): CallToolResult {
  return { content: [{ type: 'text', text: text.toWellFormed() }], ...(isError && { isError }) };
}

const limitText = (policy: string, retryAfterS: number): string => `The limit "${policy}" is reached. ${againText(retryAfterS)}`;
const againText = (retryAfterS: number): string => `Call again in ${retryAfterS} ${retryAfterS === 1 ? 'second' : 'seconds'}, not earlier.`;

function listFaults(errors: readonly { pointer: string; message: string }[]): string {
  return errors.map(({ pointer, message }) => `- ${pointer === '' ? 'the arguments' : pointer}: ${message}`).join('\n');
}
