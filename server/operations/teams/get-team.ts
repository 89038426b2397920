import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { inTenant } from '../../tenants/in-tenant.ts';
import { editableOf, requireTeam, toTeam } from '../../tenants/team-rows.ts';
import { entityTag } from '../entity-tag.ts';

export const getTeam: Handler<operations['getTeam'], RequestContext> = async ({ path }, context) => {
  const { tenantId } = requireOperator(context);
  const team = toTeam(await inTenant(context, (tx) => requireTeam(tx, tenantId, path.team)));
  return { status: 200, body: team, headers: entityTag(editableOf(team)) };
};
