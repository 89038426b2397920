import { traceIdFrom } from '@stoa/lib/request-id.ts';
import type { Caller } from '../model.ts';

/** Where W3C Trace Context may stand: the headers of a request, or what else came with one call in it. */
export type TraceContext = Readonly<Record<string, unknown>>;

export type TellingOf = {
  readonly caller: Caller;
  readonly requestId: string;
  readonly trace?: TraceContext | undefined;
};

const traceparentForm = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;
const tracestateForm = /^[\x20-\x7e]{1,512}$/;

/**
 * What every upstream is told of a request, whatever door it came through: who calls, by which id our log and answer know it, and its trace. Names and values
 * alternate. The caller's trace goes on; without one, one begins that is found by the id of the request.
 */
export function toldUpstream({ caller, requestId, trace }: TellingOf): string[] {
  const told = ['x-stoa-consumer', caller.consumerName, 'x-request-id', requestId];
  const traceparent = trace?.['traceparent'];
  if (typeof traceparent !== 'string' || !traceparentForm.test(traceparent)) {
    const id = traceIdFrom(requestId);
    told.push('traceparent', `00-${id}-${id.slice(16)}-00`);
    return told;
  }
  told.push('traceparent', traceparent);
  const tracestate = trace?.['tracestate'];
  if (typeof tracestate === 'string' && tracestateForm.test(tracestate)) told.push('tracestate', tracestate);
  return told;
}
