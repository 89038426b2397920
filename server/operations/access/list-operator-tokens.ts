import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { toOperatorToken } from '../../access/key-rows.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { after, inOrder, nameHolds, pageOf } from '../page.ts';
import { inTenant } from '../../tenants/in-tenant.ts';

export const listOperatorTokens: Handler<operations['listOperatorTokens'], RequestContext> = async ({ query }, context) => {
  const { tenantId } = requireOperator(context);
  const page = await inTenant(context, (tx) =>
    pageOf(
      query,
      (take, position) =>
        tx.operator_token.findMany({
          where: { tenant_id: tenantId, kind: 'token', ...nameHolds(query.search), ...after(position) },
          orderBy: inOrder,
          take,
        }),
      toOperatorToken,
    ),
  );
  return { status: 200, body: page };
};
