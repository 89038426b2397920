import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { problem, sendProblem } from '@stoa/lib/problem.ts';
import { requestIdOf } from '@stoa/lib/request-id.ts';
import type { Logger } from '@stoa/lib/log.ts';
import type { QuickHandler } from '@stoa/lib/quick/connection.ts';
import type { McpDoor } from './mcp/http.ts';
import { answerProbe, isProbe } from './probes.ts';
import type { Probes } from './probes.ts';

export type ListenerOptions = {
  readonly mcp: McpDoor;
  readonly probes: Probes;
  readonly log: Logger;
  /** Counts what is not a probe. */
  readonly counter: { requests: number };
  /** A further door, asked first, which answers false when the request is not its own: Link's `/authz`. */
  readonly extra?: (path: string, request: IncomingMessage, response: ServerResponse) => Promise<true> | false;
};

/** Everything a runtime listens for: `/mcp`, the probes, and what `extra` adds. */
export function createListener({ mcp, probes, log, counter, extra }: ListenerOptions): RequestListener {
  /** Undefined, or what is still to be awaited. */
  const route = (request: IncomingMessage, response: ServerResponse): Promise<unknown> | undefined => {
    const path = pathOf(request.url ?? '/');
    const answering = extra?.(path, request, response) ?? false;
    if (answering === false && isProbe(path)) return answerProbe(probes, path, request, response);
    counter.requests += 1;
    if (answering !== false) return answering;
    if (path === '/mcp') return mcp.handle(request, response);
    sendProblem(response, problem(404, { detail: 'There is nothing here. MCP is served on /mcp.' }));
    return undefined;
  };
  return (request, response) => {
    const failed = (error: unknown): void => {
      log.error({ err: error, request_id: requestIdOf(response) }, 'A request could not be answered.');
      sendProblem(response, problem(500));
    };
    try {
      route(request, response)?.catch(failed);
    } catch (error) {
      failed(error);
    }
  };
}

/** What the quick lane asks first: for MCP alone. */
export function createQuickHandler({ mcp, counter }: Pick<ListenerOptions, 'mcp' | 'counter'>): QuickHandler {
  return (request, reply) => {
    if (request.method !== 'POST' || request.url !== '/mcp' || !mcp.handleQuick(request, reply)) return false;
    counter.requests += 1;
    return true;
  };
}

function pathOf(url: string): string {
  const queryAt = url.indexOf('?');
  return queryAt < 0 ? url : url.slice(0, queryAt);
}
