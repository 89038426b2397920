import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import type { Prisma } from '@stoa/generated/prisma/client.ts';
import { canonicalJson } from '@stoa/lib/canonical-json.ts';
import { announceRevocation } from '../../access/revocations.ts';
import { makerOf } from '../../audit/actor.ts';
import { record } from '../../audit/record.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { inTenant } from '../../tenants/in-tenant.ts';
import { inRehearsal } from '../../tenants/rehearsal.ts';
import { narrowKeys } from '../../tenants/narrow-keys.ts';
import { editableOf, requireTeam, setMembers, toTeam } from '../../tenants/team-rows.ts';
import { entityTag, requireMatch } from '../entity-tag.ts';
import { present } from '../wire.ts';

export const editTeam: Handler<operations['editTeam'], RequestContext> = async ({ path, query, headers, body }, context) => {
  const by = requireOperator(context);
  const { description, members, environments } = body;
  const own = { tenant_id: by.tenantId, name: path.team };
  const edit = async (tx: Prisma.TransactionClient) => {
    await tx.$queryRaw`SELECT FROM team WHERE tenant_id = ${own.tenant_id}::uuid AND name = ${own.name} FOR UPDATE`;
    const before = toTeam(await requireTeam(tx, by.tenantId, path.team));
    requireMatch(headers, editableOf(before));
    if (members !== undefined && canonicalJson(members) !== canonicalJson(before.members)) await setMembers(tx, own, members, by);
    const data = { ...present({ environments }), ...(description !== undefined && { description }), updated_at: new Date(), updated_by: makerOf(by) };
    await tx.team.update({ where: { tenant_id_name: own }, data });
    if (environments !== undefined) await narrowKeys(tx, context, { tenant_id: own.tenant_id, team: own.name }, environments);
    const after = toTeam(await requireTeam(tx, by.tenantId, path.team));
    await record(tx, context, { object: { kind: 'team', id: own.name, name: own.name }, before, after });
    return after;
  };
  const isDryRun = query.dry_run === true;
  const team = await inTenant(context, (tx) => inRehearsal(tx, isDryRun, () => edit(tx)));
  // Members have other rights from now on.
  if (!isDryRun) await announceRevocation(context);
  return { status: 200, body: team, headers: entityTag(editableOf(team)) };
};
