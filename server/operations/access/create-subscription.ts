import { randomUUID } from 'node:crypto';
import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import type { SubscriptionRequest } from '@stoa/generated/schemas.ts';
import { toSubscription, withNames } from '../../access/subscription-rows.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { changeCatalog } from '../../deployments/change-catalog.ts';
import { conflict, invalid, unprocessable } from '../../errors.ts';
import { entityTag } from '../entity-tag.ts';

/** Beyond it a gateway's configuration would hold more items than the contract allows. */
const maxSubscriptions = 40_000;

export const createSubscription: Handler<operations['createSubscription'], RequestContext> = async ({ body }, context) => {
  const { tenantId } = requireOperator(context);
  const named = consumerOf(body);
  const id = randomUUID();
  const row = await changeCatalog(context, tenantId, { kind: 'subscription', id }, async (tx) => {
    const [api, consumer] = await Promise.all([
      tx.api.findFirst({ where: { id: body.api_id, tenant_id: tenantId }, select: { id: true } }),
      tx.consumer.findFirst({ where: { ...named.where, tenant_id: tenantId }, select: { id: true } }),
    ]);
    if (!api || !consumer) {
      const missing = [
        ...(api ? [] : [{ pointer: '/body/api_id', message: 'there is no such API' }]),
        ...(consumer ? [] : [{ pointer: named.pointer, message: 'there is no such consumer' }]),
      ];
      throw unprocessable('What is to be subscribed does not exist.', missing);
    }
    const pair = { api_id: api.id, consumer_id: consumer.id };
    const same = await tx.subscription.findUnique({ where: { api_id_consumer_id: pair }, select: { id: true } });
    if (same) throw conflict(`The consumer is subscribed to this API already, by the subscription ${same.id}.`, 'already_subscribed');
    if ((await tx.subscription.count({ where: { tenant_id: tenantId } })) >= maxSubscriptions) {
      const remedy = 'Set open_to_all_consumers on the APIs that everybody may call, and withdraw the subscriptions to them.';
      throw conflict(`There are ${maxSubscriptions} subscriptions, which is the most there can be. ${remedy}`, 'too_many_subscriptions');
    }
    return tx.subscription.create({ data: { id, tenant_id: tenantId, ...pair }, include: withNames });
  });
  const subscription = toSubscription(row);
  return { status: 201, body: subscription, headers: entityTag(subscription) };
};

function consumerOf({ consumer_id: id, consumer_name: name }: SubscriptionRequest) {
  if (id !== undefined && name === undefined) return { pointer: '/body/consumer_id', where: { id } };
  if (name !== undefined && id === undefined) return { pointer: '/body/consumer_name', where: { name } };
  const message = id === undefined ? 'is required, or else consumer_name' : 'is given together with consumer_name: leave one of them out';
  throw invalid([{ pointer: '/body/consumer_id', message }]);
}
