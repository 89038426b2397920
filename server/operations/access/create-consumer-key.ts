import { createHash, randomUUID } from 'node:crypto';
import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { makerOf } from '../../audit/actor.ts';
import { record } from '../../audit/record.ts';
import { toConsumerKey, requireConsumer } from '../../access/consumer-rows.ts';
import { mintCredential } from '../../access/credentials.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { changeCatalog } from '../../deployments/change-catalog.ts';
import { conflict, invalid } from '../../errors.ts';

/** The contract's bound on the keys of one consumer in a gateway's configuration. */
const maxValidKeys = 64;

/**
 * The key has 256 random bits, so its plain SHA-256 is what gateways recognise it by. A sealed copy is kept for third-party gateways,
 * which store keys in clear.
 */
export const createConsumerKey: Handler<operations['createConsumerKey'], RequestContext> = async ({ path, body }, context) => {
  const { tenantId } = requireOperator(context);
  const consumerId = path.consumer_id;
  const expiresAt = body.expires_at === undefined ? null : new Date(body.expires_at);
  if (expiresAt && expiresAt.getTime() <= Date.now()) {
    throw invalid([{ pointer: '/body/expires_at', message: 'must be in the future' }]);
  }
  const id = randomUUID();
  const { secret, hint } = mintCredential('consumerKey');
  const sha256 = new Uint8Array(createHash('sha256').update(secret).digest());
  const sealed = new Uint8Array(await context.keys.seal(secret, `consumer_key:${id}`, tenantId));
  const row = await changeCatalog(context, tenantId, { kind: 'consumer_key', id }, async (tx) => {
    const consumer = await requireConsumer(tx, tenantId, consumerId);
    const valid = await tx.consumer_key.count({
      where: { consumer_id: consumerId, revoked_at: null, OR: [{ expires_at: null }, { expires_at: { gt: new Date() } }] },
    });
    if (valid >= maxValidKeys)
      throw conflict(`This consumer has ${valid} valid keys, which is the most there can be. Revoke one first.`, 'too_many_keys');
    const by = makerOf(context.principal);
    const created = await tx.consumer_key.create({
      data: { id, tenant_id: tenantId, consumer_id: consumerId, sha256, sealed, hint, expires_at: expiresAt, created_by: by, updated_by: by },
    });
    const after = { consumer_id: consumerId, ...toConsumerKey(created) };
    await record(tx, context, { object: { kind: 'consumer_key', id, name: consumer.name }, after });
    return created;
  });
  return { status: 201, body: { key: toConsumerKey(row), secret } };
};
