import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { record } from '../../audit/record.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { changeCatalog } from '../../deployments/change-catalog.ts';
import { notFound } from '../../errors.ts';
import { toTrustedIssuer } from '../../issuers/trusted-issuer-rows.ts';
import { requireMatch } from '../entity-tag.ts';

export const deleteTrustedIssuer: Handler<operations['deleteTrustedIssuer'], RequestContext> = async ({ path, headers }, context) => {
  const { tenantId } = requireOperator(context);
  const id = path.trusted_issuer_id;
  await changeCatalog(context, tenantId, { kind: 'trusted_issuer', id }, async (tx) => {
    const current = await tx.trusted_issuer.findFirst({ where: { id, tenant_id: tenantId } });
    if (!current) throw notFound('trusted issuer');
    const before = toTrustedIssuer(current);
    requireMatch(headers, before);
    await tx.trusted_issuer.delete({ where: { id } });
    await record(tx, context, { object: { kind: 'trusted_issuer', id, name: current.name }, before });
  });
  return { status: 204 };
};
