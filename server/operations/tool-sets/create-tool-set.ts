import { randomUUID } from 'node:crypto';
import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import type { Prisma } from '@stoa/generated/prisma/client.ts';
import { makerOf } from '../../audit/actor.ts';
import { record } from '../../audit/record.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { changeCatalog } from '../../deployments/change-catalog.ts';
import { requireRoom } from '../../tenants/limits.ts';
import { requireTools, toldOf } from '../../tool-sets/check-tools.ts';
import { requireBelowMost, requireFreeName, toColumns, toToolSet } from '../../tool-sets/tool-set-rows.ts';
import { entityTag } from '../entity-tag.ts';

export const createToolSet: Handler<operations['createToolSet'], RequestContext> = async ({ query, body }, context) => {
  const { tenantId } = requireOperator(context);
  const id = randomUUID();
  const by = makerOf(context.principal);
  const create = async (tx: Prisma.TransactionClient) => {
    await requireRoom(tx, tenantId, 'tool_sets');
    await requireBelowMost(tx, tenantId);
    await requireFreeName(tx, tenantId, id, body.name);
    const columns = toColumns(body, await requireTools(tx, tenantId, body));
    const made = toToolSet(await tx.tool_set.create({ data: { id, tenant_id: tenantId, ...columns, created_by: by, updated_by: by } }));
    await record(tx, context, { object: { kind: 'tool_set', id, name: made.name }, after: made });
    return { made, told: await toldOf(tx, tenantId, made) };
  };
  const { made, told } = await changeCatalog(context, tenantId, { kind: 'tool_set', id }, create, query.dry_run === true);
  return { status: 201, body: { ...made, ...told }, headers: entityTag(made) };
};
