import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import type { Prisma } from '@stoa/generated/prisma/client.ts';
import { record } from '../../audit/record.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { changeCatalog } from '../../deployments/change-catalog.ts';
import { notFound } from '../../errors.ts';
import { embeddedIssuer } from '../../issuers/embedded-issuer.ts';
import { requireSoundIssuer } from '../../issuers/trusted-issuer-faults.ts';
import {
  requireFreePlace,
  keepsSecret,
  saysTheSame,
  secretToKeep,
  toColumns,
  toTrustedIssuer,
  warningsOf,
} from '../../issuers/trusted-issuer-rows.ts';
import { entityTag, requireMatch } from '../entity-tag.ts';

export const updateTrustedIssuer: Handler<operations['updateTrustedIssuer'], RequestContext> = async ({ path, headers, query, body }, context) => {
  const { tenantId } = requireOperator(context);
  await requireSoundIssuer(context.upstreams, body);
  const id = path.trusted_issuer_id;
  const edit = async (tx: Prisma.TransactionClient) => {
    const current = await tx.trusted_issuer.findFirst({ where: { id, tenant_id: tenantId } });
    if (!current) throw notFound('trusted issuer');
    const before = toTrustedIssuer(current);
    requireMatch(headers, before);
    await requireFreePlace(tx, tenantId, id, body);
    const columns = toColumns(body, embeddedIssuer(context), current);
    const secret = await secretToKeep(context.keys, { id, tenantId }, body, current);
    const isSame = saysTheSame(current, columns) && (await keepsSecret(context.keys, current, body));
    const written = isSame ? current : await tx.trusted_issuer.update({ where: { id }, data: { ...columns, secret, updated_at: new Date() } });
    await record(tx, context, { object: { kind: 'trusted_issuer', id, name: written.name }, before, after: toTrustedIssuer(written) });
    return { row: written, warnings: await warningsOf(tx, tenantId, body) };
  };
  const { row, warnings } = await changeCatalog(context, tenantId, { kind: 'trusted_issuer', id }, edit, query.dry_run === true);
  return { status: 200, body: toTrustedIssuer(row, warnings), headers: entityTag(toTrustedIssuer(row)) };
};
