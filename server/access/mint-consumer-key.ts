import { createHash, randomUUID } from 'node:crypto';
import type { Prisma } from '@stoa/generated/prisma/client.ts';
import type { RequestContext } from '../context.ts';
import { conflict } from '../errors.ts';
import { mintCredential } from './credentials.ts';
import { isGood } from './key-rows.ts';

/** The contract's bound on the keys of one consumer in a gateway's configuration. */
const maxValidKeys = 64;

/**
 * A key that is in no table yet. It has 256 random bits, so its plain SHA-256 is what gateways recognise it by. A sealed copy is kept for third-party
 * gateways, which store keys in clear.
 */
export async function mintConsumerKey({ keys }: Pick<RequestContext, 'keys'>, tenantId: string) {
  const id = randomUUID();
  const { secret, hint } = mintCredential('consumerKey');
  const sha256 = new Uint8Array(createHash('sha256').update(secret).digest());
  const sealed = new Uint8Array(await keys.seal(secret, `consumer_key:${id}`, tenantId));
  return { secret, columns: { id, tenant_id: tenantId, sha256, sealed, hint } };
}

/** @throws ApiError 409 when the consumer has as many valid keys as it can have */
export async function requireRoomForKey(tx: Prisma.TransactionClient, consumerId: string): Promise<void> {
  const rows = await tx.$queryRawUnsafe<{ count: number }[]>(
    `SELECT count(*)::int AS count FROM consumer_key WHERE consumer_id = $1::uuid AND ${isGood}`,
    consumerId,
  );
  const valid = rows[0]?.count ?? 0;
  if (valid >= maxValidKeys)
    throw conflict(`This consumer has ${valid} valid keys, which is the most there can be. Revoke one first.`, 'too_many_keys');
}
