import { Router } from 'express';
import type { RequestHandler, Response } from 'express';
import type { ContractOperation, OperationId } from '@stoa/generated/operations.ts';
import type { ControlPlaneHandlers } from '@stoa/generated/handlers.ts';
import type { Principal } from '../access/principal.ts';
import { requireOwned } from '../tenants/require-owned.ts';
import { requireStorableText } from '../catalog/storable-text.ts';
import { fourEyes } from '../approvals/four-eyes.ts';
import type { Perform, RequestContext, ServerContext } from '../context.ts';
import { RawBody } from '../raw-body.ts';
import { EventStream } from '../event-stream.ts';
import { expressPath, fixedPathsFirst } from './paths.ts';
import { requestContext } from './request-context.ts';
import { endWith } from './send-raw.ts';
import { inputOf } from './validate-request.ts';
import type { ValidInput } from './validate-request.ts';

type AnyReply = { status: number; body?: unknown; headers?: Readonly<Record<string, string>> };
type AnyHandler = (input: ValidInput, context: RequestContext) => Promise<AnyReply>;

/** A router with one middleware for each operation of the contract, made by `make`. */
export function routeOperations(make: (id: OperationId, operation: ContractOperation) => RequestHandler): Router {
  const router = Router({ caseSensitive: true, strict: true });
  for (const { id, ...operation } of fixedPathsFirst()) {
    const method = operation.method as 'get' | 'put' | 'post' | 'delete' | 'patch';
    router[method](expressPath(operation.path), make(id, operation));
  }
  return router;
}

/** Calls the handler of an operation with the validated request and sends what it answers. */
export function dispatch(handlers: ControlPlaneHandlers<RequestContext>, server: ServerContext, id: OperationId): RequestHandler {
  // The table is typed entry by entry; which entry this is, is known at run time only.
  const perform: Perform = async (operation, input, context) => {
    await requireOwned(operation, input, context);
    return (handlers[operation] as unknown as AnyHandler)(input, context);
  };
  return async (_request, response) => {
    const input = inputOf(response);
    // An API's document is judged as a document, when it is compiled.
    if (id !== 'createApi' && id !== 'updateApi') requireStorableText(input.body);
    const principal = response.locals['principal'] as Principal | undefined;
    const document = response.locals['document'] as RequestContext['document'];
    const context = requestContext(server, response, id, { principal, document, perform });
    // Nobody asks a second person for what he may not do himself.
    await requireOwned(id, input, context);
    const reply: AnyReply = (await fourEyes(id, input, context)) ?? (await perform(id, input, context));
    response.status(reply.status).set(reply.headers ?? {});
    if (reply.body === undefined) response.end();
    else if (reply.body instanceof RawBody) sendRaw(response, reply.body);
    else if (reply.body instanceof EventStream) await reply.body.open(response);
    else if (typeof reply.body === 'string') response.end(reply.body);
    else response.json(reply.body);
  };
}

function sendRaw(response: Response, body: RawBody): void {
  // Set as it is: Express would add a charset, of which neither JSON nor its lines have one (RFC 8259 §11).
  response.setHeader('content-type', body.type);
  const { byteLength } = body;
  response.setHeader('content-length', byteLength);
  endWith(response, body, byteLength);
}
