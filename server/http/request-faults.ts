import controlPlaneDocument from '@stoa/generated/control-plane.openapi.json' with { type: 'json' };
import type { ProblemFault } from '@stoa/lib/problem.ts';
import { wordsFor } from '@stoa/lib/fault-words.ts';
import type { FaultySchema } from '@stoa/lib/fault-words.ts';
import { createSchemaFaults } from '@stoa/lib/schema-faults.ts';

/** What the validator of requests says: where, and which keyword found it. */
export type LibraryFault = { path?: string; message?: string; errorCode?: string };
type Parameter = { $ref?: string; in?: string; name?: string; schema?: FaultySchema };
type Operation = { parameters?: Parameter[]; requestBody?: { content: Record<string, { schema: FaultySchema }> } };
type Refused = { readonly operation: { method: string; path: string } | undefined; readonly body: unknown; readonly isUpload: boolean };

type Contract = {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, FaultySchema>; parameters: Record<string, Parameter> };
};

const { document, faultsOf, resolve } = createSchemaFaults<Contract>(controlPlaneDocument, 'components/schemas');

/**
 * The faults of a refused request in plain words. The validator of requests keeps neither the values of its keywords nor which form of several
 * was meant, so a body is judged a second time, by the same schema; only refused ones are, and what cannot be found is told by the keyword alone.
 */
export function requestFaults(errors: readonly LibraryFault[], { operation, body, isUpload }: Refused): ProblemFault[] {
  const entry = operation && document.paths[operation.path]?.[operation.method];
  const content = entry?.requestBody?.content ?? {};
  const schema = (isUpload ? content['multipart/form-data'] : content['application/json'])?.schema;
  const isOfBody = ({ path = '' }: LibraryFault): boolean => path.startsWith('/body');
  const ofBody = schema === undefined || !errors.some(isOfBody) ? [] : faultsOf(schema, body, '/body');
  const others = ofBody.length === 0 ? errors : errors.filter((error) => !isOfBody(error));
  return [...ofBody, ...others.map((error) => parameterFault(error, entry))];
}

function parameterFault({ path = '', message, errorCode = '' }: LibraryFault, entry: Operation | undefined): ProblemFault {
  // The validator says `/params/` where the contract says path.
  const pointer = path.replace(/^\/params\//, '/path/').replace(/^\/?(.*)$/, '/$1');
  const [keyword = ''] = errorCode.split('.', 1);
  if (keyword === '') return { pointer, message: message ?? 'is invalid' };
  const [, place, name, ...rest] = pointer.split('/');
  const parameter = (entry?.parameters ?? [])
    .map(resolveParameter)
    .find((other) => other.in === placeOf(place) && other.name?.toLowerCase() === name?.toLowerCase());
  const whole = resolve(parameter?.schema ?? {});
  const schema = rest.length === 0 ? whole : resolve((whole['items'] as FaultySchema | undefined) ?? {});
  return { pointer, message: wordsFor(keyword, { value: schema[keyword], schema }) };
}

const placeOf = (place: string | undefined): string | undefined => (place === 'headers' ? 'header' : place);
const resolveParameter = (parameter: Parameter): Parameter =>
  parameter.$ref === undefined ? parameter : (document.components.parameters[parameter.$ref.slice(parameter.$ref.lastIndexOf('/') + 1)] ?? parameter);

/** What is wrong with a value by a schema of the contract; pointers begin with `at`. */
export const componentFaults = (name: keyof typeof controlPlaneDocument.components.schemas, value: unknown, at: string): ProblemFault[] =>
  faultsOf(document.components.schemas[name] ?? {}, value, at);
