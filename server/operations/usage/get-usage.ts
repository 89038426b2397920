import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import type { UsageSum } from '@stoa/generated/schemas.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { ApiError } from '../../errors.ts';
import { nobody } from '../../usage/add-usage.ts';
import { sqlOf } from '../../database/sql.ts';
import { inTenant } from '../../tenants/in-tenant.ts';

const dayMs = 24 * 60 * 60 * 1000;
const maxRows = 10_000;

export const getUsage: Handler<operations['getUsage'], RequestContext> = async ({ query }, context) => {
  const { tenantId } = requireOperator(context);
  const to = query.to ? new Date(query.to) : new Date();
  const from = query.from ? new Date(query.from) : new Date(to.getTime() - dayMs);
  if (from >= to) throw new ApiError(400, 'The request has 1 fault.', { errors: [{ pointer: '/query/from', message: 'must be before `to`' }] });
  const { rows } = await inTenant(context, (tx) =>
    sqlOf(tx).query<UsageSum>(
      `SELECT api_id, operation_id, consumer_id, door, sum(calls)::float8 AS calls, sum(errors)::float8 AS errors, sum(denied)::float8 AS denied, round(sum(duration_ms)::numeric, 1)::float8 AS duration_ms
     FROM usage_sum WHERE tenant_id = $1 AND window_start >= $2 AND window_start < $3 AND ($4::uuid IS NULL OR api_id = $4) AND ($5::uuid IS NULL OR consumer_id = $5)
     GROUP BY api_id, operation_id, consumer_id, door ORDER BY calls DESC, api_id, operation_id, consumer_id, door LIMIT ${maxRows}`,
      [tenantId, from, to, query.api_id ?? null, query.consumer_id ?? null],
    ),
  );
  const items = rows.map(({ consumer_id, ...sum }) => (consumer_id === nobody ? sum : { ...sum, consumer_id: consumer_id as string }));
  return { status: 200, body: { from: from.toISOString(), to: to.toISOString(), items } };
};
