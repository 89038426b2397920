import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { findRecords } from '../../audit/read.ts';
import { toAuditRecord } from '../../audit/rows.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
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
  return { status: 200, body: page };
};
