import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import type { ConfigAck } from '@stoa/generated/schemas.ts';
import type { RequestContext } from '../../context.ts';
import { unprocessable } from '../../errors.ts';
import { requireHolder } from '../../fleet/require-holder.ts';

export const ackGatewayConfig: Handler<operations['ackGatewayConfig'], RequestContext> = async ({ path, body }, context) => {
  const gateway = await requireHolder(context, path.gateway_id, body.lease_epoch);
  if (!(await context.acks.write(gateway.id, body))) await refuseUnissued(context, gateway.id, body);
  return { status: 204 };
};

/** An acknowledgement that was overtaken by one of a newer generation says nothing any more, and is as good as one that was stored. */
async function refuseUnissued({ holders }: RequestContext, gatewayId: string, { generation, hash }: ConfigAck): Promise<void> {
  const issued = (await holders.load(gatewayId))?.stored;
  if (!issued || issued.generation < generation) {
    throw unprocessable(`Generation ${generation} was never issued to this gateway.`, [
      { pointer: '/body/generation', message: issued ? `must be at most ${issued.generation}` : 'must have been read from the config feed' },
    ]);
  }
  const hashes = [issued.hash, issued.wholeHash].filter((known) => known !== null);
  if (issued.generation === generation && !hashes.includes(hash)) {
    throw unprocessable(`Generation ${generation} has another hash.`, [{ pointer: '/body/hash', message: `must be ${hashes.join(' or ')}` }]);
  }
}
