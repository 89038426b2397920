import { compileApi } from './compile-api.ts';
import type { CompiledApi } from './compile-api.ts';
import { DocumentError } from './document-error.ts';
import { objectMember, stringMember } from './json.ts';
import type { JsonObject } from './json.ts';
import { parseDocument } from './parse-document.ts';
import type { CredentialTarget } from './security.ts';
import { fromSwagger, isSwagger } from './swagger.ts';

export type ApiSourceText = {
  /** JSON or YAML text, or the document itself. */
  document: string | JsonObject;
  /** Made from the document's title when absent. */
  name: string | undefined;
  upstreamUrl: string | undefined;
  /** Where credentials for the upstream are to go; never what they are. */
  credentials: readonly CredentialTarget[];
};
export type CompiledSource = { name: string; document: JsonObject; compiled: CompiledApi };

/**
 * Parses, names and compiles an API. Pure; takes seconds for the largest documents.
 * @throws DocumentError when no API can be made of it
 */
export async function compileSource({ document: text, name: given, ...options }: ApiSourceText): Promise<CompiledSource> {
  const document = parseDocument(text);
  const { document: read, losses: remarks } = isSwagger(document) ? await fromSwagger(document) : { document, losses: [] };
  const name = given ?? nameFromTitle(document);
  return { name, document, compiled: compileApi({ name, document: read, remarks, ...options }) };
}

function nameFromTitle(document: JsonObject): string {
  const title = stringMember(objectMember(document, 'info') ?? {}, 'title') ?? '';
  const slug = title
    .normalize('NFKD')
    .toLowerCase()
    .replace(/\p{M}/gu, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+/, '')
    .slice(0, 63)
    .replace(/-+$/, '');
  if (slug !== '') return slug;
  throw new DocumentError('name_unknown', 'The document has no title to make a name from; give a name.', 'name');
}
