import { randomUUID } from 'node:crypto';
import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { makerOf } from '../../audit/actor.ts';
import { record } from '../../audit/record.ts';
import { editable, toApiSummary, toAuditedApi } from '../../catalog/api-rows.ts';
import { requireVersionFits } from '../../catalog/lifecycle.ts';
import { noLargeColumns, publish, withOperations } from '../../catalog/large-columns.ts';
import { publicationOf, requireFreeNames, toColumns, unrevisedOf } from '../../catalog/publish.ts';
import { requireAllowedUpstream } from '../../catalog/require-allowed-upstream.ts';
import { requireNamedEndpoints } from '../../catalog/require-tokens.ts';
import { sealedCredentials } from '../../catalog/upstream-credentials.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { entityTag } from '../entity-tag.ts';
import { teamGiven } from '../../tenants/team-rows.ts';
import { requireRoom } from '../../tenants/limits.ts';

export const createApi: Handler<operations['createApi'], RequestContext> = async ({ body, query }, context) => {
  const { tenantId } = requireOperator(context);
  const publication = await publicationOf(body, context.document);
  await requireAllowedUpstream(context.upstreams, publication, body.upstream_url === undefined ? 'document' : 'upstream_url');
  const unrevised = unrevisedOf(body);
  const id = randomUUID();
  const { credentials } = publication;
  const upstream_auth = credentials ? await sealedCredentials(context.keys, { id, tenant_id: tenantId }, credentials) : null;
  const by = makerOf(context.principal);
  const row = await publish(context, tenantId, id, publication, query.dry_run === true, async (tx) => {
    await requireRoom(tx, tenantId, 'apis');
    await requireFreeNames(tx, tenantId, id, publication);
    await requireNamedEndpoints(tx, tenantId, credentials ?? []);
    const team = await teamGiven(tx, tenantId, body);
    const created = await tx.api.create({
      data: {
        ...toColumns(publication),
        ...noLargeColumns,
        id,
        tenant_id: tenantId,
        given_upstream_url: body.upstream_url ?? null,
        ...unrevised,
        ...team,
        upstream_auth,
        created_by: by,
        updated_by: by,
      },
      omit: { document: true, operations: true },
    });
    await requireVersionFits(tx, created);
    await record(tx, context, { object: { kind: 'api', id, name: created.name }, after: toAuditedApi(created) });
    return { row: created, isRevised: true };
  });
  const summary = toApiSummary({ ...row, tools: publication.toolNames.length });
  const answer = query.dry_run === true ? withOperations(summary, publication.operations) : summary;
  return { status: 201, body: answer, headers: entityTag(editable(row)) };
};
