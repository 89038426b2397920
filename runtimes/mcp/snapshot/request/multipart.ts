import { randomBytes } from 'node:crypto';
import type { BodyField } from '@stoa/generated/schemas.ts';
import { encodeHeader, scalarText } from './encode.ts';
import { readFile } from './file.ts';
import { membersOf } from './form.ts';
import { isJson } from './styles.ts';

type Part = { readonly name: string; readonly filename?: string; readonly type: string | undefined; readonly content: string | Buffer };

/**
 * A body of `multipart/form-data` (RFC 7578) or another kind of `multipart`. Each item of a list is a part; objects are JSON. A file
 * has the media type and the name that its data URL tells, else those that the document tells, else its member's name.
 */
export function compileMultipart(contentType: string, fields: readonly BodyField[]): (value: unknown) => { contentType: string; content: Buffer } {
  const known = new Map(fields.map((field) => [field.name, field]));
  const [type = 'multipart/form-data'] = contentType.split(';', 1);
  return (value) => {
    const parts = membersOf(value, 'multipart').flatMap(([name, member]) => partsOf(name, member, known.get(name)));
    // Not to be guessed: content that holds it would end its part.
    const boundary = `stoa-${randomBytes(16).toString('hex')}`;
    const lines = parts.flatMap((part) => [Buffer.from(`--${boundary}\r\n${headOf(part)}\r\n\r\n`), asBuffer(part.content), Buffer.from('\r\n')]);
    return { contentType: `${type.trim()}; boundary=${boundary}`, content: Buffer.concat([...lines, Buffer.from(`--${boundary}--\r\n`)]) };
  };
}

function partsOf(name: string, member: unknown, field: BodyField | undefined): Part[] {
  const { content_type: declared, base64 } = field ?? { name };
  const isOneJson = declared !== undefined && isJson(declared) && base64 !== true;
  const items: unknown[] = Array.isArray(member) && !isOneJson ? joined(member, field) : [member];
  return items
    .filter((item) => item !== undefined && item !== null)
    .map((item) => {
      if (base64 === true) {
        const file = readFile(item);
        return { name, filename: file.name ?? name, type: file.type ?? typed(declared) ?? 'application/octet-stream', content: file.bytes };
      }
      const isText = typeof item !== 'object';
      return {
        name,
        type: typed(declared) ?? (isText ? undefined : 'application/json'),
        content: isOneJson ? JSON.stringify(item) : scalarText(item),
      };
    });
}

/** A list is one part where its style says so. */
function joined(list: unknown[], field: BodyField | undefined): unknown[] {
  if (field?.style === undefined || (field.explode ?? field.style === 'form')) return list;
  const delimiter = { form: ',', spaceDelimited: ' ', pipeDelimited: '|', deepObject: ',' }[field.style];
  return [list.map(scalarText).join(delimiter)];
}

/** An Encoding Object may list several media types; the first one is meant. */
function typed(declared: string | undefined): string | undefined {
  const first = declared?.split(',', 1)[0]?.trim();
  return first === undefined || first.includes('*') ? undefined : first;
}

function headOf({ name, filename, type }: Part): string {
  const file = filename === undefined ? '' : `; filename="${quotable(filename)}"`;
  return `Content-Disposition: form-data; name="${quotable(name)}"${file}${type === undefined ? '' : `\r\nContent-Type: ${encodeHeader(type)}`}`;
}

/** As browsers write names (HTML, "Multipart form data"): UTF-8, with what would end the header or the quotes as percent triples. */
function quotable(text: string): string {
  return text.replace(/[\r\n"\0]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`);
}

function asBuffer(content: string | Buffer): Buffer {
  return typeof content === 'string' ? Buffer.from(content, 'utf8') : content;
}
