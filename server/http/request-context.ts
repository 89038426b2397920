import type { ServerResponse } from 'node:http';
import { requestIdOf } from '@stoa/lib/request-id.ts';
import type { RequestContext, ServerContext } from '../context.ts';

type Given = Pick<RequestContext, 'principal' | 'document'>;
type Own = { response: ServerResponse; ownSignal: AbortSignal | undefined } & { -readonly [Name in keyof Given | 'requestId']: RequestContext[Name] };

const bases = new WeakMap<ServerContext, object>();

/**
 * What an operation is given besides its input. It inherits what lives as long as the process: to copy that costs more than reading a request's path does.
 * Nothing listens for the end of a request whose operation does not ask for it.
 */
export function requestContext(server: ServerContext, response: ServerResponse, { principal, document }: Given): RequestContext {
  const own = Object.create(baseOf(server)) as Own;
  own.response = response;
  own.ownSignal = undefined;
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
  }) as object;
  bases.set(server, base);
  return base;
}
