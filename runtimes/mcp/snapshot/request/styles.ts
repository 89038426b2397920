import type { ArgumentBinding } from '@stoa/generated/schemas.ts';
import { ExactNumber } from '@stoa/lib/exact-json.ts';
import { ArgumentFault, encodeHeader, encodeReserved, encodeStrict, scalarText } from './encode.ts';
import type { Encode } from './encode.ts';

/** Writes one argument; the value is neither undefined nor null. Throws `ArgumentFault`. */
export type Serialize = (value: unknown) => string;

type Place = 'path' | 'query' | 'header' | 'cookie';
type Style = NonNullable<ArgumentBinding['style']>;
type Writer = (value: unknown, name: string, explode: boolean, encode: Encode) => string;

const defaultStyles: Record<Place, Style> = { path: 'simple', query: 'form', header: 'simple', cookie: 'form' };
const allowedStyles: Record<Place, readonly Style[]> = {
  path: ['simple', 'label', 'matrix'],
  query: ['form', 'spaceDelimited', 'pipeDelimited', 'deepObject'],
  header: ['simple'],
  cookie: ['form'],
};
const maxDepth = 8;

/**
 * The writer of one parameter by OpenAPI 3.1 §4.8.12.2 (styles, after RFC 6570). In the query and in cookies the answer holds the
 * name (`a=1&a=2`), elsewhere the value alone. Throws an Error with the reason when the parameter has no form there.
 */
export function compileParameter(binding: ArgumentBinding): Serialize {
  const place = binding.in as Place;
  const style = binding.style ?? defaultStyles[place];
  if (!allowedStyles[place].includes(style)) throw new Error(`style ${style} does not exist in the ${place}`);
  const explode = binding.explode ?? style === 'form';
  const encode = place === 'header' ? encodeHeader : place === 'query' && binding.allow_reserved === true ? encodeReserved : encodeStrict;
  const named = place === 'query' || place === 'cookie';
  if (binding.content_type !== undefined) {
    const prefix = named ? `${encodeStrict(binding.name)}=` : '';
    const json = isJson(binding.content_type);
    return (value) => prefix + encode(json ? JSON.stringify(value) : scalarText(value));
  }
  const name = place === 'header' ? binding.name : encodeStrict(binding.name);
  const write = place === 'cookie' ? cookie : writers[style];
  return (value) => write(value, name, explode, encode);
}

export function isJson(contentType: string): boolean {
  return /^(?:application\/(?:[^;\s]*\+)?|text\/)json\s*(?:;|$)/i.test(contentType);
}

const writers: Record<Style, Writer> = {
  simple: (value, _name, explode, encode) => list(value, explode, encode, ',', ','),
  label: (value, _name, explode, encode) => `.${list(value, explode, encode, explode ? '.' : ',', explode ? '.' : ',')}`,
  matrix: (value, name, explode, encode) => matrix(value, name, explode, encode),
  form: (value, name, explode, encode) => writeForm(value, name, explode, encode, ',', '&'),
  spaceDelimited: (value, name, explode, encode) => writeForm(value, name, explode, encode, '%20', '&'),
  pipeDelimited: (value, name, explode, encode) => writeForm(value, name, explode, encode, '%7C', '&'),
  deepObject: (value, name, _explode, encode) => writeDeepObject(value, name, encode, 0).join('&'),
};

const cookie: Writer = (value, name, explode, encode) => writeForm(value, name, explode && !Array.isArray(value), encode, ',', '; ');

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof ExactNumber);
}

function members(value: Record<string, unknown>): [string, unknown][] {
  return Object.entries(value).filter(([, member]) => member !== undefined && member !== null);
}

function list(value: unknown, explode: boolean, encode: Encode, items: string, pairs: string): string {
  if (Array.isArray(value)) return value.map((item) => encode(scalarText(item))).join(items);
  if (!isRecord(value)) return encode(scalarText(value));
  return members(value)
    .map(([key, member]) => `${encode(key)}${explode ? '=' : ','}${encode(scalarText(member))}`)
    .join(pairs);
}

function matrix(value: unknown, name: string, explode: boolean, encode: Encode): string {
  const pair = (key: string, text: string) => (text === '' ? `;${key}` : `;${key}=${text}`);
  if (explode && Array.isArray(value)) return value.map((item) => pair(name, encode(scalarText(item)))).join('');
  if (explode && isRecord(value))
    return members(value)
      .map(([key, member]) => pair(encode(key), encode(scalarText(member))))
      .join('');
  return pair(name, list(value, false, encode, ',', ','));
}

export function writeForm(value: unknown, name: string, explode: boolean, encode: Encode, items: string, parameters: string): string {
  if (Array.isArray(value)) {
    // An empty list has no form of its own: the parameter is left out.
    if (value.length === 0) return '';
    const texts = value.map((item) => encode(scalarText(item)));
    return explode ? texts.map((text) => `${name}=${text}`).join(parameters) : `${name}=${texts.join(items)}`;
  }
  if (!isRecord(value)) return `${name}=${encode(scalarText(value))}`;
  if (!explode)
    return `${name}=${members(value)
      .flatMap(([key, member]) => [encode(key), encode(scalarText(member))])
      .join(items)}`;
  return members(value)
    .map(([key, member]) => `${encodeStrict(key)}=${encode(scalarText(member))}`)
    .join(parameters);
}

/** `name[key]=value`, brackets encoded. OpenAPI defines one level; deeper ones and lists are written as `qs` and Rails read them. */
export function writeDeepObject(value: unknown, name: string, encode: Encode, depth: number): string[] {
  if (depth > maxDepth) throw new ArgumentFault(`must not be nested deeper than ${maxDepth} levels`);
  if (Array.isArray(value)) return value.flatMap((item) => writeDeepObject(item, `${name}%5B%5D`, encode, depth + 1));
  if (!isRecord(value)) return [`${name}=${encode(scalarText(value))}`];
  return members(value).flatMap(([key, member]) => writeDeepObject(member, `${name}%5B${encodeStrict(key)}%5D`, encode, depth + 1));
}
