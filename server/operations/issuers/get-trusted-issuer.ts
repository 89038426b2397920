import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { notFound } from '../../errors.ts';
import { toTrustedIssuer, warningsOf } from '../../issuers/trusted-issuer-rows.ts';
import { inTenant } from '../../tenants/in-tenant.ts';
import { entityTag } from '../entity-tag.ts';

export const getTrustedIssuer: Handler<operations['getTrustedIssuer'], RequestContext> = async ({ path }, context) => {
  const { tenantId } = requireOperator(context);
  const { row, warnings } = await inTenant(context, async (tx) => {
    const found = await tx.trusted_issuer.findFirst({ where: { id: path.trusted_issuer_id, tenant_id: tenantId } });
    if (!found) throw notFound('trusted issuer');
    return { row: found, warnings: await warningsOf(tx, tenantId, toTrustedIssuer(found)) };
  });
  return { status: 200, body: toTrustedIssuer(row, warnings), headers: entityTag(toTrustedIssuer(row)) };
};
