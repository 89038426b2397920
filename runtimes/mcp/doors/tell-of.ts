import type { ObservedRequest } from '@stoa/lib/telemetry/model.ts';
import type { AuthorizeVerdict } from '../decide/authorize-request.ts';
import type { Caller, OperationEntry, RouteMatch } from '../model.ts';

/** What telemetry is told of a request for an operation. */
export function tellOf(observed: ObservedRequest, { api, operationId }: OperationEntry, caller: Caller | null, route: string): void {
  observed.isAt(route);
  observed.concerns(api.name, operationId, caller?.consumerName);
}

/** The same of a question that another gateway asks about one. */
export function tellOfQuestion(observed: ObservedRequest | undefined, verdict: AuthorizeVerdict, route: RouteMatch): void {
  if (observed === undefined) return;
  if (verdict.kind === 'allowed') observed.concerns(verdict.operation.api.name, verdict.operation.operationId, verdict.caller.consumerName);
  else if (route.kind === 'match') observed.concerns(route.operation.api.name, route.operation.operationId);
}
