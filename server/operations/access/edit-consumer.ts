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
import { teamGiven } from '../../tenants/team-rows.ts';
import { notFound } from '../../errors.ts';
import { entityTag, requireMatch } from '../entity-tag.ts';
import { present } from '../wire.ts';

export const editConsumer: Handler<operations['editConsumer'], RequestContext> = async ({ path, query, headers, body }, context) => {
  const principal = requireOperator(context);
  const { tenantId } = principal;
  const { name, labels, certificates, tool_exposure } = body;
  const edit = async (tx: Prisma.TransactionClient) => {
    const current = await tx.consumer.findFirst({ where: { id: path.consumer_id, tenant_id: tenantId } });
    if (!current) throw notFound('consumer');
    requireMatch(headers, toConsumer(current));
    if (name !== undefined && name !== current.name) await requireFreeConsumerName(tx, tenantId, name);
    if (certificates !== undefined) await requireCertificates(tx, principal, current, certificates);
    const changed = {
      ...present({ name, labels, certificates, tool_exposure }),
      ...(await teamGiven(tx, tenantId, body)),
      updated_by: makerOf(context.principal),
    };
    const edited = await tx.consumer.update({ where: { id: current.id }, data: changed });
    await record(tx, context, {
      object: { kind: 'consumer', id: edited.id, name: edited.name },
      before: toConsumer(current),
      after: toConsumer(edited),
    });
    return edited;
  };
  const row = await changeCatalog(context, tenantId, { kind: 'consumer', id: path.consumer_id }, edit, query.dry_run === true);
  const consumer = toConsumer(row);
  return { status: 200, body: consumer, headers: entityTag(consumer) };
};
