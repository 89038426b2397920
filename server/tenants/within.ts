import type { Prisma } from '@stoa/generated/prisma/client.ts';
import { enterTenant, lockAudits } from '../audit/append.ts';
import type { RequestContext } from '../context.ts';
import { sqlOf } from '../database/sql.ts';
import { unauthorized } from '../errors.ts';

/**
 * Does something of the platform's within another tenant, as a part of the platform's own transaction: the database holds it to that tenant's rows for as long as
 * `work` takes. Both are told of it: their audits are locked, and what the platform's tells is recorded afterwards. `tx` is one of `inTenant`.
 */
export async function within<T>(
  tx: Prisma.TransactionClient,
  { principal }: Pick<RequestContext, 'principal'>,
  tenantId: string,
  work: () => Promise<T>,
): Promise<T> {
  if (principal === undefined) throw unauthorized('Send a credential as `Authorization: Bearer …`.');
  const sql = sqlOf(tx);
  await lockAudits(sql, [principal.tenantId, tenantId]);
  await enterTenant(sql, tenantId);
  const done = await work();
  // When it rejects, the transaction is undone, and what it was for with it.
  await enterTenant(sql, principal.tenantId);
  return done;
}
