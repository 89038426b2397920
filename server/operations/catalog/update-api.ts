import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { toApiSummary } from '../../catalog/api-rows.ts';
import { publicationOf, isOpen, requireFreeNames, toColumns } from '../../catalog/publish.ts';
import { requireAllowedUpstream } from '../../catalog/require-allowed-upstream.ts';
import { openedCredentials, sealedCredentials } from '../../catalog/upstream-credentials.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { changeCatalog } from '../../deployments/change-catalog.ts';
import { notFound } from '../../errors.ts';
import { present } from '../wire.ts';

export const updateApi: Handler<operations['updateApi'], RequestContext> = async ({ path, body }, context) => {
  const { tenantId } = requireOperator(context, 'write');
  const own = { id: path.api_id, tenant_id: tenantId };
  const current = await context.db.prisma.api.findFirst({ where: own, select: { name: true, upstream_auth: true } });
  if (!current) throw notFound('API');
  const publication = await publicationOf(body, {
    name: current.name,
    credentials: openedCredentials(context.keys, path.api_id, current.upstream_auth),
  });
  await requireAllowedUpstream(context.upstreams, publication, body.upstream_url === undefined ? 'document' : 'upstream_url');
  const row = await changeCatalog(context.db, tenantId, async (tx) => {
    await requireFreeNames(tx, tenantId, path.api_id, publication);
    const [updated] = await tx.api.updateManyAndReturn({
      where: own,
      data: {
        ...toColumns(publication),
        revision: { increment: 1 },
        updated_at: new Date(),
        ...present({ open_to_all_consumers: isOpen(body) }),
        ...(publication.credentials ? { upstream_auth: sealedCredentials(context.keys, path.api_id, publication.credentials) } : {}),
      },
    });
    // It was deleted while its new document was being compiled.
    if (!updated) throw notFound('API');
    return updated;
  });
  return { status: 200, body: toApiSummary({ ...row, tools: publication.compiled.operations.length }) };
};
