import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { problem, sendProblem } from '@stoa/lib/problem.ts';
import { requestIdOf } from '@stoa/lib/request-id.ts';
import type { Logger } from '@stoa/lib/log.ts';
import { observedOf } from '@stoa/lib/telemetry/model.ts';
import type { Telemetry } from '@stoa/lib/telemetry/model.ts';
import type { UpgradeHandler } from '@stoa/lib/http-server.ts';
import type { QuickHandler } from '@stoa/lib/quick/connection.ts';
import type { OpenDoor } from './door.ts';
import { answerProbe, isProbe } from './probes.ts';
import type { Probes } from './probes.ts';

export type ListenerOptions = {
  /** Asked one after the other whose a request is. */
  readonly doors: readonly OpenDoor[];
  readonly probes: Probes;
  readonly log: Logger;
  readonly telemetry?: Telemetry | undefined;
  /** Counts what is not a probe. */
  readonly counter: { requests: number };
};

/** Everything a runtime listens for: its doors, and the probes. */
export function createListener({ doors, probes, log, counter, telemetry }: ListenerOptions): RequestListener {
  /** What is still to be awaited, or whether anything is. */
  const route = (request: IncomingMessage, response: ServerResponse): Promise<unknown> | boolean => {
    const path = pathOf(request.url ?? '/');
    if (telemetry !== undefined && !isProbe(path)) telemetry.observe(request, response);
    for (const door of doors) {
      const answering = door.handle(path, request, response);
      if (answering === false) continue;
      counter.requests += 1;
      return answering;
    }
    if (isProbe(path)) return answerProbe(probes, path, request, response);
    counter.requests += 1;
    sendProblem(response, problem(404, { detail: 'There is nothing here. MCP is served on /mcp, APIs below /apis.' }));
    return true;
  };
  return (request, response) => {
    const failed = (error: unknown): void => {
      log.error({ err: error, request_id: requestIdOf(response), ...observedOf(response)?.ids() }, 'A request could not be answered.');
      sendProblem(response, problem(500));
    };
    try {
      const answering = route(request, response);
      if (typeof answering !== 'boolean') answering.catch(failed);
    } catch (error) {
      failed(error);
    }
  };
}

/** Who takes over a connection that asks for another protocol; nobody where no door does. */
export function createUpgradeHandler({ doors, counter }: Pick<ListenerOptions, 'doors' | 'counter'>): UpgradeHandler | undefined {
  const handlers = doors.flatMap(({ upgrades }) => upgrades ?? []);
  if (handlers.length === 0) return undefined;
  return {
    wants: (request) => handlers.some((handler) => handler.wants(request)),
    take(request, socket, head) {
      counter.requests += 1;
      handlers.find((handler) => handler.wants(request))?.take(request, socket, head);
    },
  };
}

/** What the quick lane asks first. */
export function createQuickHandler({ doors, counter }: Pick<ListenerOptions, 'doors' | 'counter'>): QuickHandler {
  const handlers = doors.flatMap(({ handleQuick }) => handleQuick ?? []);
  return (request, reply) => {
    for (const handle of handlers) {
      if (!handle(request, reply)) continue;
      counter.requests += 1;
      return true;
    }
    return false;
  };
}

function pathOf(url: string): string {
  const queryAt = url.indexOf('?');
  return queryAt < 0 ? url : url.slice(0, queryAt);
}
