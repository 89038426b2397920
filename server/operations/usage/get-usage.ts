import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { ApiError } from '../../errors.ts';
import { sqlOf } from '../../database/sql.ts';
import { inTenant } from '../../tenants/in-tenant.ts';
import { usageCsv } from '../../usage/usage-csv.ts';
import { sumsOf } from '../../usage/usage-report.ts';
import type { Dimension } from '../../usage/usage-report.ts';

const dayMs = 24 * 60 * 60 * 1000;
/** The contract's bound on the sums of one report. */
const maxSums = 10_000;

export const getUsage: Handler<operations['getUsage'], RequestContext> = async ({ query, headers }, context) => {
  const { tenantId } = requireOperator(context);
  const to = query.to ? new Date(query.to) : new Date();
  const from = query.from ? new Date(query.from) : new Date(to.getTime() - dayMs);
  if (from >= to) throw faultOf('/query/from', 'must be before `to`');
  const groupBy = new Set((query.group_by ?? 'api,operation,consumer,door').split(',') as Dimension[]);
  const question = { tenantId, from, to, apiId: query.api_id, consumerId: query.consumer_id, groupBy, interval: query.interval };
  const items = await inTenant(context, (tx) => sumsOf(sqlOf(tx), question, maxSums + 1));
  if (items.length > maxSums)
    throw faultOf(
      '/query/group_by',
      `tells more than ${maxSums.toLocaleString('en-US')} sums apart: ask for a shorter time, for longer intervals, or group by less`,
    );
  // The types know of one body; a table is a text.
  if (wantsCsv(headers)) return { status: 200, body: usageCsv(items) as never, headers: { 'Content-Type': 'text/csv; charset=utf-8' } };
  return { status: 200, body: { from: from.toISOString(), to: to.toISOString(), items } };
};

const faultOf = (pointer: string, message: string): ApiError => new ApiError(400, 'The request has 1 fault.', { errors: [{ pointer, message }] });

/** JSON, unless CSV is named and JSON is not wanted more. */
function wantsCsv(headers: unknown): boolean {
  const { accept = '' } = headers as { accept?: string };
  const csv = weightOf(accept, 'text/csv');
  return csv > 0 && csv >= weightOf(accept, 'application/json');
}

/** How much a type is wanted that `Accept` names; 0 where it does not. */
function weightOf(accept: string, type: string): number {
  const named = accept
    .toLowerCase()
    .split(',')
    .map((range) => range.split(';').map((part) => part.trim()));
  const [, ...parameters] = named.find(([name]) => name === type) ?? [type, 'q=0'];
  return Number(parameters.find((parameter) => parameter.startsWith('q='))?.slice(2) ?? 1);
}
