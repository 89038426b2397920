import type { Loss } from '@stoa/generated/schemas.ts';
import { arrayMember, isObject, objectMember } from './json.ts';
import type { JsonObject } from './json.ts';
import type { ListedOperation } from './list-operations.ts';

const jsonSchema202012 = ['https://json-schema.org/draft/2020-12/schema', 'https://spec.openapis.org/oas/3.1/dialect/base'];

/** What no tool can express, whatever the operation: each kind is listed once for the whole document. */
export function unexpressed(document: JsonObject, operations: readonly ListedOperation[], usesDocumentServer: boolean): Loss[] {
  const webhooks = Object.keys(objectMember(document, 'webhooks') ?? {}).length;
  const callbacks = operations.filter((operation) => Object.keys(objectMember(operation.value, 'callbacks') ?? {}).length > 0).length;
  const links = operations.filter((operation) => hasLinks(operation.value)).length;
  const servers = arrayMember(document, 'servers').length;
  const dialect = document['jsonSchemaDialect'];
  const statements: [boolean, string, string][] = [
    [webhooks > 0, 'webhooks', `${webhooks} described; calls from the API to its callers do not pass through a gateway.`],
    [callbacks > 0, 'callbacks', `Described on ${callbacks} of the operations; calls from the API to its callers do not pass through a gateway.`],
    [links > 0, 'links', `Described on ${links} of the operations; a tool has no place for them.`],
    [usesDocumentServer && servers > 1, 'servers', `The document names ${servers} servers; the first one is used.`],
    [
      typeof dialect === 'string' && !jsonSchema202012.includes(dialect.replace(/#$/, '')),
      'jsonSchemaDialect',
      'Schemas are read as JSON Schema 2020-12.',
    ],
    [String(document['openapi']).startsWith('3.2'), 'openapi', 'The document is read as OpenAPI 3.1; what is new in 3.2 is not expressed.'],
  ];
  return statements.filter(([applies]) => applies).map(([, where, what]) => ({ where, what, dropped: false }));
}

function hasLinks(operation: JsonObject): boolean {
  return Object.values(objectMember(operation, 'responses') ?? {}).some(
    (response) => isObject(response) && Object.keys(objectMember(response, 'links') ?? {}).length > 0,
  );
}
