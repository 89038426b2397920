import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { editable, toApi } from '../../catalog/api-rows.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { notFound } from '../../errors.ts';
import { entityTag } from '../entity-tag.ts';

export const getApi: Handler<operations['getApi'], RequestContext> = async ({ path }, context) => {
  const { tenantId } = requireOperator(context, 'read');
  const row = await context.db.prisma.api.findFirst({ where: { id: path.api_id, tenant_id: tenantId } });
  if (!row) throw notFound('API');
  return { status: 200, body: toApi(row), headers: entityTag(editable(row)) };
};
