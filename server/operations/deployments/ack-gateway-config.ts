import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import type { ConfigAck } from '@stoa/generated/schemas.ts';
import type { RequestContext } from '../../context.ts';
import { gatewayDesired } from '../../deployments/generation-sql.ts';
import { unprocessable } from '../../errors.ts';
import { requireHolder } from '../../fleet/require-holder.ts';

export const ackGatewayConfig: Handler<operations['ackGatewayConfig'], RequestContext> = async ({ path, body }, context) => {
  const gateway = await requireHolder(context, path.gateway_id, body.lease_epoch);
  // An acknowledgement that was overtaken by one of a newer generation says nothing any more.
  const { rowCount } = await context.db.pool.query({
    name: 'ack-config',
    text: `UPDATE gateway_config SET acked_generation = $2, acked_hash = $3, acked_state = $4, acked_items = $5, acked_unlisted = $6, acked_at = now()
      FROM ${gatewayDesired} d
      WHERE gateway_config.gateway_id = $1 AND d.gateway_id = $1 AND gateway_config.acked_generation <= $2
        AND (d.generation > $2 OR (d.generation = $2 AND $3 IN (d.hash, d.whole_hash)))`,
    values: [gateway.id, body.generation, body.hash, body.state, JSON.stringify(body.items), body.unlisted_applied === true],
  });
  if (rowCount === 0) await refuseUnissued(context, gateway.id, body);
  return { status: 204 };
};

async function refuseUnissued({ db }: RequestContext, gatewayId: string, { generation, hash }: ConfigAck): Promise<void> {
  const { rows } = await db.pool.query<{ generation: string; hash: string | null; whole_hash: string | null }>(
    `SELECT generation, hash, whole_hash FROM ${gatewayDesired} d WHERE gateway_id = $1`,
    [gatewayId],
  );
  const [issued] = rows;
  if (!issued || BigInt(issued.generation) < BigInt(generation)) {
    throw unprocessable(`Generation ${generation} was never issued to this gateway.`, [
      { pointer: '/body/generation', message: issued ? `must be at most ${issued.generation}` : 'must have been read from the config feed' },
    ]);
  }
  const hashes = [issued.hash, issued.whole_hash].filter((known) => known !== null);
  if (BigInt(issued.generation) === BigInt(generation) && !hashes.includes(hash)) {
    throw unprocessable(`Generation ${generation} has another hash.`, [{ pointer: '/body/hash', message: `must be ${hashes.join(' or ')}` }]);
  }
}
