import { randomUUID } from 'node:crypto';
import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import type { Prisma } from '@stoa/generated/prisma/client.ts';
import { record } from '../../audit/record.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { changeCatalog } from '../../deployments/change-catalog.ts';
import { embeddedIssuer } from '../../issuers/embedded-issuer.ts';
import { requireSoundIssuer } from '../../issuers/trusted-issuer-faults.ts';
import { requireFreePlace, secretToKeep, toColumns, toTrustedIssuer, warningsOf } from '../../issuers/trusted-issuer-rows.ts';
import { entityTag } from '../entity-tag.ts';

export const createTrustedIssuer: Handler<operations['createTrustedIssuer'], RequestContext> = async ({ query, body }, context) => {
  const { tenantId } = requireOperator(context);
  await requireSoundIssuer(context.upstreams, body);
  const id = randomUUID();
  const secret = await secretToKeep(context.keys, { id, tenantId }, body);
  const make = async (tx: Prisma.TransactionClient) => {
    await requireFreePlace(tx, tenantId, id, body);
    const created = await tx.trusted_issuer.create({ data: { ...toColumns(body, embeddedIssuer(context)), id, tenant_id: tenantId, secret } });
    await record(tx, context, { object: { kind: 'trusted_issuer', id, name: created.name }, after: toTrustedIssuer(created) });
    return { row: created, warnings: await warningsOf(tx, tenantId, body) };
  };
  const { row, warnings } = await changeCatalog(context, tenantId, { kind: 'trusted_issuer', id }, make, query.dry_run === true);
  return { status: 201, body: toTrustedIssuer(row, warnings), headers: entityTag(toTrustedIssuer(row)) };
};
