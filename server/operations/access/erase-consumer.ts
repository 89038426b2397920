import { randomBytes } from 'node:crypto';
import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { eraseCalls } from '../../approvals/calls.ts';
import { makerOf } from '../../audit/actor.ts';
import { erase, subjectsNamed } from '../../audit/erase.ts';
import { record } from '../../audit/record.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { sqlOf } from '../../database/sql.ts';
import { bumpTenant } from '../../deployments/bump-tenant.ts';
import { notFound } from '../../errors.ts';
import { inTenant } from '../../tenants/in-tenant.ts';
import { present } from '../wire.ts';

/** The record of it tells the pseudonym and never the name. */
export const eraseConsumer: Handler<operations['eraseConsumer'], RequestContext> = async ({ body: { name } }, context) => {
  const { tenantId } = requireOperator(context);
  const pseudonym = `erased-${randomBytes(6).toString('hex')}`;
  const erasure = await inTenant(context, async (tx) => {
    const consumer = await tx.consumer.findUnique({ where: { tenant_id_name: { tenant_id: tenantId, name } }, select: { id: true } });
    if (consumer) {
      await bumpTenant(tx, tenantId, { kind: 'consumer', id: consumer.id });
      await tx.consumer.updateMany({ where: { id: consumer.id }, data: { name: pseudonym, labels: {}, updated_by: makerOf(context.principal) } });
      await tx.$executeRaw`UPDATE consumer_key SET revoked_at = now() WHERE consumer_id = ${consumer.id}::uuid AND revoked_at IS NULL`;
      await eraseCalls(tx, { tenantId, consumerId: consumer.id, pseudonym });
    }
    const others = await subjectsNamed(sqlOf(tx), tenantId, 'consumer', name);
    const subjects = [...new Set([...(consumer ? [`consumer:${consumer.id}`] : []), ...others])];
    const [first] = subjects;
    if (first === undefined) throw notFound('consumer');
    const fields = await erase(sqlOf(tx), tenantId, subjects, pseudonym);
    await record(tx, context, {
      object: { kind: 'consumer', id: first.slice('consumer:'.length), name: pseudonym },
      detail: { erased: subjects, fields },
    });
    return { pseudonym, fields, ...present({ consumer_id: consumer?.id }) };
  });
  return { status: 200, body: erasure };
};
