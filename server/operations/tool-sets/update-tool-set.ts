import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import type { Prisma } from '@stoa/generated/prisma/client.ts';
import { makerOf } from '../../audit/actor.ts';
import { record } from '../../audit/record.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { changeCatalog } from '../../deployments/change-catalog.ts';
import { notFound } from '../../errors.ts';
import { requireTools, toldOf } from '../../tool-sets/check-tools.ts';
import { requireFreeName, sameness, toColumns, toToolSet } from '../../tool-sets/tool-set-rows.ts';
import { entityTag, requireMatch } from '../entity-tag.ts';

export const updateToolSet: Handler<operations['updateToolSet'], RequestContext> = async ({ path, headers, query, body }, context) => {
  const { tenantId } = requireOperator(context);
  const id = path.tool_set_id.toLowerCase();
  const edit = async (tx: Prisma.TransactionClient) => {
    const current = await tx.tool_set.findFirst({ where: { id, tenant_id: tenantId } });
    if (!current) throw notFound('tool set');
    const before = toToolSet(current);
    requireMatch(headers, before);
    await requireFreeName(tx, tenantId, id, body.name);
    const columns = toColumns(body, await requireTools(tx, tenantId, body));
    const { isSame, offersTheSame } = sameness(current, columns);
    const revision = current.revision + (offersTheSame ? 0 : 1);
    const by = makerOf(context.principal);
    const row = isSame
      ? current
      : await tx.tool_set.update({ where: { id }, data: { ...columns, revision, updated_at: new Date(), updated_by: by } });
    const after = toToolSet(row);
    await record(tx, context, { object: { kind: 'tool_set', id, name: after.name }, before, after });
    return { after, told: await toldOf(tx, tenantId, after) };
  };
  const { after, told } = await changeCatalog(context, tenantId, { kind: 'tool_set', id }, edit, query.dry_run === true);
  return { status: 200, body: { ...after, ...told }, headers: entityTag(after) };
};
