import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import type { Api } from '@stoa/generated/schemas.ts';
import { editable, toApiSummary } from '../../catalog/api-rows.ts';
import { largeColumnsOf, withLargeColumns } from '../../catalog/large-columns.ts';
import { openedCredentials } from '../../catalog/upstream-credentials.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { findApiStates } from '../../deployments/deployment-rows.ts';
import { notFound } from '../../errors.ts';
import { entityTag } from '../entity-tag.ts';

export const getApi: Handler<operations['getApi'], RequestContext> = async ({ path }, context) => {
  const { tenantId } = requireOperator(context);
  const row = await context.db.prisma.api.findFirst({ where: { id: path.api_id, tenant_id: tenantId }, omit: { document: true, operations: true } });
  const large = await largeColumnsOf(context.db, path.api_id);
  if (!row || !large) throw notFound('API');
  const state = (await findApiStates(context.db.pool, [row.id])).get(row.id) ?? 'undeployed';
  const places = openedCredentials(context.keys, row.id, row.upstream_auth).map(({ value: _secret, ...place }) => place);
  const summary = { ...toApiSummary({ ...row, tools: large.tools, state }), upstream_auth_places: places };
  const body = withLargeColumns<Api>(summary, large);
  return { status: 200, body, headers: entityTag(editable(row)) };
};
