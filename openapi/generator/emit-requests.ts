import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { codeOptions, compileAhead, withoutAnnotations } from './compile-ahead.ts';
import { listOperations } from './document.ts';
import type { NamedOperation, OpenApiDocument } from './document.ts';

type Emitted = { parameters: string; declarations: string; table: string };
type Parameter = { in: string; name: string; required?: boolean; schema: unknown };

const places: Readonly<Record<string, string>> = { path: 'path', query: 'query', header: 'headers' };

/**
 * What each operation's request is held against, compiled ahead of time: a validator of path, query and headers in one, and the validator of the schema
 * that each media type of the body has.
 */
export async function emitRequests(document: OpenApiDocument): Promise<Emitted> {
  // Whatever comes in a path or a query is text: it becomes what the contract says that it is, one value of a list becomes a list, and what was
  // left out becomes its default.
  const ajv = new Ajv2020({ strict: false, allErrors: true, coerceTypes: 'array', useDefaults: true, code: codeOptions });
  addFormats.default(ajv);
  ajv.addSchema({ $id: 'contract', components: { schemas: withoutAnnotations(document.components['schemas']) } });
  const operations = listOperations(document);
  const exported: Record<string, string> = {};
  for (const named of operations) {
    const parameters = (named.operation.parameters ?? []).map((parameter) => resolve(document, parameter));
    if (parameters.length === 0) continue;
    const $id = `parameters-${named.id}`;
    ajv.addSchema({ $id, type: 'object', properties: Object.fromEntries(Object.entries(places).map((place) => schemaOf(place, parameters))) });
    exported[nameOf(named)] = $id;
  }
  return {
    parameters: await compileAhead(ajv, exported),
    declarations: declare(Object.keys(exported)),
    table: tableOf(operations, new Set(Object.keys(exported))),
  };
}

const nameOf = ({ id }: NamedOperation): string => `${id}Parameters`;

function resolve(document: OpenApiDocument, parameter: unknown): Parameter {
  const { $ref } = parameter as { $ref?: string };
  return ($ref === undefined ? parameter : document.components['parameters']?.[lastOf($ref)]) as Parameter;
}

const lastOf = (ref: string): string => ref.slice(ref.lastIndexOf('/') + 1);

/** Node gives the names of headers in lower case. */
function schemaOf([place, key]: [string, string], parameters: readonly Parameter[]): [string, unknown] {
  const own = parameters.filter((parameter) => parameter.in === place);
  const name = (parameter: Parameter) => (place === 'header' ? parameter.name.toLowerCase() : parameter.name);
  const properties = Object.fromEntries(own.map((parameter) => [name(parameter), withWholeReferences(withoutAnnotations(parameter.schema))]));
  return [key, { type: 'object', properties, required: own.filter(({ required }) => required === true).map(name) }];
}

function withWholeReferences(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withWholeReferences);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, key === '$ref' ? `contract${String(inner)}` : withWholeReferences(inner)]),
  );
}

function declare(names: readonly string[]): string {
  return [
    "import type { ErrorObject } from 'ajv';",
    '',
    '/** True when the value has the shape, whose parts it then holds as what they are; otherwise `errors` holds every fault until the next call. */',
    'export type Check = { (value: unknown): boolean; errors?: ErrorObject[] | null };',
    ...names.map((name) => `export declare const ${name}: Check;`),
    '',
  ].join('\n');
}

function tableOf(operations: readonly NamedOperation[], withParameters: ReadonlySet<string>): string {
  const used = new Set<string>();
  const rows = operations.map((named) => {
    const bodies = bodiesOf(named).map(([type, validator]) => `'${type}': ${validator}`);
    for (const [, validator] of bodiesOf(named)) used.add(validator);
    const parameters = withParameters.has(nameOf(named)) ? `parameters: ${nameOf(named)}, ` : '';
    return `  ${named.id}: { ${parameters}bodies: {${bodies.length === 0 ? '' : ` ${bodies.join(', ')} `}} },`;
  });
  return [
    "import type { OperationId } from './operations.ts';",
    `import { ${[...withParameters].join(', ')} } from './parameters.js';`,
    "import type { Check } from './parameters.js';",
    `import { ${[...used].sort().join(', ')} } from './validators.js';`,
    '',
    '/** What a request is held against: `bodies` by media type, one of which must be sent where there are any. */',
    'export type RequestChecks = { readonly parameters?: Check; readonly bodies: Readonly<Record<string, Check>> };',
    `export const requestChecks: Readonly<Record<OperationId, RequestChecks>> = {\n${rows.join('\n')}\n};`,
    '',
  ].join('\n');
}

/** The validators of an operation's bodies by media type. */
function bodiesOf({ id, operation: { requestBody } }: NamedOperation): [string, string][] {
  if (requestBody === undefined) return [];
  if (requestBody.required !== true) throw new Error(`The body of ${id} may be left out, for which there is no validator: require it.`);
  return Object.entries(requestBody.content).map(([type, { schema }]) => {
    if (schema?.$ref === undefined) throw new Error(`The body of ${id} as ${type} has no schema with a name: move it to components.`);
    return [type, `validate${lastOf(schema.$ref)}`];
  });
}
