import type { ServerResponse } from 'node:http';
import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { EventStream } from '../../event-stream.ts';

// A reader that does not take this much is not there: it comes back to where it was.
const maxUnsentBytes = 256 * 1024;
const minRetryMs = 2_000;
const longestS = 3_600;

export const streamGatewayEvents: Handler<operations['streamGatewayEvents'], RequestContext> = async ({ query, headers }, context) => {
  const { tenantId, tokenId } = requireOperator(context);
  const after = headers['last-event-id' as 'Last-Event-ID'] ?? query.after;
  const waiting: string[] = [];
  let response: ServerResponse | undefined;
  let stop = () => {};
  let isOver = false;
  const end = () => {
    isOver = true;
    clearTimeout(timer);
    stop();
    response?.end();
  };
  const timer = setTimeout(end, (query.max_s ?? longestS) * 1000);
  context.signal.addEventListener('abort', end);
  const send = (text: string): boolean => {
    if (isOver) return true;
    if (response === undefined) return waiting.push(text) > 0;
    response.write(text);
    return response.writableLength <= maxUnsentBytes;
  };
  try {
    stop = await context.events.follow(tenantId, after, { tokenId, end, send });
  } catch (error) {
    end();
    throw error;
  }
  const body = new EventStream(async (opened) => {
    response = opened;
    // Spread, so that not everybody comes back at the same moment.
    opened.write(`retry: ${Math.round(minRetryMs * (1 + Math.random()))}\n\n${waiting.join('')}`);
    if (isOver || context.signal.aborted) end();
  });
  // The type of the contract is text; what is written comes bit by bit.
  const headersOfStream = { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store', 'X-Accel-Buffering': 'no' };
  return { status: 200, body: body as unknown as string, headers: headersOfStream };
};
