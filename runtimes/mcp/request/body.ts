import { ArgumentFault, encodeStrict, scalarText } from './encode.ts';
import { isJson } from './styles.ts';

export type WriteBody = { readonly contentType: string; write(value: unknown): string };

/** The writer of request bodies of one media type. Throws an Error with the reason for a type that arguments cannot be written in. */
export function compileBody(contentType: string | undefined): WriteBody {
  const type = contentType === undefined || contentType === '*/*' || contentType === 'application/*' ? 'application/json' : contentType;
  if (isJson(type)) return { contentType: type, write: (value) => JSON.stringify(value) };
  if (/^application\/x-www-form-urlencoded\s*(;|$)/i.test(type)) return { contentType: type, write: writeForm };
  if (/^(text\/|application\/([^;\s]*\+)?xml\s*(;|$)|application\/(yaml|graphql)\s*(;|$))/i.test(type))
    return { contentType: type, write: scalarText };
  throw new Error(`a request body of type ${type} cannot be made from a tool's arguments`);
}

/** Each member as `name=value`, lists as a name repeated: OpenAPI's default encoding of form bodies. */
function writeForm(value: unknown): string {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new ArgumentFault('must be an object: the body is a form');
  return Object.entries(value)
    .flatMap(([name, member]: [string, unknown]) => (Array.isArray(member) ? member : [member]).map((item: unknown) => [name, item] as const))
    .filter(([, item]) => item !== undefined && item !== null)
    .map(([name, item]) => `${encodeStrict(name)}=${encodeStrict(scalarText(item))}`)
    .join('&');
}
