import type { Prisma } from '@stoa/generated/prisma/client.ts';
import type { KeyRotationRequest } from '@stoa/generated/schemas.ts';
import { conflict } from '../errors.ts';
import { expiryOf } from './expiry.ts';
import { stateOf } from './key-rows.ts';

type Lifetime = { created_at: Date; expires_at: Date | null; revoked_at: Date | null };
/** How long a credential goes on beside the one that takes its place, by the database's clock, which decides whether it is good when it is used. */
export type Overlap = { now: Date; endsAt: Date };

const defaultOverlapS = 24 * 60 * 60;

/** To be asked in the transaction that rotates. */
export async function overlapOf(tx: Prisma.TransactionClient, { overlap_s: overlapS = defaultOverlapS }: { overlap_s?: number }): Promise<Overlap> {
  // A Date has milliseconds: what is rounded up would still be good at the end of an overlap of nothing.
  const [times] = await tx.$queryRaw<[Overlap]>`
    SELECT date_trunc('milliseconds', now()) AS now, date_trunc('milliseconds', now()) + make_interval(secs => ${overlapS}::float8) AS "endsAt"`;
  return times;
}

/**
 * Until when a key and the one that takes its place are good. The new one lasts as long as the other was minted for, unless it is said until when; the old one
 * lives no longer than it would have.
 * @throws ApiError 409 for a key that is good for nothing any more
 */
export function rotationOf(key: Lifetime, body: KeyRotationRequest, { now, endsAt }: Overlap): { expiresAt: Date | null; endsAt: Date } {
  const state = stateOf(key, now.getTime());
  if (state !== 'valid') throw conflict(`The key is ${state}, and nothing uses it that could be given another: mint a new one.`, 'key_not_valid');
  const lifetimeMs = key.expires_at && key.expires_at.getTime() - key.created_at.getTime();
  return {
    expiresAt: expiryOf(body) ?? (lifetimeMs === null ? null : new Date(now.getTime() + lifetimeMs)),
    endsAt: new Date(Math.min(endsAt.getTime(), key.expires_at?.getTime() ?? Infinity)),
  };
}
