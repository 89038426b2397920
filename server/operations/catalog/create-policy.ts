import { randomUUID } from 'node:crypto';
import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import type { Prisma } from '@stoa/generated/prisma/client.ts';
import { makerOf } from '../../audit/actor.ts';
import { record } from '../../audit/record.ts';
import { apiIdsOf, requireFitting, requireSoundPolicy, toAttachmentRows, toPolicy, toPolicyColumns } from '../../catalog/policy-rows.ts';
import { requireTokensToExchange } from '../../catalog/require-tokens.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { sqlOf } from '../../database/sql.ts';
import { changeCatalog } from '../../deployments/change-catalog.ts';
import { rejectionWarnings } from '../../deployments/rejecting-gateways.ts';
import { entityTag } from '../entity-tag.ts';
import { requireRoom } from '../../tenants/limits.ts';

export const createPolicy: Handler<operations['createPolicy'], RequestContext> = async ({ query, body }, context) => {
  const { tenantId } = requireOperator(context);
  requireSoundPolicy(body);
  const id = randomUUID();
  const create = async (tx: Prisma.TransactionClient) => {
    await requireRoom(tx, tenantId, 'policies');
    await requireFitting(tx, tenantId, id, body);
    const by = { created_by: makerOf(context.principal), updated_by: makerOf(context.principal) };
    const created = await tx.policy.create({
      data: { ...toPolicyColumns(body), ...by, id, tenant_id: tenantId, attachments: { createMany: { data: toAttachmentRows(body.attached_to) } } },
      include: { attachments: true },
    });
    await requireTokensToExchange(tx, context.keys, { tenantId, apiIds: apiIdsOf(body) }, '/body/attached_to');
    await record(tx, context, { object: { kind: 'policy', id, name: created.name }, after: toPolicy(created) });
    return { row: created, warnings: await rejectionWarnings(sqlOf(tx), { policyId: id }) };
  };
  const { row, warnings } = await changeCatalog(context, tenantId, { kind: 'policy', id }, create, query.dry_run === true);
  const policy = toPolicy(row);
  return { status: 201, body: { ...policy, ...(warnings.length > 0 && { warnings }) }, headers: entityTag(policy) };
};
