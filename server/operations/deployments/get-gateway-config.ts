import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import type { RequestContext } from '../../context.ts';
import { requireHolder } from '../../fleet/require-holder.ts';

/** Waits for news as a long poll; ends early, with 304, when the caller goes away. */
export const getGatewayConfig: Handler<operations['getGatewayConfig'], RequestContext> = async ({ path, query, headers }, context) => {
  const known = (headers as Record<string, string | undefined>)['if-none-match'];
  const deadline = AbortSignal.any([context.signal, AbortSignal.timeout((query.wait_s ?? 0) * 1000)]);
  for (;;) {
    const gateway = await requireHolder(context, path.gateway_id, undefined);
    // Waiting begins before reading: a change in between wakes at once.
    const change = context.desired.nextChange(gateway.tenant_id, deadline);
    const config = await context.desired.current(gateway);
    const etag = `"${config.generation}-${config.hash.slice('sha256:'.length, 'sha256:'.length + 16)}"`;
    if (known !== etag) return { status: 200, body: config, headers: { ETag: etag } };
    if (deadline.aborted) return { status: 304, headers: { ETag: etag } };
    await change;
  }
};
