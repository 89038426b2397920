import { DocumentError } from './document-error.ts';
import { arrayMember, isObject, objectMember, stringMember } from './json.ts';
import type { JsonObject } from './json.ts';

const remedy = 'give the address as upstream_url';
const maxVariables = 32;

/**
 * Where the API is served: `upstreamUrl` when given, else the first server of the document, its variables at their defaults and, when
 * relative, resolved against the address the document came from (OpenAPI 3.1 "Server Object").
 * @returns an absolute http or https URL without a trailing slash
 * @throws DocumentError when there is no such URL, or when it holds credentials, a query or a fragment
 */
export function upstreamUrlOf(document: JsonObject, options: { upstreamUrl?: string | undefined; sourceUrl?: string | undefined }): string {
  if (options.upstreamUrl !== undefined) return checkedUrl(options.upstreamUrl, 'upstream_url', 'upstream_url');
  const server = arrayMember(document, 'servers')[0];
  const url = isObject(server) ? serverUrl(server) : '/';
  if (URL.canParse(url)) return checkedUrl(url, 'The first server of the document', 'document');
  if (options.sourceUrl !== undefined && URL.canParse(url, options.sourceUrl)) {
    return checkedUrl(new URL(url, options.sourceUrl).href, 'The first server of the document', 'document');
  }
  const found = isObject(server)
    ? `The first server of the document is "${url.slice(0, 200)}", which is not absolute`
    : 'The document names no server';
  throw new DocumentError('upstream_unknown', `${found}; ${remedy}.`, 'upstream_url');
}

/** The URL of a Server Object with its variables at their defaults; a variable without one stays as it is. */
export function serverUrl(server: JsonObject): string {
  const variables = Object.entries(objectMember(server, 'variables') ?? {}).slice(0, maxVariables);
  return variables.reduce((url, [name, variable]) => {
    const value = isObject(variable) ? variable['default'] : undefined;
    return typeof value === 'string' || typeof value === 'number' ? url.replaceAll(`{${name}}`, String(value)) : url;
  }, stringMember(server, 'url') ?? '/');
}

function checkedUrl(text: string, subject: string, member: 'document' | 'upstream_url'): string {
  const refuse = (what: string): never => {
    throw new DocumentError('upstream_invalid', `${subject} ${what}${member === 'document' ? `; ${remedy}` : ''}.`, member);
  };
  const url = URL.canParse(text) ? new URL(text) : refuse(`is "${text.slice(0, 200)}", which is no absolute URL`);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') refuse(`uses the scheme ${url.protocol.slice(0, 40)} instead of http or https`);
  if (url.username !== '' || url.password !== '') refuse('holds credentials, which belong in upstream_auth');
  if (text.includes('?') || text.includes('#')) refuse('holds a query or a fragment, which a base URL cannot have');
  if (/[{}]|%7B|%7D/i.test(text)) refuse('holds a variable without a default');
  const clean = url.href.replace(/\/+$/, '');
  return clean.length > 2048 ? refuse('is longer than 2048 characters') : clean;
}
