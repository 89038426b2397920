import type { ProblemError } from '@stoa/generated/schemas.ts';
import { findBeyondDouble, withoutLoneSurrogates } from '@stoa/lib/exact-json.ts';
import { boundsFault } from '@stoa/lib/json-bounds.ts';
import type { ValidateArguments } from '../../snapshot/arguments/arguments.ts';

/** What a client gets as `structuredContent`, or where and why an answer is not what the tool's schema promises. */
export type Structure = { readonly json: string } | { readonly misfit: ProblemError };

/** The reader of JSON in pydantic, which the Python SDK uses, refuses a message of more than 200 levels; two of them are MCP's own. */
const maxDepth = 190;

/**
 * The structure of a JSON answer, as JSON text of an object: the upstream's own text, so that no number is rounded and no member moved. What is no
 * object stands in `result`, where the tool's schema has it (MCP 2025-06-18 "Structured content" wants an object). A client of the SDKs throws away a
 * whole answer whose structure does not fit the schema, or that its reader of JSON cannot read: such structure must not be sent.
 */
export function structureOf(text: string, promised: ValidateArguments): Structure {
  const excess = mayNestDeeply(text) ? boundsFault(Buffer.from(text), { maxDepth, maxKeys: Infinity, maxValues: Infinity }) : undefined;
  if (excess !== undefined) return misfit(excess);
  const wellFormed = withoutLoneSurrogates(text);
  let value: unknown;
  try {
    value = JSON.parse(wellFormed);
  } catch {
    return misfit('is not valid JSON');
  }
  const beyond = mayExceedDouble.test(wellFormed) ? findBeyondDouble(wellFormed) : undefined;
  if (beyond !== undefined)
    return misfit(`holds the number ${beyond.length > 40 ? `${beyond.slice(0, 40)}…` : beyond}, which most readers of JSON cannot hold`);
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  const [fault] = promised(isObject ? (value as Record<string, unknown>) : { result: value });
  if (fault !== undefined) return { misfit: fault };
  return { json: isObject ? wellFormed : `{"result":${wellFormed}}` };
}

/** An exponent, or more digits than the largest double has: only with one of them can a number be beyond it. */
const mayExceedDouble = /\d[eE]|\d{300}/;

/** Whether there are more brackets and braces than there may be levels: most answers are looked through no further. */
function mayNestDeeply(text: string): boolean {
  return text.length > maxDepth && countUpTo(text, '{', maxDepth) + countUpTo(text, '[', maxDepth) > maxDepth;
}

function countUpTo(text: string, bracket: string, most: number): number {
  let count = 0;
  for (let at = text.indexOf(bracket); at >= 0 && count <= most; at = text.indexOf(bracket, at + 1)) count += 1;
  return count;
}

function misfit(message: string): Structure {
  return { misfit: { pointer: '', message } };
}
