import type { BodyField } from '@stoa/generated/schemas.ts';
import { ArgumentFault, encodeReserved, encodeStrict, scalarText } from './encode.ts';
import { isJson, isRecord, writeForm, writeDeepObject } from './styles.ts';

/** Delimiters are data in a form body, not its syntax, so that they are written as percent triples. */
const delimiters = { form: '%2C', spaceDelimited: '%20', pipeDelimited: '%7C' } as const;

/**
 * A body of `application/x-www-form-urlencoded`. Members follow their Encoding Object; one without repeats its name for each item of a
 * list and writes an object as JSON, OpenAPI's defaults.
 */
export function compileForm(fields: readonly BodyField[]): (value: unknown) => string {
  const known = new Map(fields.map((field) => [field.name, field]));
  return (value) =>
    membersOf(value, 'form')
      .map(([name, member]) => writeMember(name, member, known.get(name)))
      .filter((text) => text !== '')
      .join('&');
}

/** The members of a body that have a value. Throws `ArgumentFault` when the body is no object. */
export function membersOf(value: unknown, kind: string): [string, unknown][] {
  if (!isRecord(value)) throw new ArgumentFault(`must be an object: the body is a ${kind}`);
  return Object.entries(value).filter(([, member]) => member !== undefined && member !== null);
}

function writeMember(name: string, member: unknown, field: BodyField | undefined): string {
  const encode = field?.allow_reserved === true ? encodeReserved : encodeStrict;
  const key = encodeStrict(name);
  if (field?.style === 'deepObject') return writeDeepObject(member, key, encode, 0).join('&');
  if (field?.style !== undefined || field?.explode !== undefined) {
    const style = field.style ?? 'form';
    return writeForm(member, key, field.explode ?? style === 'form', encode, delimiters[style], '&');
  }
  if (field?.content_type !== undefined && isJson(field.content_type)) return `${key}=${encode(JSON.stringify(member))}`;
  const items: unknown[] = Array.isArray(member) ? member.filter((item) => item !== null) : [member];
  return items.map((item) => `${key}=${encode(scalarText(item))}`).join('&');
}
