import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { ofPerson, toPersonalToken } from '../../access/personal-tokens.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { inTenant } from '../../tenants/in-tenant.ts';
import { after, inOrder, nameHolds, pageOf } from '../page.ts';

export const listPersonalTokens: Handler<operations['listPersonalTokens'], RequestContext> = async ({ query }, context) => {
  const own = ofPerson(requireOperator(context));
  const page = await inTenant(context, (tx) =>
    pageOf(
      query,
      (take, position) => tx.operator_token.findMany({ where: { ...own, ...nameHolds(query.search), ...after(position) }, orderBy: inOrder, take }),
      toPersonalToken,
    ),
  );
  return { status: 200, body: page };
};
