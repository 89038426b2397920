import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { makerOf } from '../../audit/actor.ts';
import { record } from '../../audit/record.ts';
import type { Prisma } from '@stoa/generated/prisma/client.ts';
import type { ApiPatch, OperationFilter } from '@stoa/generated/schemas.ts';
import { editable, toApiSummary, toAuditedApi } from '../../catalog/api-rows.ts';
import { lifecycleGiven } from '../../catalog/lifecycle.ts';
import { largeColumnsOf, publish, withOperations } from '../../catalog/large-columns.ts';
import { publicationOf } from '../../catalog/publish.ts';
import type { Publication } from '../../catalog/publish.ts';
import { requireAllowedUpstream } from '../../catalog/require-allowed-upstream.ts';
import { editUnrevised, reviseApi } from '../../catalog/revise-api.ts';
import type { ApiRow, Beside } from '../../catalog/revise-api.ts';
import { openedCredentials } from '../../catalog/upstream-credentials.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { changeCatalog } from '../../deployments/change-catalog.ts';
import { conflict, notFound } from '../../errors.ts';
import { entityTag, requireMatch } from '../entity-tag.ts';
import { present } from '../wire.ts';
import { sqlOf } from '../../database/sql.ts';
import { teamGiven } from '../../tenants/team-rows.ts';
import { inTenant } from '../../tenants/in-tenant.ts';

export const editApi: Handler<operations['editApi'], RequestContext> = async ({ path, headers, query, body }, context) => {
  const { tenantId } = requireOperator(context);
  const own = { id: path.api_id, tenant_id: tenantId };
  const revised = makesNoRevision(body) ? undefined : await publicationFrom(body, own, context);
  const team = await inTenant(context, (tx) => teamGiven(tx, tenantId, body));
  const unrevised = {
    ...present({ open_to_all_consumers: body.open_to_all_consumers, labels: body.labels, lifecycle: lifecycleGiven(body.lifecycle) }),
    ...team,
  };
  const current = async (tx: Prisma.TransactionClient) => {
    const before = await tx.api.findFirst({ where: own, omit: { document: true, operations: true } });
    if (!before) throw notFound('API');
    requireMatch(headers, editable(before));
    return before;
  };
  const tell = (tx: Prisma.TransactionClient, before: ApiRow, after: ApiRow) =>
    record(tx, context, { object: { kind: 'api', id: own.id, name: after.name }, before: toAuditedApi(before), after: toAuditedApi(after) });
  const updated_by = makerOf(context.principal);
  const isDryRun = query.dry_run === true;
  const row = revised
    ? await publish(context, tenantId, own.id, revised.publication, isDryRun, async (tx, uploadId) => {
        const before = await current(tx);
        // Made from a document that is no longer the API's, the edit would bring it back.
        if (before.revision !== revised.revision) throw conflict('Somebody changed it meanwhile: send the edit again.', 'changed_meanwhile');
        const after = await reviseApi(tx, context.keys, before, revised.publication, { ...revised.beside, unrevised, updated_by }, uploadId);
        await tell(tx, before, after.row);
        return after;
      })
    : await changeCatalog(
        context,
        tenantId,
        { kind: 'api', id: own.id },
        async (tx) => {
          const before = await current(tx);
          const after = await editUnrevised(tx, before, unrevised, updated_by);
          await tell(tx, before, after);
          return after;
        },
        isDryRun,
      );
  const tools = revised ? revised.publication.toolNames.length : await inTenant(context, (tx) => countTools(tx, row.id));
  const summary = toApiSummary({ ...row, tools });
  const answer = revised && isDryRun ? withOperations(summary, revised.publication.operations) : summary;
  return { status: 200, body: answer, headers: entityTag(editable(row)) };
};

/** Who may call, and labels, are no part of a revision, and need nothing compiled. */
function makesNoRevision({ name, upstream_url: url, upstream_auth: auth, operations }: ApiPatch): boolean {
  return name === undefined && url === undefined && auth === undefined && operations === undefined;
}

type Revised = { publication: Publication; revision: number; beside: Omit<Beside, 'updated_by'> };

/** Compiles the document that is there anew: the names of tools, and what is lost, depend on what is edited. */
async function publicationFrom(body: ApiPatch, own: { id: string; tenant_id: string }, context: RequestContext): Promise<Revised> {
  const { current, large } = await inTenant(context, async (tx) => {
    const row = await tx.api.findFirst({ where: own, omit: { document: true, operations: true, loss_report: true } });
    return { current: row, large: row && (await largeColumnsOf(sqlOf(tx), own.id, row.revision)) };
  });
  if (!current || !large) throw notFound('API');
  const { upstream_url: url = current.given_upstream_url, upstream_auth: auth, operations } = body;
  const kept = (current.operations_filter as OperationFilter | null) ?? undefined;
  const filter = operations === undefined ? kept : (operations ?? undefined);
  const request = {
    name: body.name ?? current.name,
    document: '-',
    ...present({ upstream_url: url, upstream_auth: auth }),
  };
  // What is taken away is not there any more for what the document demands.
  const credentials = auth === null ? [] : await openedCredentials(context.keys, own, current.upstream_auth);
  const publication = await publicationOf(request, new TextEncoder().encode(large.document), { name: current.name, credentials, filter });
  if (body.upstream_url !== undefined) await requireAllowedUpstream(context.upstreams, publication, 'upstream_url');
  return { publication, revision: current.revision, beside: { given_upstream_url: url, ...(auth === null ? { upstream_auth: null } : {}) } };
}

async function countTools(tx: Prisma.TransactionClient, apiId: string): Promise<number> {
  const [counted] = await tx.$queryRaw<{ tools: number }[]>`SELECT jsonb_array_length(operations) AS tools FROM api WHERE id = ${apiId}::uuid`;
  return counted?.tools ?? 0;
}
