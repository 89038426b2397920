import type { ErrorObject } from 'ajv/dist/2020.js';
import controlPlaneDocument from '@stoa/generated/control-plane.openapi.json' with { type: 'json' };
import type { ProblemFault } from '@stoa/lib/problem.ts';
import { wordsFor } from '@stoa/lib/fault-words.ts';
import type { FaultySchema } from '@stoa/lib/fault-words.ts';
import { createSchemaFaults } from '@stoa/lib/schema-faults.ts';

type Parameter = { $ref?: string; in?: string; name?: string; schema?: FaultySchema };
type Operation = { parameters?: Parameter[]; requestBody?: { content: Record<string, { schema: FaultySchema }> } };
type OfOperation = { readonly method: string; readonly path: string };

type Contract = {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, FaultySchema>; parameters: Record<string, Parameter> };
};

const { document, faultsOf, resolve } = createSchemaFaults<Contract>(controlPlaneDocument, 'components/schemas');

const entryOf = ({ method, path }: OfOperation): Operation | undefined => document.paths[path]?.[method];

/**
 * The faults of a refused body in plain words. What is compiled ahead of time keeps neither the values of its keywords nor which form of several was
 * meant, so a body is judged a second time, by the same schema; only refused ones are, and what is not found again is told as `errors` have it.
 */
export function bodyFaults(operation: OfOperation, mediaType: string, body: unknown, errors: readonly ErrorObject[]): ProblemFault[] {
  const faults = faultsOf(entryOf(operation)?.requestBody?.content[mediaType]?.schema ?? {}, body, '/body');
  return faults.length > 0 ? faults : errors.map(({ instancePath, message = 'is invalid' }) => ({ pointer: `/body${instancePath}`, message }));
}

/** The faults of a path, a query and headers in plain words. */
export const parameterFaults = (operation: OfOperation, errors: readonly ErrorObject[]): ProblemFault[] =>
  errors.map((error) => parameterFault(error, entryOf(operation)));

function parameterFault({ instancePath, keyword, params }: ErrorObject, entry: Operation | undefined): ProblemFault {
  const { missingProperty } = params as { missingProperty?: string };
  const pointer = missingProperty === undefined ? instancePath : `${instancePath}/${missingProperty}`;
  const [, place, name, ...rest] = pointer.split('/');
  const parameter = (entry?.parameters ?? [])
    .map(resolveParameter)
    .find((other) => other.in === (place === 'headers' ? 'header' : place) && other.name?.toLowerCase() === name?.toLowerCase());
  const whole = resolve(parameter?.schema ?? {});
  const schema = rest.length === 0 ? whole : resolve((whole['items'] as FaultySchema | undefined) ?? {});
  return { pointer, message: wordsFor(keyword, { value: schema[keyword], schema }) };
}

const resolveParameter = (parameter: Parameter): Parameter =>
  parameter.$ref === undefined ? parameter : (document.components.parameters[parameter.$ref.slice(parameter.$ref.lastIndexOf('/') + 1)] ?? parameter);

/** What is wrong with a value by a schema of the contract; pointers begin with `at`. */
export const componentFaults = (name: keyof typeof controlPlaneDocument.components.schemas, value: unknown, at: string): ProblemFault[] =>
  faultsOf(document.components.schemas[name] ?? {}, value, at);
