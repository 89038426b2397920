import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import type { ConfigAck } from '@stoa/generated/schemas.ts';
import type { RequestContext } from '../../context.ts';
import { unprocessable } from '../../errors.ts';
import { requireHolder } from '../../fleet/require-holder.ts';

export const ackGatewayConfig: Handler<operations['ackGatewayConfig'], RequestContext> = async ({ path, body }, context) => {
  const gateway = await requireHolder(context, path.gateway_id, body.lease_epoch);
  // An acknowledgement that was overtaken by one of a newer generation says nothing any more.
  const { rowCount } = await context.db.pool.query(
    `UPDATE gateway_config SET acked_generation = $2, acked_hash = $3, acked_state = $4, acked_items = $5, acked_at = now()
     WHERE gateway_id = $1 AND acked_generation <= $2 AND (generation > $2 OR (generation = $2 AND hash = $3))`,
    [gateway.id, body.generation, body.hash, body.state, JSON.stringify(body.items)],
  );
  if (rowCount === 0) await refuseUnissued(context, gateway.id, body);
  return { status: 204 };
};

async function refuseUnissued(context: RequestContext, gatewayId: string, { generation, hash }: ConfigAck): Promise<void> {
  const issued = await context.db.prisma.gateway_config.findUnique({ where: { gateway_id: gatewayId }, select: { generation: true, hash: true } });
  if (!issued || issued.generation < BigInt(generation)) {
    throw unprocessable(`Generation ${generation} was never issued to this gateway.`, [
      { pointer: '/body/generation', message: issued ? `must be at most ${issued.generation}` : 'must have been read from the config feed' },
    ]);
  }
  if (issued.generation === BigInt(generation) && issued.hash !== hash) {
    throw unprocessable(`Generation ${generation} has another hash.`, [{ pointer: '/body/hash', message: `must be ${issued.hash}` }]);
  }
}
