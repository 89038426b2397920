import type { Part } from './arguments.ts';
import { describesObject } from './described-types.ts';
import { isObject, objectMember, stringMember } from './json.ts';
import { mediaKind, sentMediaType } from './media-types.ts';
import type { MediaKind } from './media-types.ts';
import type { OperationContext } from './operation-context.ts';
import { dereference } from './references.ts';

/** RFC 9110 §9.3: content in these requests has no defined meaning, and clients do not send it. */
const withoutBody: ReadonlySet<string> = new Set(['GET', 'HEAD', 'TRACE']);
const preference: readonly MediaKind[] = ['json', 'form', 'text'];

/** The argument `body`, when the operation has a body that a tool can send. */
export function bodyArguments(operation: OperationContext): Part {
  if (operation.value['requestBody'] === undefined) return { arguments: [] };
  const found = dereference(operation.document, operation.value['requestBody']);
  if (!found.found) return { arguments: [], impossible: `The request body is not described. ${found.reason}` };
  const required = found.value['required'] === true;
  const content = Object.entries(objectMember(found.value, 'content') ?? {});
  const without = (reason: string): Part => {
    if (required) return { arguments: [], impossible: reason };
    operation.lose(`${reason} The tool is called without a body.`);
    return { arguments: [] };
  };
  if (withoutBody.has(operation.method)) return without(`A ${operation.method} request cannot carry a body.`);
  const kinds = content.map(([mediaType]) => mediaKind(mediaType));
  const kind = preference.find((each) => kinds.includes(each));
  const [mediaType, media] = content[kind === undefined ? -1 : kinds.indexOf(kind)] ?? [];
  if (kind === undefined || kind === 'other' || mediaType === undefined) {
    const names = content
      .map(([name]) => name)
      .join(', ')
      .slice(0, 200);
    return without(names === '' ? 'The body has no media type.' : `The body is only described as ${names}, which a tool cannot send.`);
  }
  const schema = isObject(media) && media['schema'] !== undefined ? media['schema'] : {};
  const where = `${operation.where}, request body`;
  const fragment = operation.schemas.convert(kind === 'text' ? { type: 'string' } : schema, 'input', where);
  if (kind === 'form') {
    if (!describesObject(operation.document, schema)) return without('The form is not described as an object.');
    if (isObject(media) && media['encoding'] !== undefined)
      operation.lose('The encoding of single form fields is not kept; fields are sent in the default style.');
  }
  const binding = { in: 'body' as const, name: '', required, content_type: sentMediaType(mediaType, kind) };
  return { arguments: [{ binding, fragment, description: stringMember(found.value, 'description') }] };
}
