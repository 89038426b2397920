import type { subscription } from '@stoa/generated/prisma/client.ts';
import type { Subscription } from '@stoa/generated/schemas.ts';
import { makersOf } from '../audit/actor.ts';
import { present, toTimestamp } from '../operations/wire.ts';

/** What a subscription is read with: the names that people know its ends by. */
export const withNames = {
  api: { select: { name: true } },
  plan: { select: { name: true } },
  mcp_server: { select: { name: true } },
  tool_set: { select: { name: true } },
  consumer: { select: { name: true } },
} as const;

type Named = { name: string };

export function toSubscription(
  row: subscription & { api: Named | null; plan: Named | null; mcp_server: Named | null; tool_set: Named | null; consumer: Named },
): Subscription {
  return {
    subscription_id: row.id,
    ...present({ api_id: row.api_id, api_name: row.api?.name, plan_id: row.plan_id, plan_name: row.plan?.name }),
    ...present({ mcp_server_id: row.mcp_server_id, mcp_server_name: row.mcp_server?.name }),
    ...present({ tool_set_id: row.tool_set_id, tool_set_name: row.tool_set?.name }),
    consumer_id: row.consumer_id,
    consumer_name: row.consumer.name,
    created_at: toTimestamp(row.created_at),
    ...makersOf(row),
  };
}

/** What people call it: both its ends. */
export const nameOfSubscription = ({ consumer_name, api_name, plan_name, mcp_server_name, tool_set_name }: Subscription): string =>
  `${consumer_name}/${api_name ?? plan_name ?? mcp_server_name ?? tool_set_name}`;
