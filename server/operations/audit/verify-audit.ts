import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import type { ChainReport } from '@stoa/lib/audit-chain.ts';
import { verifyChain } from '../../audit/verify.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { sqlOf } from '../../database/sql.ts';
import { inTenant } from '../../tenants/in-tenant.ts';

/** Whoever asks while one is under way is answered by the same: it reads everything. */
const underWay = new Map<string, Promise<ChainReport>>();

export const verifyAudit: Handler<operations['verifyAudit'], RequestContext> = async (_input, context) => {
  const { tenantId } = requireOperator(context);
  let report = underWay.get(tenantId);
  if (report === undefined) {
    report = verifyChain((read) => inTenant(context, (tx) => read(sqlOf(tx))), context.audit.keys, tenantId).finally(() => underWay.delete(tenantId));
    underWay.set(tenantId, report);
  }
  return { status: 200, body: await report };
};
