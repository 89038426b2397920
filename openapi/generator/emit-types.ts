import openapiTypescript, { astToString } from 'openapi-typescript';
import type { OpenApiDocument } from './document.ts';

/** TypeScript types of a document, by openapi-typescript. */
export async function emitTypes(document: OpenApiDocument): Promise<string> {
  const source = structuredClone(document) as unknown as Parameters<typeof openapiTypescript>[0];
  return astToString(await openapiTypescript(source, { alphabetize: true, defaultNonNullable: false }));
}
