import type { subscription } from '@stoa/generated/prisma/client.ts';
import type { Subscription } from '@stoa/generated/schemas.ts';
import { toTimestamp } from '../operations/wire.ts';

/** What a subscription is read with: the names that people know its ends by. */
export const withNames = { api: { select: { name: true } }, consumer: { select: { name: true } } } as const;

export function toSubscription(row: subscription & { api: { name: string }; consumer: { name: string } }): Subscription {
  return {
    subscription_id: row.id,
    api_id: row.api_id,
    api_name: row.api.name,
    consumer_id: row.consumer_id,
    consumer_name: row.consumer.name,
    created_at: toTimestamp(row.created_at),
  };
}
