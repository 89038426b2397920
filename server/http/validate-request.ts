import type { Request, RequestHandler, Response } from 'express';
import type { ContractOperation, OperationId } from '@stoa/generated/operations.ts';
import { requestChecks } from '@stoa/generated/requests.ts';
import type { ProblemFault } from '@stoa/lib/problem.ts';
import { ApiError, invalid } from '../errors.ts';
import { bodyFaults, parameterFaults } from './request-faults.ts';
import { unknownQuery } from './unknown-query.ts';
import { readUpload } from './upload.ts';

/** The parts of a request as the contract has them: what came as text is what it stands for, and what was left out is its default. */
export type ValidInput = { readonly path: unknown; readonly query: unknown; readonly headers: unknown; readonly body: unknown };

const upload = 'multipart/form-data';

/** Holds a request against its operation, by what was compiled ahead of time, and leaves its parts in `response.locals.input`. Tells every fault at once. */
export function validateRequest(id: OperationId, { method, path }: ContractOperation): RequestHandler {
  const { bodies } = requestChecks[id];
  const takesBody = Object.keys(bodies).length > 0;
  return async (request, response, next) => {
    const type = mediaTypeOf(request);
    if (takesBody && !Object.hasOwn(bodies, type)) throw notTaken();
    if (takesBody && type === upload) await readUpload(request, response);
    const input = { path: { ...request.params }, query: { ...request.query }, headers: request.headers, body: request.body as unknown };
    const faults = faultsOf(id, { method, path }, type, input);
    if (faults.length > 0) throw invalid(faults);
    response.locals['input'] = input satisfies ValidInput;
    // /v1/gateways/modes reads like the id of a gateway, too.
    next('router');
  };
}

/** What is wrong with an input, and by the way makes of it what the contract has it be. */
export function faultsOf(id: OperationId, at: Pick<ContractOperation, 'method' | 'path'>, type: string, input: ValidInput): ProblemFault[] {
  const { parameters, bodies } = requestChecks[id];
  const check = Object.keys(bodies).length > 0 ? bodies[type] : undefined;
  return [
    ...(check === undefined || check(input.body) ? [] : bodyFaults(at, type, input.body, check.errors ?? [])),
    ...(parameters === undefined || parameters(input) ? [] : parameterFaults(at, parameters.errors ?? [])),
    ...unknownQuery(at, input.query as Readonly<Record<string, unknown>>),
  ];
}

export const inputOf = ({ locals }: Response): ValidInput => locals['input'] as ValidInput;

const mediaTypeOf = ({ headers }: Request): string => (headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';

const notTaken = (): ApiError =>
  new ApiError(415, 'The body has a media type that this operation does not take: send it as application/json, and say so in Content-Type.');
