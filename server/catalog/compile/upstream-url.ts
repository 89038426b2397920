import { DocumentError } from './document-error.ts';
import { arrayMember, isObject, objectMember, stringMember } from './json.ts';
import type { JsonObject } from './json.ts';

const remedy = 'give the address as upstream_url';
const maxUrlCharacters = 2048;

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

/**
 * The URL of a Server Object with its variables at their defaults; a variable without one stays as it is. Every variable is replaced once:
 * defaults that name variables again would grow without end. Longer than a URL may be is cut, and refused for its length.
 */
export function serverUrl(server: JsonObject): string {
  const variables = objectMember(server, 'variables') ?? {};
  const [first = '', ...rest] = (stringMember(server, 'url') ?? '/').slice(0, maxUrlCharacters + 1).split('{');
  let url = first;
  for (const part of rest) {
    const end = part.indexOf('}');
    const variable = end === -1 ? undefined : objectMember(variables, part.slice(0, end));
    const value = variable?.['default'];
    url += typeof value === 'string' || typeof value === 'number' ? `${value}`.slice(0, maxUrlCharacters) + part.slice(end + 1) : `{${part}`;
    if (url.length > maxUrlCharacters) return url.slice(0, maxUrlCharacters + 1);
  }
  return url;
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
  return clean.length > maxUrlCharacters ? refuse(`is longer than ${maxUrlCharacters} characters`) : clean;
}

/**
 * Where an operation is served that names a server of its own; undefined where that is the API's anyway.
 * @throws DocumentError when there is no such URL
 */
export function ownServerUrl(server: JsonObject, upstreamUrl: string, sourceUrl: string | undefined): string | undefined {
  const url = serverUrl(server);
  const base = sourceUrl ?? `${upstreamUrl}/`;
  const own = checkedUrl(URL.canParse(url, base) ? new URL(url, base).href : url, 'Its own server', 'document');
  return own === upstreamUrl ? undefined : own;
}
