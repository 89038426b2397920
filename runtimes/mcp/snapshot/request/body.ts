import type { ArgumentBinding } from '@stoa/generated/schemas.ts';
import { ArgumentFault, scalarText } from './encode.ts';
import { readFile } from './file.ts';
import { compileForm } from './form.ts';
import { compileMultipart } from './multipart.ts';
import { isJson } from './styles.ts';

/** What is sent: its media type, and text that is written as UTF-8 or bytes as they are. */
export type Content = { readonly contentType: string; readonly content: string | Buffer };
export type WriteBody = (value: unknown) => Content;

/** The writer of request bodies of one media type. Throws an Error with the reason for a type that arguments cannot be written in. */
export function compileBody({ content_type: declared, fields = [], base64 }: Pick<ArgumentBinding, 'content_type' | 'fields' | 'base64'>): WriteBody {
  const type = declared === undefined || declared === '*/*' || declared === 'application/*' ? 'application/json' : declared;
  const writing =
    (write: (value: unknown) => string): WriteBody =>
    (value) => ({ contentType: type, content: write(value) });
  if (base64 === true) return fileWriter(declared);
  if (isJson(type)) return writing(JSON.stringify);
  if (/^application\/x-www-form-urlencoded\s*(;|$)/i.test(type)) return writing(compileForm(fields));
  if (/^multipart\/[a-z0-9.+-]+\s*(;|$)/i.test(type)) return compileMultipart(type, fields);
  if (!type.includes('*')) return writing(textOf);
  throw new Error(`a request body of type ${type} cannot be made from a tool's arguments`);
}

/** A file has the type that its data URL tells where the document leaves it open. */
function fileWriter(declared: string | undefined): WriteBody {
  const fixed = declared === undefined || declared.includes('*') ? undefined : declared;
  return (value) => {
    const { bytes, type } = readFile(value);
    return { contentType: fixed ?? type ?? 'application/octet-stream', content: bytes };
  };
}

function textOf(value: unknown): string {
  const text = scalarText(value);
  if (!text.isWellFormed()) throw new ArgumentFault('must be well-formed Unicode');
  return text;
}
