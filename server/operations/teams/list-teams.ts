import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { inTenant } from '../../tenants/in-tenant.ts';
import { toTeam, withMembers } from '../../tenants/team-rows.ts';
import { nameHolds, pageBy } from '../page.ts';

const byName = { toText: ({ name }: { name: string }) => name, fromText: (text: string) => text };

export const listTeams: Handler<operations['listTeams'], RequestContext> = async ({ query }, context) => {
  const { tenantId } = requireOperator(context);
  const page = await inTenant(context, (tx) =>
    pageBy(
      query,
      byName,
      (take, after) =>
        tx.team.findMany({
          where: { tenant_id: tenantId, AND: [nameHolds(query.search), after === undefined ? {} : { name: { gt: after } }] },
          orderBy: { name: 'asc' },
          take,
          ...withMembers,
        }),
      toTeam,
    ),
  );
  return { status: 200, body: page };
};
