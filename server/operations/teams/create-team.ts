import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import type { Prisma } from '@stoa/generated/prisma/client.ts';
import { announceRevocation } from '../../access/revocations.ts';
import { makerOf } from '../../audit/actor.ts';
import { record } from '../../audit/record.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { conflict } from '../../errors.ts';
import { inTenant } from '../../tenants/in-tenant.ts';
import { inRehearsal } from '../../tenants/rehearsal.ts';
import { requireRoom } from '../../tenants/limits.ts';
import { editableOf, requireTeam, setMembers, toTeam } from '../../tenants/team-rows.ts';
import { entityTag } from '../entity-tag.ts';

export const createTeam: Handler<operations['createTeam'], RequestContext> = async ({ query, body }, context) => {
  const by = requireOperator(context);
  const { name, description = null, members = [], environments = [] } = body;
  const own = { tenant_id: by.tenantId, name };
  const create = async (tx: Prisma.TransactionClient) => {
    await requireRoom(tx, by.tenantId, 'teams');
    const maker = makerOf(by);
    const { count } = await tx.team.createMany({
      data: [{ ...own, description, environments, created_by: maker, updated_by: maker }],
      skipDuplicates: true,
    });
    if (count === 0) throw conflict(`There is a team named ${name} already.`, 'name_taken');
    await setMembers(tx, own, members, by);
    const after = toTeam(await requireTeam(tx, by.tenantId, name));
    await record(tx, context, { object: { kind: 'team', id: name, name }, after });
    return after;
  };
  const isDryRun = query.dry_run === true;
  const team = await inTenant(context, (tx) => inRehearsal(tx, isDryRun, () => create(tx)));
  // Members have other rights from now on.
  if (!isDryRun) await announceRevocation(context);
  return { status: 201, body: team, headers: entityTag(editableOf(team)) };
};
