import type { IncomingMessage } from 'node:http';
import type { Input } from '../schemas/field.ts';
import { KongError } from './kong-error.ts';

const maxBytes = 10 * 1024 * 1024;

/** The 415 of Kong is nginx's page, not JSON. */
export class UnsupportedMediaType extends Error {}

/**
 * Reads the body of an Admin API request, JSON or form. No body is an empty object.
 * @throws KongError 400 for bad JSON, 413 above 10 MiB. @throws UnsupportedMediaType for any other content type.
 */
export async function readBody(request: IncomingMessage): Promise<Input> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) throw new KongError(413, { message: 'Request body too large' });
    chunks.push(chunk);
  }
  const type = (request.headers['content-type'] ?? '').split(';')[0]!.trim().toLowerCase();
  const text = Buffer.concat(chunks).toString('utf8');
  if (type === '' && text === '') return {};
  if (type === 'application/json') return parseJson(text);
  if (type === 'application/x-www-form-urlencoded') return parseForm(text);
  if (type === 'text/yaml') return { config: text };
  throw new UnsupportedMediaType();
}

function parseJson(text: string): Input {
  try {
    const value: unknown = text === '' ? {} : JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Input;
  } catch {
    // The answer is the same for every kind of bad JSON.
  }
  throw new KongError(400, { message: 'Cannot parse JSON body' });
}

/** `tags[]=a` and `tags[1]=a` are lists, `config.minute=5` is nested, numbers and booleans are read as such. */
function parseForm(text: string): Input {
  const body: Input = {};
  for (const [name, value] of new URLSearchParams(text)) {
    const path = name.replace(/\[\d*\]$/, '').split('.');
    const last = path.pop()!;
    if ([last, ...path].some((key) => key === '__proto__')) continue;
    const parent = path.reduce<Input>((at, key) => (at[key] ??= {}) as Input, body);
    const isList = /\[\d*\]$/.test(name);
    parent[last] = isList ? [...((parent[last] ?? []) as unknown[]), formValue(value)] : formValue(value);
  }
  return body;
}

function formValue(value: string): unknown {
  if (value === '') return null;
  if (value === 'true' || value === 'false') return value === 'true';
  return /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value;
}
