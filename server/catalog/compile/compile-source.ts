import { listBytesOf } from '@stoa/lib/list-cost.ts';
import type { Loss, OperationFilter } from '@stoa/generated/schemas.ts';
import { compileApi } from './compile-api.ts';
import { DocumentError } from './document-error.ts';
import { objectMember, stringMember } from './json.ts';
import type { JsonObject } from './json.ts';
import { parseDocument } from './parse-document.ts';
import type { CredentialPlace, CredentialTarget } from './security.ts';
import { fromSwagger, isSwagger } from './swagger.ts';

export type ApiSourceText = {
  /** JSON or YAML, in UTF-8. */
  document: Uint8Array<ArrayBuffer>;
  /** Made from the document's title when absent. */
  name: string | undefined;
  upstreamUrl: string | undefined;
  /** Where credentials for the upstream are to go; never what they are. */
  credentials: readonly CredentialTarget[];
  filter: OperationFilter | undefined;
};

/** A compiled API as it is stored. What may be large is JSON in UTF-8 already: the event loop must neither write nor read it. */
export type CompiledSource = {
  name: string;
  title: string;
  version: string;
  description: string | undefined;
  upstreamUrl: string;
  /** Where each of the credentials goes. */
  credentialPlaces: CredentialPlace[];
  /** Every address that an operation is called at, each once. */
  serverUrls: string[];
  toolNames: string[];
  losses: Loss[];
  warnings: string[];
  listBytes: number;
  document: Uint8Array<ArrayBuffer>;
  operations: Uint8Array<ArrayBuffer>;
};

/**
 * Parses, names and compiles an API. Pure; takes seconds for the largest documents.
 * @throws DocumentError when no API can be made of it
 */
export async function compileSource({ document: bytes, name: given, ...options }: ApiSourceText): Promise<CompiledSource> {
  const document = parseDocument(new TextDecoder().decode(bytes));
  const { document: read, losses: remarks } = isSwagger(document) ? await fromSwagger(document) : { document, losses: [] };
  const name = given ?? nameFromTitle(document);
  const { operations, credentials, ...compiled } = compileApi({ name, document: read, remarks, ...options });
  return {
    ...compiled,
    name,
    credentialPlaces: credentials,
    serverUrls: [...new Set([compiled.upstreamUrl, ...operations.flatMap(({ server }) => server ?? [])])],
    toolNames: operations.map((operation) => operation.tool.name),
    listBytes: listBytesOf(operations.map(({ tool }) => tool)),
    document: jsonBytes(document),
    operations: jsonBytes(operations),
  };
}

export const jsonBytes = (value: unknown): Uint8Array<ArrayBuffer> => new TextEncoder().encode(JSON.stringify(value));

function nameFromTitle(document: JsonObject): string {
  const title = stringMember(objectMember(document, 'info') ?? {}, 'title') ?? '';
  const slug = title
    .slice(0, 1000)
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
