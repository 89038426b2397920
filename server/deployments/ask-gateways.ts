import type { DryRunAnswer } from '@stoa/generated/schemas.ts';
import type { RequestContext } from '../context.ts';
import { sqlOf } from '../database/sql.ts';
import { inTenant } from '../tenants/in-tenant.ts';
import type { Question } from './dry-runs.ts';

/** So that an answer is there within 10 s, whoever does not give one. */
export const waitMs = 8_000;

/** Asks these gateways for whoever asks here, and answers what came in time. */
export const askGateways = (context: RequestContext, gatewayIds: readonly string[], question: Question): Promise<ReadonlyMap<string, DryRunAnswer>> =>
  context.dryRuns.ask({ signal: context.signal, inTenant: (work) => inTenant(context, (tx) => work(sqlOf(tx))) }, gatewayIds, question, waitMs);
