import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import type { Api } from '@stoa/generated/schemas.ts';
import { editable, toApiSummary } from '../../catalog/api-rows.ts';
import { largeColumnsOf, withLargeColumns } from '../../catalog/large-columns.ts';
import { toldOf } from '../../catalog/credential-kinds.ts';
import { openedCredentials } from '../../catalog/upstream-credentials.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { findApiStates } from '../../deployments/deployment-rows.ts';
import { notFound } from '../../errors.ts';
import { entityTag } from '../entity-tag.ts';
import { sqlOf } from '../../database/sql.ts';
import { inTenant } from '../../tenants/in-tenant.ts';

export const getApi: Handler<operations['getApi'], RequestContext> = async ({ path }, context) => {
  const { tenantId } = requireOperator(context);
  const { row, large, state } = await inTenant(context, async (tx) => {
    const found = await tx.api.findFirst({ where: { id: path.api_id, tenant_id: tenantId }, omit: { document: true, operations: true } });
    const columns = found && (await largeColumnsOf(sqlOf(tx), found.id));
    if (!found || !columns) throw notFound('API');
    return { row: found, large: columns, state: (await findApiStates(sqlOf(tx), [found.id])).get(found.id) ?? ('undeployed' as const) };
  });
  const places = (await openedCredentials(context.keys, row, row.upstream_auth)).map(toldOf);
  const summary = { ...toApiSummary({ ...row, tools: large.tools, state }), upstream_auth_places: places };
  const body = withLargeColumns<Api>(summary, large);
  return { status: 200, body, headers: entityTag(editable(row)) };
};
