import type { consumer, consumer_key, PrismaClient } from '@stoa/generated/prisma/client.ts';
import type { Consumer, ConsumerKey, Labels } from '@stoa/generated/schemas.ts';
import { notFound } from '../errors.ts';
import { stateOf } from './key-rows.ts';
import { optionalTimestamp, present, toTimestamp } from '../operations/wire.ts';

/** @throws ApiError 404 when the tenant has no such consumer */
export async function requireConsumer(prisma: Pick<PrismaClient, 'consumer'>, tenantId: string, consumerId: string): Promise<void> {
  const found = await prisma.consumer.findFirst({ where: { id: consumerId, tenant_id: tenantId }, select: { id: true } });
  if (!found) throw notFound('consumer');
}

export function toConsumer(row: consumer): Consumer {
  return { consumer_id: row.id, name: row.name, labels: row.labels as Labels, created_at: toTimestamp(row.created_at) };
}

export function toConsumerKey(row: consumer_key): ConsumerKey {
  return {
    key_id: row.id,
    hint: row.hint,
    state: stateOf(row),
    created_at: toTimestamp(row.created_at),
    ...present({ expires_at: optionalTimestamp(row.expires_at), revoked_at: optionalTimestamp(row.revoked_at) }),
  };
}
