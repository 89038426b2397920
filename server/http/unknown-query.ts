import type { ProblemFault } from '@stoa/lib/problem.ts';
import controlPlaneDocument from '@stoa/generated/control-plane.openapi.json' with { type: 'json' };
import { notKnown } from '@stoa/lib/fault-words.ts';

type Parameter = { $ref?: string; in?: string; name?: string };
type OfOperation = { readonly method: string; readonly path: string };

/** What is wrong with a query whose names are not those of the operation. */
export function unknownQuery(operation: OfOperation, query: object): ProblemFault[] {
  const names = Object.keys(query);
  if (names.length === 0) return [];
  const known = queryParameters(operation);
  return names.filter((name) => !known.includes(name)).map((name) => ({ pointer: `/query/${name}`, message: notKnown(name, known) }));
}

function queryParameters({ method, path }: OfOperation): string[] {
  const item = (controlPlaneDocument.paths as Record<string, Record<string, { parameters?: Parameter[] }>>)[path];
  return (item?.[method]?.parameters ?? [])
    .map(resolve)
    .filter((parameter) => parameter.in === 'query')
    .map((parameter) => parameter.name ?? '');
}

const shared = controlPlaneDocument.components.parameters as Record<string, Parameter>;
const resolve = (parameter: Parameter): Parameter =>
  parameter.$ref === undefined ? parameter : (shared[parameter.$ref.slice('#/components/parameters/'.length)] ?? parameter);
