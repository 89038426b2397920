import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express';
import type { ProblemFault } from '@stoa/lib/problem.ts';
import controlPlaneDocument from '@stoa/generated/control-plane.openapi.json' with { type: 'json' };
import type { ContractOperation } from '@stoa/generated/operations.ts';
import { invalid } from '../errors.ts';
import { notKnown } from '@stoa/lib/fault-words.ts';

type Parameter = { $ref?: string; in?: string; name?: string };

// The validator would stop at the first unknown parameter; the contract promises every fault at once, so unknown ones are found here.

/** Refuses query parameters that the operation does not know. Comes after the validator, which has found nothing else. */
export const refuseUnknownQuery: RequestHandler = (request, response, next) => {
  const faults = unknownQuery(request, response);
  if (faults.length > 0) throw invalid(faults);
  next();
};

/** Adds query parameters that the operation does not know to what the validator found. */
export const addUnknownQuery: ErrorRequestHandler = (error: { status?: unknown; errors?: unknown }, request, response, next) => {
  if (error.status === 400 && Array.isArray(error.errors)) {
    error.errors.push(...unknownQuery(request, response).map(({ pointer, message }) => ({ path: pointer, message })));
  }
  next(error);
};

function unknownQuery(request: Request, response: Response): ProblemFault[] {
  const operation = response.locals['operation'] as ContractOperation | undefined;
  if (!operation) return [];
  const known = queryParameters(operation);
  return Object.keys(request.query)
    .filter((name) => !known.includes(name))
    .map((name) => ({ pointer: `/query/${name}`, message: notKnown(name, known) }));
}

function queryParameters({ method, path }: ContractOperation): string[] {
  const item = (controlPlaneDocument.paths as Record<string, Record<string, { parameters?: Parameter[] }>>)[path];
  return (item?.[method]?.parameters ?? [])
    .map(resolve)
    .filter((parameter) => parameter.in === 'query')
    .map((parameter) => parameter.name ?? '');
}

const shared = controlPlaneDocument.components.parameters as Record<string, Parameter>;
const resolve = (parameter: Parameter): Parameter =>
  parameter.$ref === undefined ? parameter : (shared[parameter.$ref.slice('#/components/parameters/'.length)] ?? parameter);
