import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import type { ApiRevision } from '@stoa/generated/schemas.ts';
import { largeColumnsOf, withLargeColumns } from '../../catalog/large-columns.ts';
import { findRevision, toRevision } from '../../catalog/revisions.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { notFound } from '../../errors.ts';
import { entityTag } from '../entity-tag.ts';
import { sqlOf } from '../../database/sql.ts';
import { inTenant } from '../../tenants/in-tenant.ts';

export const getApiRevision: Handler<operations['getApiRevision'], RequestContext> = async ({ path }, context) => {
  const { tenantId } = requireOperator(context);
  const revision = Number(path.revision);
  const { row, large } = await inTenant(context, async (tx) => {
    const api = await tx.api.findFirst({ where: { id: path.api_id, tenant_id: tenantId }, select: { id: true } });
    const kept = api ? await findRevision(tx, api.id, revision) : undefined;
    return { row: kept, large: kept && (await largeColumnsOf(sqlOf(tx), path.api_id, revision)) };
  });
  if (!row || !large) throw notFound('revision of this API');
  const body = withLargeColumns<ApiRevision>(toRevision(row), large);
  return { status: 200, body, headers: entityTag({ id: path.api_id, revision, newest: row.newest }) };
};
