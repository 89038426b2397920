import type { DryRunAnswer } from '@stoa/generated/schemas.ts';
import { requireOperator } from '../context.ts';
import type { RequestContext } from '../context.ts';
import { sqlOf } from '../database/sql.ts';
import type { Sql } from '../database/sql.ts';
import { inTenant } from '../tenants/in-tenant.ts';
import type { Question } from './dry-runs.ts';

/** So that an answer is there within 10 s, whoever does not give one. */
export const waitMs = 8_000;

/**
 * Asks these gateways for whoever asks here, and answers what came in time.
 * @throws ApiError 429 when too much of the tenant waits for answers
 */
export async function askGateways(
  context: RequestContext,
  gatewayIds: readonly string[],
  question: Question,
): Promise<ReadonlyMap<string, DryRunAnswer>> {
  if (gatewayIds.length === 0) return new Map();
  const asker = { signal: context.signal, inTenant: <T>(work: (sql: Sql) => Promise<T>) => inTenant(context, (tx) => work(sqlOf(tx))) };
  return context.places.dryRuns.within(requireOperator(context).tenantId, () => context.dryRuns.ask(asker, gatewayIds, question, waitMs));
}
