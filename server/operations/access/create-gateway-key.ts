import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import type { Prisma } from '@stoa/generated/prisma/client.ts';
import { makerOf } from '../../audit/actor.ts';
import { record } from '../../audit/record.ts';
import { mintCredential } from '../../access/credentials.ts';
import { expiryOf } from '../../access/expiry.ts';
import { toGatewayKey } from '../../access/key-rows.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { inTenant } from '../../tenants/in-tenant.ts';
import { inRehearsal } from '../../tenants/rehearsal.ts';
import { requireOpened, teamGiven } from '../../tenants/team-rows.ts';
import { requireRoom } from '../../tenants/limits.ts';

export const createGatewayKey: Handler<operations['createGatewayKey'], RequestContext> = async ({ query, body }, context) => {
  const { tenantId, rights } = requireOperator(context);
  const team_only = !rights.has('gateway-keys.write');
  const { secret, hint } = mintCredential('gatewayKey');
  const by = makerOf(context.principal);
  const create = async (tx: Prisma.TransactionClient) => {
    await requireRoom(tx, tenantId, 'gateway_keys');
    const team = await teamGiven(tx, tenantId, body);
    if (team_only) await requireOpened(tx, tenantId, body);
    const created = await tx.gateway_key.create({
      data: {
        ...team,
        team_only,
        tenant_id: tenantId,
        name: body.name,
        hint,
        hmac: new Uint8Array(context.keys.hmac(secret)),
        environments: body.environments ?? [],
        modes: body.modes ?? [],
        instance_name: body.instance_name ?? null,
        expires_at: expiryOf(body),
        created_by: by,
        updated_by: by,
      },
    });
    await record(tx, context, { object: { kind: 'gateway_key', id: created.id, name: created.name }, after: toGatewayKey(created) });
    return created;
  };
  const isDry = query.dry_run === true;
  const key = await inTenant(context, (tx) => inRehearsal(tx, isDry, () => create(tx)));
  // Of a dry run nothing is kept that a secret would be good for.
  return { status: 201, body: { key: toGatewayKey(key), secret: isDry ? hint : secret } };
};
