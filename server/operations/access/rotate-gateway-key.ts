import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { makerOf } from '../../audit/actor.ts';
import { record } from '../../audit/record.ts';
import { mintCredential } from '../../access/credentials.ts';
import { toGatewayKey } from '../../access/key-rows.ts';
import { announceRevocation } from '../../access/revocations.ts';
import { overlapOf, rotationOf } from '../../access/rotation.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { notFound } from '../../errors.ts';
import { inTenant } from '../../tenants/in-tenant.ts';
import { requireRoom } from '../../tenants/limits.ts';
import { requireOpened } from '../../tenants/team-rows.ts';
import { lockOwnTenant } from '../../tenants/tenant-rows.ts';

export const rotateGatewayKey: Handler<operations['rotateGatewayKey'], RequestContext> = async ({ path, body }, context) => {
  const { tenantId, rights } = requireOperator(context);
  const { secret, hint } = mintCredential('gatewayKey');
  const by = makerOf(context.principal);
  const rotated = await inTenant(context, async (tx) => {
    await lockOwnTenant(tx, tenantId);
    const before = await tx.gateway_key.findFirst({ where: { id: path.key_id, tenant_id: tenantId } });
    if (!before) throw notFound('gateway key');
    const isOfTeam = !rights.has('gateway-keys.write');
    if (isOfTeam) await requireOpened(tx, tenantId, before);
    const { expiresAt, endsAt } = rotationOf(before, body, await overlapOf(tx, body));
    const { id, name, environments, modes, instance_name, team } = before;
    // Its secret is with a role in the team from now on.
    const team_only = before.team_only || isOfTeam;
    const replaced = toGatewayKey(await tx.gateway_key.update({ where: { id }, data: { expires_at: endsAt, updated_by: by } }));
    // A key that goes on for its overlap takes a place; one that ends at once gives its own.
    await requireRoom(tx, tenantId, 'gateway_keys');
    const scope = { tenant_id: tenantId, name, environments, modes, instance_name, team, team_only };
    const hmac = new Uint8Array(context.keys.hmac(secret));
    const created = await tx.gateway_key.create({ data: { ...scope, hint, hmac, expires_at: expiresAt, created_by: by, updated_by: by } });
    const key = toGatewayKey(created);
    await record(tx, context, {
      object: { kind: 'gateway_key', id, name },
      before: toGatewayKey(before),
      after: { ...replaced, replaced_by: key.key_id },
    });
    return { key, replaced };
  });
  // Servers remember a credential until it expires, as far as they know.
  await announceRevocation(context);
  return { status: 201, body: { ...rotated, secret } };
};
