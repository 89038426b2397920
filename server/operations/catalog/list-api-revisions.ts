import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { findRevisions, toRevision } from '../../catalog/revisions.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { notFound } from '../../errors.ts';
import { pageBy } from '../page.ts';
import type { Order } from '../page.ts';
import { inTenant } from '../../tenants/in-tenant.ts';

export const listApiRevisions: Handler<operations['listApiRevisions'], RequestContext> = async ({ path, query }, context) => {
  const { tenantId } = requireOperator(context);
  const page = await inTenant(context, async (tx) => {
    const api = await tx.api.findFirst({ where: { id: path.api_id, tenant_id: tenantId }, select: { id: true } });
    if (!api) throw notFound('API');
    return pageBy(query, byRevision, (take, last) => findRevisions(tx, api.id, take, last === undefined ? undefined : last - 1), toRevision);
  });
  return { status: 200, body: page };
};

const byRevision: Order<{ revision: number }, number> = {
  toText: ({ revision }) => `revision ${revision}`,
  fromText(text) {
    const [, digits] = /^revision ([1-9]\d{0,8})$/.exec(text) ?? [];
    return digits === undefined ? undefined : Number(digits);
  },
};
