import type { Loss } from '@stoa/generated/schemas.ts';
import swagger2openapi from 'swagger2openapi';
import { DocumentError } from './document-error.ts';
import { arrayMember, isObject, objectMember } from './json.ts';
import type { JsonObject } from './json.ts';
import { dereference } from './references.ts';

const methods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch'];
/** The Encoding Object that means what a `collectionFormat` of Swagger means; `csv` is its default. */
const encodings: Readonly<Record<string, JsonObject>> = {
  csv: { style: 'form', explode: false },
  multi: { style: 'form', explode: true },
  ssv: { style: 'spaceDelimited', explode: false },
  pipes: { style: 'pipeDelimited', explode: false },
};
const noCollection = 'is separated by tabs, which OpenAPI 3 cannot say; its values are repeated instead.';

export function isSwagger(document: JsonObject): boolean {
  return document['swagger'] === '2.0' || document['swagger'] === 2;
}

/**
 * A Swagger 2.0 document as OpenAPI 3.0, and what is to be said of it. Nothing is fetched, and the document itself stays as it is.
 * @throws DocumentError when the library cannot make anything of it
 */
export async function fromSwagger(document: JsonObject): Promise<{ document: JsonObject; losses: Loss[] }> {
  const losses: Loss[] = [
    { where: 'swagger', what: 'The document is Swagger 2.0; it is read as OpenAPI 3.0, converted by swagger2openapi.', dropped: false },
  ];
  const source: JsonObject = { ...structuredClone(document), swagger: '2.0' };
  try {
    const options = { patch: true, warnOnly: true, resolve: false, refSiblings: 'preserve', text: '{}' } as const;
    const { openapi } = await swagger2openapi.convertObj(structuredClone(source), options);
    encodeForms(source, openapi, (where, what) => void losses.push({ where, what, dropped: false }));
    return { document: openapi, losses };
  } catch (error) {
    const reason = (error instanceof Error ? error.message : String(error)).slice(0, 300);
    throw new DocumentError('document_not_convertible', `The document is Swagger 2.0 and cannot be converted to OpenAPI 3.0: ${reason}`);
  }
}

/** How lists of a form are separated, which the library leaves out, and what nothing can separate. */
function encodeForms(source: JsonObject, converted: JsonObject, lose: (where: string, what: string) => void): void {
  for (const [path, item] of Object.entries(objectMember(source, 'paths') ?? {})) {
    if (!isObject(item)) continue;
    for (const method of methods) {
      const operation = objectMember(item, method);
      const target = objectMember(objectMember(objectMember(converted, 'paths') ?? {}, path) ?? {}, method);
      if (operation === undefined || target === undefined) continue;
      const lists = [...arrayMember(item, 'parameters'), ...arrayMember(operation, 'parameters')]
        .map((entry) => dereference(source, entry))
        .flatMap((found) => (found.found && found.value['type'] === 'array' ? [found.value] : []));
      for (const list of lists) {
        const name = String(list['name']);
        const format = String(list['collectionFormat'] ?? 'csv');
        if (format === 'tsv') lose(`${method.toUpperCase()} ${path}`, `The parameter ${name.slice(0, 100)} ${noCollection}`);
        if (list['in'] === 'formData' && encodings[format] !== undefined) encode(converted, target, name, encodings[format]);
      }
    }
  }
}

function encode(converted: JsonObject, operation: JsonObject, name: string, encoding: JsonObject): void {
  const body = dereference(converted, operation['requestBody']);
  if (!body.found) return;
  for (const media of Object.values(objectMember(body.value, 'content') ?? {})) {
    if (isObject(media)) media['encoding'] = { ...objectMember(media, 'encoding'), [name]: encoding };
  }
}
