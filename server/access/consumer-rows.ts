import type { consumer, consumer_key, Prisma } from '@stoa/generated/prisma/client.ts';
import type { Consumer, ConsumerKey, Labels } from '@stoa/generated/schemas.ts';
import { makersOf } from '../audit/actor.ts';
import { conflict, notFound } from '../errors.ts';
import { stateOf } from './key-rows.ts';
import { optionalTimestamp, present, toTimestamp } from '../operations/wire.ts';

/** @throws ApiError 404 when the tenant has no such consumer */
export async function requireConsumer(tx: Prisma.TransactionClient, tenantId: string, consumerId: string): Promise<{ name: string }> {
  const found = await tx.consumer.findFirst({ where: { id: consumerId, tenant_id: tenantId }, select: { name: true } });
  if (!found) throw notFound('consumer');
  return found;
}

/** @throws ApiError 409 when another consumer has the name */
export async function requireFreeConsumerName(tx: Prisma.TransactionClient, tenantId: string, name: string): Promise<void> {
  const namesake = await tx.consumer.findUnique({ where: { tenant_id_name: { tenant_id: tenantId, name } }, select: { id: true } });
  if (namesake) throw conflict(`There is a consumer named ${name} already.`, 'name_taken');
}

/** Keys that are good and have an end, by this server's clock as their state is. */
const ending = (before?: Date) => ({ revoked_at: null, expires_at: { gt: new Date(), ...(before !== undefined && { lt: before }) } });

/** The condition on a consumer that one of its good keys ends before an instant, where one is given. */
export const keysEndBefore = (instant: string | undefined) => (instant === undefined ? [] : [{ keys: { some: ending(new Date(instant)) } }]);

/** Its keys that are good and have an end, the nearest first: what `keyEndOf` reads. */
export const endingKeys = () => ({ where: ending(), orderBy: { expires_at: 'asc' }, take: 1, select: { expires_at: true } }) as const;

/** When the first of its good keys ends; nothing of a consumer whose keys have no end. No part of what an entity tag names. */
export const keyEndOf = ({ keys: [first] }: { keys: readonly { expires_at: Date | null }[] }): Pick<Consumer, 'key_expires_at'> =>
  present({ key_expires_at: optionalTimestamp(first?.expires_at ?? null) });

export function toConsumer(row: consumer): Consumer {
  return {
    consumer_id: row.id,
    name: row.name,
    labels: row.labels as Labels,
    created_at: toTimestamp(row.created_at),
    ...present({ team: row.team }),
    ...(row.certificates.length > 0 && { certificates: row.certificates }),
    ...(row.tool_exposure === 'search' && { tool_exposure: 'search' as const }),
    ...makersOf(row),
  };
}

export function toConsumerKey(row: consumer_key): ConsumerKey {
  return {
    key_id: row.id,
    hint: row.hint,
    state: stateOf(row),
    created_at: toTimestamp(row.created_at),
    ...present({ expires_at: optionalTimestamp(row.expires_at), revoked_at: optionalTimestamp(row.revoked_at) }),
    ...makersOf(row),
  };
}
