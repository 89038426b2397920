import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { editableOf, serviceAccountKind, toServiceAccount } from '../../access/service-account-rows.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { notFound } from '../../errors.ts';
import { inTenant } from '../../tenants/in-tenant.ts';
import { entityTag } from '../entity-tag.ts';

export const getServiceAccount: Handler<operations['getServiceAccount'], RequestContext> = async ({ path }, context) => {
  const { tenantId } = requireOperator(context);
  const where = { id: path.service_account_id, tenant_id: tenantId, kind: serviceAccountKind };
  const row = await inTenant(context, (tx) => tx.operator_token.findFirst({ where }));
  if (!row) throw notFound('service account');
  const account = toServiceAccount(row);
  return { status: 200, body: account, headers: entityTag(editableOf(account)) };
};
