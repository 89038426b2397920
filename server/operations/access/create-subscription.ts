import { randomUUID } from 'node:crypto';
import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import type { Prisma } from '@stoa/generated/prisma/client.ts';
import { makerOf } from '../../audit/actor.ts';
import { record } from '../../audit/record.ts';
import type { SubscriptionRequest } from '@stoa/generated/schemas.ts';
import { nameOfSubscription, toSubscription, withNames } from '../../access/subscription-rows.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { changeCatalog } from '../../deployments/change-catalog.ts';
import { conflict, invalid, unprocessable } from '../../errors.ts';
import { entityTag } from '../entity-tag.ts';
import { requireRoom } from '../../tenants/limits.ts';

/** Beyond it a gateway's configuration would hold more items than the contract allows. */
const maxSubscriptions = 40_000;

export const createSubscription: Handler<operations['createSubscription'], RequestContext> = async ({ query, body }, context) => {
  const { tenantId } = requireOperator(context);
  const [to, by] = [offerOf(body), consumerOf(body)];
  const id = randomUUID();
  const create = async (tx: Prisma.TransactionClient) => {
    const offer = await to.find(tx, { ...to.where, tenant_id: tenantId });
    const consumer = await tx.consumer.findFirst({ where: { ...by.where, tenant_id: tenantId }, select: { id: true } });
    if (!offer || !consumer) {
      const missing = [
        ...(offer ? [] : [{ pointer: to.pointer, message: `there is no such ${to.what}` }]),
        ...(consumer ? [] : [{ pointer: by.pointer, message: 'there is no such consumer' }]),
      ];
      throw unprocessable('What is to be subscribed does not exist.', missing);
    }
    const pair = { [to.column]: offer.id, consumer_id: consumer.id };
    const same = await tx.subscription.findFirst({ where: pair, select: { id: true } });
    if (same) throw conflict(`The consumer is subscribed to this ${to.what} already, by the subscription ${same.id}.`, 'already_subscribed');
    if ((await tx.subscription.count({ where: { tenant_id: tenantId } })) >= maxSubscriptions) {
      const remedy = 'Put APIs that the same consumers call into a plan, or set open_to_all_consumers on those that everybody may call.';
      throw conflict(`There are ${maxSubscriptions} subscriptions, which is the most there can be. ${remedy}`, 'too_many_subscriptions');
    }
    const ends = { consumer_id: consumer.id, [to.column]: offer.id };
    await requireRoom(tx, tenantId, 'subscriptions');
    const created = await tx.subscription.create({
      data: { id, tenant_id: tenantId, ...ends, created_by: makerOf(context.principal) },
      include: withNames,
    });
    const after = toSubscription(created);
    await record(tx, context, { object: { kind: 'subscription', id, name: nameOfSubscription(after) }, after });
    return created;
  };
  const row = await changeCatalog(context, tenantId, { kind: 'subscription', id }, create, query.dry_run === true);
  const subscription = toSubscription(row);
  return { status: 201, body: subscription, headers: entityTag(subscription) };
};

/** What is subscribed to. @throws ApiError 400 unless it is named once */
function offerOf({ api_id, plan_id, plan_name, mcp_server_id, mcp_server_name, tool_set_id, tool_set_name }: SubscriptionRequest) {
  const api = {
    what: 'API',
    column: 'api_id',
    find: (tx: Prisma.TransactionClient, where: Prisma.apiWhereInput) => tx.api.findFirst({ where, select: { id: true } }),
  } as const;
  const plan = {
    what: 'plan',
    column: 'plan_id',
    find: (tx: Prisma.TransactionClient, where: Prisma.planWhereInput) => tx.plan.findFirst({ where, select: { id: true } }),
  } as const;
  const mcpServer = {
    what: 'MCP server',
    column: 'mcp_server_id',
    find: (tx: Prisma.TransactionClient, where: Prisma.mcp_serverWhereInput) => tx.mcp_server.findFirst({ where, select: { id: true } }),
  } as const;
  const toolSet = {
    what: 'tool set',
    column: 'tool_set_id',
    find: (tx: Prisma.TransactionClient, where: Prisma.tool_setWhereInput) => tx.tool_set.findFirst({ where, select: { id: true } }),
  } as const;
  const named = [
    ...(api_id === undefined ? [] : [{ ...api, pointer: '/body/api_id', where: { id: api_id } }]),
    ...(plan_id === undefined ? [] : [{ ...plan, pointer: '/body/plan_id', where: { id: plan_id } }]),
    ...(plan_name === undefined ? [] : [{ ...plan, pointer: '/body/plan_name', where: { name: plan_name } }]),
    ...(mcp_server_id === undefined ? [] : [{ ...mcpServer, pointer: '/body/mcp_server_id', where: { id: mcp_server_id } }]),
    ...(mcp_server_name === undefined ? [] : [{ ...mcpServer, pointer: '/body/mcp_server_name', where: { name: mcp_server_name } }]),
    ...(tool_set_id === undefined ? [] : [{ ...toolSet, pointer: '/body/tool_set_id', where: { id: tool_set_id } }]),
    ...(tool_set_name === undefined ? [] : [{ ...toolSet, pointer: '/body/tool_set_name', where: { name: tool_set_name } }]),
  ];
  const [only, other] = named;
  if (only !== undefined && other === undefined) return only;
  if (only === undefined)
    throw invalid([
      { pointer: '/body/api_id', message: 'is required, or else plan_id, plan_name, mcp_server_id, mcp_server_name, tool_set_id or tool_set_name' },
    ]);
  const pointers = named.map(({ pointer }) => pointer.slice('/body/'.length));
  throw invalid([
    {
      pointer: only.pointer,
      message: `is given together with ${pointers.slice(1).join(' and ')}: a subscription is to one API, one plan, one MCP server or one tool set`,
    },
  ]);
}

function consumerOf({ consumer_id: id, consumer_name: name }: SubscriptionRequest) {
  if (id !== undefined && name === undefined) return { pointer: '/body/consumer_id', where: { id } };
  if (name !== undefined && id === undefined) return { pointer: '/body/consumer_name', where: { name } };
  const message = id === undefined ? 'is required, or else consumer_name' : 'is given together with consumer_name: leave one of them out';
  throw invalid([{ pointer: '/body/consumer_id', message }]);
}
