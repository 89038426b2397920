import type { AuditKind, AuditOutcome } from '@stoa/generated/schemas.ts';
import type { Prisma } from '@stoa/generated/prisma/client.ts';
import type { RequestContext } from '../context.ts';
import { sqlOf } from '../database/sql.ts';
import { actorOf } from './actor.ts';
import { append } from './append.ts';
import type { EntryObject } from './entry.ts';

/** What an operation tells of itself. States are as the contract tells them, before and after. */
export type Recorded = {
  kind?: AuditKind;
  object: EntryObject;
  before?: object;
  after?: object;
  outcome?: AuditOutcome;
  detail?: Record<string, unknown>;
};
export type Recording = Pick<RequestContext, 'principal' | 'asked' | 'requestId'>;

/**
 * Records what an operation does, in the transaction in which it does it, as its last statement: whoever comes next waits from here on. In the audit of the tenant
 * of whoever asks, unless another is named, which the transaction must be for then.
 */
export async function record(tx: Prisma.TransactionClient, context: Recording, recorded: Recorded, tenantId?: string): Promise<void> {
  const { principal, asked, requestId } = context;
  if (principal === undefined) throw new Error(`${asked.operationId} records what nobody did.`);
  const { kind = 'change', outcome = 'done', ...what } = recorded;
  const entry = { kind, outcome, action: asked.operationId, actor: actorOf(principal, asked), requestId, ...what };
  await append(sqlOf(tx), tenantId ?? principal.tenantId, [entry]);
}
