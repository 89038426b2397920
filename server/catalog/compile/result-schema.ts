import { describedTypes } from './described-types.ts';
import { isObject, objectMember } from './json.ts';
import type { JsonObject } from './json.ts';
import { mediaKind } from './media-types.ts';
import type { OperationContext } from './operation-context.ts';
import { dereference } from './references.ts';
import type { Fragment } from './tool-schemas.ts';

/** How many definitions in a row may be nothing but a reference to the next. */
const maxHops = 16;

/**
 * The schema of a successful result, when every success has one and the same JSON schema. It describes an object, as MCP demands of
 * `outputSchema`; a result that never is one stands in `result` of an object. It says what may be there, never what must be: see `loosen`.
 */
export function resultSchema(operation: OperationContext): { schema: JsonObject; references: Set<string> } | undefined {
  const schemas = successSchemas(operation);
  const schema = schemas[0];
  if (schemas.every((each) => each === undefined)) return undefined;
  if (schema === undefined || schemas.some((each) => JSON.stringify(each) !== JSON.stringify(schema))) {
    operation.lose('Successful results differ in their description, so the tool declares no output schema.');
    return undefined;
  }
  const types = describedTypes(operation.document, schema);
  const isNullable = types?.has('null') === true;
  if (types === undefined || (types.has('object') && types.size > (isNullable ? 2 : 1))) {
    operation.lose('The result is described neither as a JSON object nor as anything else for certain, so the tool declares no output schema.');
    return undefined;
  }
  if (!types.has('object')) {
    const { schema: value, references } = operation.schemas.convert(schema, 'output', `${operation.where}, result`);
    return { schema: { type: 'object', properties: { result: value } }, references };
  }
  const fragment = withoutReference(schema, operation);
  return { schema: { ...(isObject(fragment.schema) ? fragment.schema : {}), type: 'object' }, references: fragment.references };
}

/** The JSON schema of each response with a status of 2xx; undefined for one that has none, such as 204. */
function successSchemas(operation: OperationContext): unknown[] {
  const responses = Object.entries(objectMember(operation.value, 'responses') ?? {}).filter(([status]) => /^2(\d\d|XX)$/i.test(status));
  return responses.map(([, response]) => {
    const found = dereference(operation.document, response);
    if (!found.found) return undefined;
    const json = Object.entries(objectMember(found.value, 'content') ?? {}).find(([mediaType]) => mediaKind(mediaType) === 'json');
    return isObject(json?.[1]) ? json[1]['schema'] : undefined;
  });
}

/** A root that is a reference to a definition becomes a copy of it, since clients look for `type: object` at the root. */
function withoutReference(schema: unknown, operation: OperationContext): Fragment {
  let source = schema;
  let fragment = operation.schemas.convert(schema, 'output', `${operation.where}, result`);
  for (let hop = 0; hop < maxHops && isObject(source) && typeof source['$ref'] === 'string'; hop += 1) {
    if (!isObject(fragment.schema) || typeof fragment.schema['$ref'] !== 'string') break;
    const target = operation.schemas.definition(source['$ref'], 'output');
    const { $ref: _reference, ...siblings } = fragment.schema;
    fragment = isObject(target.schema) ? { schema: { ...target.schema, ...siblings }, references: target.references } : target;
    source = operation.schemas.source(source['$ref']);
  }
  return fragment;
}
