import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { makerOf } from '../../audit/actor.ts';
import { record } from '../../audit/record.ts';
import type { OperationFilter } from '@stoa/generated/schemas.ts';
import { editable, toApiSummary, toAuditedApi } from '../../catalog/api-rows.ts';
import { publish, withOperations } from '../../catalog/large-columns.ts';
import { publicationOf, unrevisedOf } from '../../catalog/publish.ts';
import { requireAllowedUpstream } from '../../catalog/require-allowed-upstream.ts';
import { reviseApi } from '../../catalog/revise-api.ts';
import { openedCredentials } from '../../catalog/upstream-credentials.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { notFound } from '../../errors.ts';
import { entityTag, requireMatch } from '../entity-tag.ts';
import { teamGiven } from '../../tenants/team-rows.ts';
import { inTenant } from '../../tenants/in-tenant.ts';

export const updateApi: Handler<operations['updateApi'], RequestContext> = async ({ path, headers, query, body }, context) => {
  const { tenantId } = requireOperator(context);
  const own = { id: path.api_id, tenant_id: tenantId };
  const unrevised = { ...unrevisedOf(body), ...(await inTenant(context, (tx) => teamGiven(tx, tenantId, body))) };
  const current = await inTenant(context, (tx) =>
    tx.api.findFirst({ where: own, select: { name: true, upstream_auth: true, operations_filter: true } }),
  );
  if (!current) throw notFound('API');
  const publication = await publicationOf(body, context.document, {
    name: current.name,
    credentials: await openedCredentials(context.keys, own, current.upstream_auth),
    filter: (current.operations_filter as OperationFilter | null) ?? undefined,
  });
  await requireAllowedUpstream(context.upstreams, publication, body.upstream_url === undefined ? 'document' : 'upstream_url');
  const row = await publish(context, tenantId, own.id, publication, query.dry_run === true, async (tx, uploadId) => {
    const before = await tx.api.findFirst({ where: own, omit: { document: true, operations: true } });
    // It may have been deleted while its new document was being compiled.
    if (!before) throw notFound('API');
    requireMatch(headers, editable(before));
    const beside = { given_upstream_url: body.upstream_url ?? null, unrevised, updated_by: makerOf(context.principal) };
    const revised = await reviseApi(tx, context.keys, before, publication, beside, uploadId);
    const states = { before: toAuditedApi(before), after: toAuditedApi(revised.row) };
    await record(tx, context, { object: { kind: 'api', id: own.id, name: revised.row.name }, ...states });
    return revised;
  });
  const summary = toApiSummary({ ...row, tools: publication.toolNames.length });
  const answer = query.dry_run === true ? withOperations(summary, publication.operations) : summary;
  return { status: 200, body: answer, headers: entityTag(editable(row)) };
};
