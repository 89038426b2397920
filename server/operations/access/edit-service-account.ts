import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { makerOf } from '../../audit/actor.ts';
import { record } from '../../audit/record.ts';
import { expiryOf } from '../../access/expiry.ts';
import { grantFor } from '../../access/grant.ts';
import { announceRevocation } from '../../access/revocations.ts';
import { editableOf, lockServiceAccount, requireFreeAccountName, requireNoLess, toServiceAccount } from '../../access/service-account-rows.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { inTenant } from '../../tenants/in-tenant.ts';
import { entityTag, requireMatch } from '../entity-tag.ts';
import { present } from '../wire.ts';

export const editServiceAccount: Handler<operations['editServiceAccount'], RequestContext> = async ({ path, headers, body }, context) => {
  const by = requireOperator(context);
  const { name, description, roles, scopes, expires_at, exchange_resources } = body;
  const account = await inTenant(context, async (tx) => {
    const current = await lockServiceAccount(tx, by.tenantId, path.service_account_id);
    const before = toServiceAccount(current);
    requireMatch(headers, editableOf(before));
    requireNoLess(current, by);
    if (name !== undefined && name !== current.name) await requireFreeAccountName(tx, by.tenantId, name);
    const kept = current.scopes.includes('*') ? undefined : current.scopes;
    const asked = { roles: roles ?? before.roles, scopes: scopes === undefined ? kept : (scopes ?? undefined) };
    const grant = grantFor(present(asked), by);
    const data = {
      ...grant,
      ...present({ name, account_name: name, exchange_resources }),
      ...(description !== undefined && { description }),
      ...(expires_at !== undefined && { expires_at: expires_at === null ? null : expiryOf({ expires_at }) }),
      updated_by: makerOf(by),
    };
    const after = toServiceAccount(await tx.operator_token.update({ where: { id: current.id }, data }));
    await record(tx, context, { object: { kind: 'service_account', id: current.id, name: after.name }, before, after });
    return after;
  });
  await announceRevocation(context);
  return { status: 200, body: account, headers: entityTag(editableOf(account)) };
};
