import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { toTrustedIssuer } from '../../issuers/trusted-issuer-rows.ts';
import { inTenant } from '../../tenants/in-tenant.ts';
import { after, inOrder, nameHolds, pageOf } from '../page.ts';

export const listTrustedIssuers: Handler<operations['listTrustedIssuers'], RequestContext> = async ({ query }, context) => {
  const { tenantId } = requireOperator(context);
  const page = await inTenant(context, (tx) =>
    pageOf(
      query,
      (take, position) =>
        tx.trusted_issuer.findMany({
          where: { tenant_id: tenantId, AND: [nameHolds(query.search)], ...after(position) },
          orderBy: inOrder,
          take,
        }),
      (row) => toTrustedIssuer(row),
    ),
  );
  return { status: 200, body: page };
};
