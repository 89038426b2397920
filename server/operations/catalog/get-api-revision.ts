import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { toWholeRevision } from '../../catalog/revisions.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { notFound } from '../../errors.ts';
import { entityTag } from '../entity-tag.ts';

export const getApiRevision: Handler<operations['getApiRevision'], RequestContext> = async ({ path }, context) => {
  const { tenantId } = requireOperator(context, 'read');
  const { prisma } = context.db;
  const api = { id: path.api_id, tenant_id: tenantId };
  const revision = Number(path.revision);
  // The newest is kept with the API, the others apart. It may become one of those between two readings, and is then found there.
  const newest = await prisma.api.findFirst({ where: { ...api, revision }, omit: { loss_report: true } });
  if (newest) {
    const {
      id,
      tenant_id: _tenant,
      created_at: _created,
      updated_at: _updated,
      open_to_all_consumers: _access,
      given_upstream_url: _given,
      ...row
    } = newest;
    const body = toWholeRevision({ ...row, api_id: id }, true);
    return { status: 200, body, headers: entityTag({ id, revision, newest: true }) };
  }
  const earlier = await prisma.api_revision.findFirst({ where: { api, revision }, omit: { loss_report: true } });
  if (!earlier) throw notFound('revision of this API');
  return { status: 200, body: toWholeRevision(earlier, false), headers: entityTag({ id: earlier.api_id, revision, newest: false }) };
};
