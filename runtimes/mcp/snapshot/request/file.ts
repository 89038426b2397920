import { maxFileBytes, maxFileText } from '@stoa/lib/file-argument.ts';
import { ArgumentFault } from './encode.ts';

/** What an argument stands for; `type` and `name` where a data URL tells them. */
export type FileContent = { readonly bytes: Buffer; readonly type: string | undefined; readonly name: string | undefined };

const maxBase64 = Math.ceil(maxFileBytes / 3) * 4;
const mediaType = /^[a-z0-9!#$&^_.+-]+\/[a-z0-9!#$&^_.+-]+$/i;

/** Reads base64 text (RFC 4648, either alphabet) or a data URL (RFC 2397; a `name` parameter names the file). Throws `ArgumentFault`. */
export function readFile(value: unknown): FileContent {
  if (typeof value !== 'string') throw new ArgumentFault('must be base64 text or a data URL');
  if (!/^data:/i.test(value)) return { bytes: fromBase64(value), type: undefined, name: undefined };
  const comma = value.indexOf(',');
  if (comma < 0 || comma > 1024) throw new ArgumentFault('is a data URL without data');
  const [type = '', ...parameters] = value.slice('data:'.length, comma).split(';');
  const isBase64 = parameters.some((parameter) => parameter.trim().toLowerCase() === 'base64');
  const name = parameters.find((parameter) => /^(file)?name=/i.test(parameter.trim()));
  const data = value.slice(comma + 1);
  return {
    bytes: isBase64 ? fromBase64(data) : bounded(Buffer.from(percentDecoded(data), 'utf8')),
    type: mediaType.test(type.trim()) ? type.trim() : undefined,
    name: name === undefined ? undefined : percentDecoded(name.slice(name.indexOf('=') + 1)).replace(/^"|"$/g, ''),
  };
}

function fromBase64(text: string): Buffer {
  const compact = /\s/.test(text) ? text.replace(/\s+/g, '') : text;
  if (compact.length > maxBase64) throw new ArgumentFault(tooLarge);
  if (!/^[A-Za-z0-9+/_-]*={0,2}$/.test(compact)) throw new ArgumentFault('must be base64 text or a data URL');
  return bounded(Buffer.from(compact, 'base64'));
}

function bounded(bytes: Buffer): Buffer {
  if (bytes.length > maxFileBytes) throw new ArgumentFault(tooLarge);
  return bytes;
}

const tooLarge = `stands for more than ${maxFileText}`;

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new ArgumentFault('is a data URL whose percent triples are none');
  }
}
