import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler, Reply } from '@stoa/generated/handlers.ts';
import type { RequestContext } from '../../context.ts';
import { DifferenceAnswer, WholeAnswer } from '../../deployments/config-answers.ts';
import { noteWholeHash } from '../../deployments/state-rows.ts';
import { notFound } from '../../errors.ts';
import { requireHolder, requireHolderStill } from '../../fleet/require-holder.ts';
import type { HeldGateway } from '../../fleet/holders.ts';

type Headers = Readonly<Record<string, string | undefined>>;

/** Waits for news as a long poll; ends early, with 304, when the caller goes away or the server stops. */
export const getGatewayConfig: Handler<operations['getGatewayConfig'], RequestContext> = async ({ path, query, headers }, context) => {
  const sent = headers as Headers;
  const untilMs = performance.now() + (query.wait_s ?? 0) * 1000;
  // Each round waits for a change, so there are at most as many as there are changes before the deadline.
  for (let hold = requireHolder; ; ) {
    const gateway = await hold(context, path.gateway_id, undefined);
    const current = await context.desired.current(gateway);
    if (!current) throw notFound('gateway');
    // While the gateway was given its state, the next may have been made.
    if (current.state.content !== current.content) continue;
    const signer = await context.keys.signer(gateway.signing_key);
    const form = query.base === undefined ? new WholeAnswer(current, signer) : new DifferenceAnswer(current, signer, query.base);
    if (!matches(sent['if-none-match'], form.etag)) return answer(context, gateway, form, sent['accept-encoding'] ?? '');
    const forMs = untilMs - performance.now();
    if (forMs <= 0 || context.signal.aborted) return { status: 304, headers: { ETag: form.etag } };
    await context.places.polls.within(gateway.id, () => context.desired.nextChange(gateway, current, { signal: context.signal, forMs }));
    hold = requireHolderStill;
  }
};

async function answer(
  { db }: RequestContext,
  gateway: HeldGateway,
  form: WholeAnswer | DifferenceAnswer,
  acceptEncoding: string,
): Promise<Reply<operations['getGatewayConfig']>> {
  if (form instanceof DifferenceAnswer) return { status: 200, ...(await form.answer(gateway.id, acceptsGzip(acceptEncoding))) };
  const { hash, current } = form;
  // Before it is acknowledged by this hash.
  if (gateway.stored?.wholeHash !== hash) await noteWholeHash(db, gateway.tenant_id, current.state.key, current.content.hash, hash);
  return { status: 200, ...form.answer(gateway.id) };
}

/** RFC 9110 §12.5.3: named, and not with a weight of nought. */
const acceptsGzip = (header: string): boolean => /(?:^|,)\s*gzip\s*(?:,|$|;(?!\s*q=0(?:\.0*)?\s*(?:,|$)))/i.test(header);

/** Whether `If-None-Match` names this entity tag, by weak comparison (RFC 9110 §13.1.2). */
function matches(header: string | undefined, etag: string): boolean {
  const tags = header?.split(',').map((tag) => tag.trim().replace(/^W\//, '')) ?? [];
  return tags.includes(etag) || tags.includes('*');
}
