import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { actionsLike, isAction } from '../../audit/actions.ts';
import { findRecords } from '../../audit/read.ts';
import { toAuditRecord } from '../../audit/rows.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { invalid } from '../../errors.ts';
import { sqlOf } from '../../database/sql.ts';
import { inTenant } from '../../tenants/in-tenant.ts';
import { pageBy } from '../page.ts';
import type { Order } from '../page.ts';

const bySeq: Order<{ seq: number }, number> = {
  toText: ({ seq }) => `audit ${seq}`,
  fromText(text) {
    const [, seq] = /^audit ([1-9]\d{0,14})$/.exec(text) ?? [];
    return seq === undefined ? undefined : Number(seq);
  },
};

const timeOf = (text: string | undefined): Date | undefined => (text === undefined ? undefined : new Date(text));

export const listAudit: Handler<operations['listAudit'], RequestContext> = async ({ query }, context) => {
  const { tenantId } = requireOperator(context);
  const { kind, action, outcome, actor, object, since, until } = query;
  const filter = { kind, action, outcome, actor, object, since: timeOf(since), until: timeOf(until) };
  const page = await pageBy(
    query,
    bySeq,
    (take, before) => inTenant(context, (tx) => findRecords(sqlOf(tx), tenantId, filter, take, before)),
    toAuditRecord,
  );
  if (action !== undefined && page.items.length === 0 && !isAction(action)) await requireRecorded(context, tenantId, action);
  return { status: 200, body: page };
};

/** An operation that there was once is told of by its records alone. */
async function requireRecorded(context: RequestContext, tenantId: string, action: string): Promise<void> {
  const [found] = await inTenant(context, (tx) => findRecords(sqlOf(tx), tenantId, { action }, 1));
  if (found !== undefined) return;
  const near = actionsLike(action);
  const meant = near.length === 0 ? 'as records name it, such as deleteApi or signIn' : `did you mean ${near.join(', ')}?`;
  throw invalid([{ pointer: '/query/action', message: `must be an operationId or a step of signing in: ${meant}` }]);
}
