import type { ServerResponse } from 'node:http';
import { requestIdOf } from '@stoa/lib/request-id.ts';
import type { RequestContext, ServerContext } from '../context.ts';

/** What an operation is given besides its input. Nothing listens for the end of a request whose operation does not ask for it. */
export function requestContext(
  server: ServerContext,
  response: ServerResponse,
  { principal, document }: Pick<RequestContext, 'principal' | 'document'>,
): RequestContext {
  let signal: AbortSignal | undefined;
  return {
    ...server,
    requestId: requestIdOf(response),
    principal,
    document,
    get signal() {
      return (signal ??= server.callers.signalOf(response));
    },
  };
}
