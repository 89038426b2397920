import type { IncomingMessage, ServerResponse } from 'node:http';
import type { OperationId } from '@stoa/generated/operations.ts';
import { requestIdOf } from '@stoa/lib/request-id.ts';
import type { AskedOperation } from '../audit/actor.ts';
import type { OperatorPrincipal } from '../access/principal.ts';
import type { RequestContext, ServerContext } from '../context.ts';

type Given = Pick<RequestContext, 'principal' | 'document'> & Partial<Pick<RequestContext, 'perform'>>;
const notInLanes: RequestContext['perform'] = () => Promise.reject(new Error('The lanes of gateways do nothing in the name of another.'));
type Own = { response: ServerResponse; operationId: OperationId; ownSignal: AbortSignal | undefined; ownAsked: AskedOperation | undefined } & {
  -readonly [Name in keyof Given | 'requestId']: RequestContext[Name];
};

const bases = new WeakMap<ServerContext, object>();

/**
 * What an operation is given besides its input. It inherits what lives as long as the process: to copy that costs more than reading a request's path does.
 * Nothing listens for the end of a request whose operation does not ask for it.
 */
export function requestContext(
  server: ServerContext,
  response: ServerResponse,
  operationId: OperationId,
  { principal, document, perform = notInLanes }: Given,
): RequestContext {
  const own = Object.create(baseOf(server)) as Own;
  own.response = response;
  own.operationId = operationId;
  own.ownSignal = undefined;
  own.ownAsked = undefined;
  own.requestId = requestIdOf(response);
  own.principal = principal;
  own.document = document;
  own.perform = perform;
  return own as Own & RequestContext;
}

/** The same request for what it does in the name of another, who asked for it before. */
export function inTheNameOf(context: RequestContext, operationId: OperationId, principal: OperatorPrincipal, approvedBy: string): RequestContext {
  return Object.assign(Object.create(context) as RequestContext, { operationId, ownAsked: undefined, principal, document: undefined, approvedBy });
}

function baseOf(server: ServerContext): object {
  const known = bases.get(server);
  if (known) return known;
  const base = Object.create(server, {
    signal: {
      get(this: Own): AbortSignal {
        return (this.ownSignal ??= server.callers.signalOf(this.response));
      },
    },
    authorization: {
      get(this: Own): string | undefined {
        return this.response.req.headers.authorization;
      },
    },
    asked: {
      get(this: Own): AskedOperation {
        return (this.ownAsked ??= askedOf(server, this.response.req, this.operationId));
      },
    },
  }) as object;
  bases.set(server, base);
  return base;
}

/** What a request asks for, and from where. */
export const askedOf = ({ callerOf }: Pick<ServerContext, 'callerOf'>, request: IncomingMessage, operationId: OperationId): AskedOperation => ({
  operationId,
  ...callerOf(request),
});
