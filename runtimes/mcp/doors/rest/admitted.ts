import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AnyRequest, AnyResponse } from '@stoa/lib/quick/any.ts';
import type { AuthorizeQuestion } from '../../decide/authorize-request.ts';
import type { LastingRights } from '../../decide/may-go-on.ts';
import type { Engine } from '../../engine.ts';
import type { Caller, OperationEntry } from '../../model.ts';
import type { AnswerHeaders } from './cors.ts';
import type { Target } from './target.ts';
import type { TunnelEnd } from './tunnel.ts';

/** A request that was let in. */
export type Admitted<From extends AnyRequest = IncomingMessage, To extends AnyResponse = ServerResponse> = {
  readonly engine: Engine;
  readonly request: From;
  readonly response: To;
  readonly target: Target;
  readonly question: AuthorizeQuestion;
  readonly operation: OperationEntry;
  readonly caller: Caller;
  readonly startedAt: number;
  readonly standing: LastingRights;
  /** How the limits on it stand, and when its API is given up. */
  readonly told: AnswerHeaders;
  /** What it carries, where that was read; else it is passed on as it comes. */
  readonly body?: Buffer;
  /** The connection of a caller who asks for WebSocket, and what came on it behind the request. */
  readonly client?: TunnelEnd;
};

export const hasBody = ({ headers }: Pick<AnyRequest, 'headers'>): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;

/** Whether its caller has gone while it was decided on, which is told once, and then to nobody. A connection that was taken for WebSocket is left half open where he ends it. */
export const hasHungUp = ({ response, client }: Pick<Admitted, 'response' | 'client'>): boolean =>
  response.destroyed || client?.socket.readableEnded === true;
