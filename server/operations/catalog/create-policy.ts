import { randomUUID } from 'node:crypto';
import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { requireFitting, requireSoundPolicy, toAttachmentRows, toPolicy, toPolicyColumns } from '../../catalog/policy-rows.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { changeCatalog } from '../../deployments/change-catalog.ts';
import { entityTag } from '../entity-tag.ts';

export const createPolicy: Handler<operations['createPolicy'], RequestContext> = async ({ body }, context) => {
  const { tenantId } = requireOperator(context);
  requireSoundPolicy(body);
  const id = randomUUID();
  const row = await changeCatalog(context, tenantId, { kind: 'policy', id }, async (tx) => {
    await requireFitting(tx, tenantId, id, body);
    return tx.policy.create({
      data: { ...toPolicyColumns(body), id, tenant_id: tenantId, attachments: { createMany: { data: toAttachmentRows(body.attached_to) } } },
      include: { attachments: true },
    });
  });
  const policy = toPolicy(row);
  return { status: 201, body: policy, headers: entityTag(policy) };
};
