import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { findRevisions, toRevision } from '../../catalog/revisions.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { notFound } from '../../errors.ts';

export const listApiRevisions: Handler<operations['listApiRevisions'], RequestContext> = async ({ path }, context) => {
  const { tenantId } = requireOperator(context, 'read');
  const { prisma } = context.db;
  const api = await prisma.api.findFirst({ where: { id: path.api_id, tenant_id: tenantId }, select: { id: true } });
  if (!api) throw notFound('API');
  return { status: 200, body: { items: (await findRevisions(prisma, api.id)).map(toRevision), next_cursor: null } };
};
