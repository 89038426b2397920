import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { serviceAccountKind, toServiceAccount } from '../../access/service-account-rows.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { inTenant } from '../../tenants/in-tenant.ts';
import { after, inOrder, nameHolds, pageOf } from '../page.ts';

export const listServiceAccounts: Handler<operations['listServiceAccounts'], RequestContext> = async ({ query }, context) => {
  const { tenantId } = requireOperator(context);
  const page = await inTenant(context, (tx) =>
    pageOf(
      query,
      (take, position) =>
        tx.operator_token.findMany({
          where: { tenant_id: tenantId, kind: serviceAccountKind, ...nameHolds(query.search), ...after(position) },
          orderBy: inOrder,
          take,
        }),
      toServiceAccount,
    ),
  );
  return { status: 200, body: page };
};
