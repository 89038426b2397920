import { randomUUID } from 'node:crypto';
import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import type { Prisma } from '@stoa/generated/prisma/client.ts';
import { makerOf } from '../../audit/actor.ts';
import { record } from '../../audit/record.ts';
import { requireCertificates } from '../../access/certificates.ts';
import { requireFreeConsumerName, toConsumer } from '../../access/consumer-rows.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { changeCatalog } from '../../deployments/change-catalog.ts';
import { entityTag } from '../entity-tag.ts';
import { teamGiven } from '../../tenants/team-rows.ts';
import { requireRoom } from '../../tenants/limits.ts';

export const createConsumer: Handler<operations['createConsumer'], RequestContext> = async ({ query, body }, context) => {
  const principal = requireOperator(context);
  const { tenantId } = principal;
  const { name, labels = {}, certificates = [], tool_exposure = 'full' } = body;
  const id = randomUUID();
  const create = async (tx: Prisma.TransactionClient) => {
    await requireRoom(tx, tenantId, 'consumers');
    await requireFreeConsumerName(tx, tenantId, name);
    await requireCertificates(tx, principal, { id, certificates: [] }, certificates);
    const by = makerOf(context.principal);
    const team = await teamGiven(tx, tenantId, body);
    const data = { id, tenant_id: tenantId, name, labels, certificates, tool_exposure, ...team, created_by: by, updated_by: by };
    const created = await tx.consumer.create({ data });
    await record(tx, context, { object: { kind: 'consumer', id, name }, after: toConsumer(created) });
    return created;
  };
  const row = await changeCatalog(context, tenantId, { kind: 'consumer', id }, create, query.dry_run === true);
  const consumer = toConsumer(row);
  return { status: 201, body: consumer, headers: entityTag(consumer) };
};
