import type { IncomingMessage, ServerResponse } from 'node:http';
import { requestIdOf } from '@stoa/lib/request-id.ts';
import type { AskedOperation } from '../audit/actor.ts';
import type { RequestContext, ServerContext } from '../context.ts';

type Given = Pick<RequestContext, 'principal' | 'document'>;
type Own = { response: ServerResponse; operationId: string; ownSignal: AbortSignal | undefined; ownAsked: AskedOperation | undefined } & {
  -readonly [Name in keyof Given | 'requestId']: RequestContext[Name];
};

const bases = new WeakMap<ServerContext, object>();

/**
 * What an operation is given besides its input. It inherits what lives as long as the process: to copy that costs more than reading a request's path does.
 * Nothing listens for the end of a request whose operation does not ask for it.
 */
export function requestContext(server: ServerContext, response: ServerResponse, operationId: string, { principal, document }: Given): RequestContext {
  const own = Object.create(baseOf(server)) as Own;
  own.response = response;
  own.operationId = operationId;
  own.ownSignal = undefined;
  own.ownAsked = undefined;
  own.requestId = requestIdOf(response);
  own.principal = principal;
  own.document = document;
  return own as Own & RequestContext;
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
export const askedOf = ({ callerOf }: Pick<ServerContext, 'callerOf'>, request: IncomingMessage, operationId: string): AskedOperation => ({
  operationId,
  ...callerOf(request),
});
