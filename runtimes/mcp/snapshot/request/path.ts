import type { ProblemError } from '@stoa/generated/schemas.ts';
import { ArgumentFault } from './encode.ts';
import type { Serialize } from './styles.ts';

export type PathParameter = { readonly argument: string; readonly serialize: Serialize };
type Segment = readonly (string | PathParameter)[];

/** A writer of paths: a template cut into segments once. Faults are added to `errors`. */
export type WritePath = (args: Record<string, unknown>, errors: ProblemError[]) => string;

/**
 * Compiles `/orders/{order_id}`. A value fills its own segment and never more: separators are written as percent triples, and what
 * would make its segment `.` or `..`, for the upstream or for one that decodes once more, is refused (lesson 27).
 * Throws an Error with the reason when a placeholder has no parameter.
 */
export function compilePath(template: string, parameters: ReadonlyMap<string, PathParameter>): WritePath {
  const segments = template
    .split('/')
    .slice(1)
    .map((segment) => compileSegment(segment, parameters));
  return (args, errors) => {
    let path = '';
    for (const segment of segments) path += `/${writeSegment(segment, args, errors)}`;
    return path;
  };
}

function compileSegment(segment: string, parameters: ReadonlyMap<string, PathParameter>): Segment {
  return segment
    .split(/(\{[^{}]*\})/)
    .filter((part) => part !== '')
    .map((part) => {
      if (!part.startsWith('{')) return literal(part);
      const parameter = parameters.get(part.slice(1, -1));
      if (parameter === undefined) throw new Error(`the path parameter ${part} has no binding`);
      return parameter;
    });
}

/** Literal text as a URL holds it; existing percent triples stay. */
function literal(text: string): string {
  return encodeURI(text)
    .replaceAll('%25', '%')
    .replace(/[?#]/g, (character) => (character === '?' ? '%3F' : '%23'));
}

function writeSegment(segment: Segment, args: Record<string, unknown>, errors: ProblemError[]): string {
  let text = '';
  let argument: string | undefined;
  for (const part of segment) {
    if (typeof part === 'string') {
      text += part;
      continue;
    }
    argument ??= part.argument;
    const written = writeParameter(part, Object.hasOwn(args, part.argument) ? args[part.argument] : undefined);
    if (typeof written === 'string') text += written;
    else errors.push(written);
  }
  if (argument !== undefined && hidesDotSegment(text)) errors.push(fault(argument, 'must not make a path segment "." or ".."'));
  return text;
}

function writeParameter({ argument, serialize }: PathParameter, value: unknown): string | ProblemError {
  try {
    const text = value === undefined || value === null || value === '' ? '' : serialize(value);
    return text === '' ? fault(argument, 'must not be empty: it is part of the path') : text;
  } catch (error) {
    if (error instanceof ArgumentFault) return fault(argument, error.message);
    throw error;
  }
}

/** Whether an upstream that decodes what we encoded, up to three times, would find a `.` or `..` segment or a NUL. */
function hidesDotSegment(encoded: string): boolean {
  let text = encoded;
  for (let round = 0; round < 3; round += 1) {
    if (!text.includes('%')) break;
    text = text.replace(/%(2e|2f|5c|25|00)/gi, (triple) => decodeURIComponent(triple));
  }
  if (!text.includes('.') && !text.includes('\0')) return false;
  return text.includes('\0') || text.split(/[/\\]/).some((segment) => segment === '.' || segment === '..');
}

export function fault(argument: string, message: string): ProblemError {
  return { pointer: `/${argument.replaceAll('~', '~0').replaceAll('/', '~1')}`, message };
}
