import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import type { RequestContext } from '../../context.ts';
import { notFound } from '../../errors.ts';
import { requireHolder } from '../../fleet/require-holder.ts';

/** Waits for news as a long poll; ends early, with 304, when the caller goes away or the server stops. */
export const getGatewayConfig: Handler<operations['getGatewayConfig'], RequestContext> = async ({ path, query, headers }, context) => {
  const known = (headers as Record<string, string | undefined>)['if-none-match'];
  const deadline = AbortSignal.any([context.signal, AbortSignal.timeout((query.wait_s ?? 0) * 1000)]);
  // Each round waits for a change, so there are at most as many as there are changes before the deadline.
  for (;;) {
    const gateway = await requireHolder(context, path.gateway_id, undefined);
    // Waiting begins before reading: a change in between wakes at once.
    const change = context.desired.nextChange(gateway.tenant_id, deadline);
    const config = await context.desired.current(gateway);
    if (!config) throw notFound('gateway');
    const etag = `"${config.generation}-${config.hash.slice('sha256:'.length, 'sha256:'.length + 16)}"`;
    if (!matches(known, etag)) return { status: 200, body: config, headers: { ETag: etag } };
    if (deadline.aborted) return { status: 304, headers: { ETag: etag } };
    await change;
  }
};

/** Whether `If-None-Match` names this entity tag, by weak comparison (RFC 9110 §13.1.2). */
function matches(header: string | undefined, etag: string): boolean {
  const tags = header?.split(',').map((tag) => tag.trim().replace(/^W\//, '')) ?? [];
  return tags.includes(etag) || tags.includes('*');
}
