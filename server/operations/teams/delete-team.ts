import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { announceRevocation } from '../../access/revocations.ts';
import { record } from '../../audit/record.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { conflict } from '../../errors.ts';
import { inTenant } from '../../tenants/in-tenant.ts';
import { editableOf, requireTeam, toTeam } from '../../tenants/team-rows.ts';
import { requireMatch } from '../entity-tag.ts';

export const deleteTeam: Handler<operations['deleteTeam'], RequestContext> = async ({ path, headers }, context) => {
  const { tenantId } = requireOperator(context);
  const where = { tenant_id: tenantId, team: path.team };
  await inTenant(context, async (tx) => {
    // Nobody gives it anything meanwhile.
    await tx.$queryRaw`SELECT FROM team WHERE tenant_id = ${tenantId}::uuid AND name = ${path.team} FOR UPDATE`;
    const before = toTeam(await requireTeam(tx, tenantId, path.team));
    requireMatch(headers, editableOf(before));
    // A key that is no longer good needs no team: nobody can give it to another.
    await tx.gateway_key.updateMany({
      where: { ...where, OR: [{ revoked_at: { not: null } }, { expires_at: { lte: new Date() } }] },
      data: { team: null },
    });
    const owned = {
      APIs: await tx.api.count({ where }),
      consumers: await tx.consumer.count({ where }),
      'gateway keys': await tx.gateway_key.count({ where }),
    };
    const some = Object.entries(owned).filter(([, count]) => count > 0);
    if (some.length > 0)
      throw conflict(
        `The team owns ${some.map(([what, count]) => `${count} ${what}`).join(' and ')}: give them to another team or to none, and revoke its keys, before.`,
        'team_owns',
      );
    await tx.gateway.updateMany({ where, data: { team: null } });
    await tx.team.delete({ where: { tenant_id_name: { tenant_id: tenantId, name: path.team } } });
    await record(tx, context, { object: { kind: 'team', id: path.team, name: path.team }, before });
  });
  await announceRevocation(context);
  return { status: 204 };
};
