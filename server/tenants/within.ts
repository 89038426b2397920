import type { Prisma } from '@stoa/generated/prisma/client.ts';
import type { RequestContext } from '../context.ts';
import { unauthorized } from '../errors.ts';

/**
 * Does something of the platform's within another tenant, as a part of the platform's own transaction: the database holds it to that tenant's rows for as long as
 * `work` takes. `tx` is one of `inTenant`.
 */
export async function within<T>(
  tx: Prisma.TransactionClient,
  { principal }: Pick<RequestContext, 'principal'>,
  tenantId: string,
  work: () => Promise<T>,
): Promise<T> {
  if (principal === undefined) throw unauthorized('Send a credential as `Authorization: Bearer …`.');
  await enter(tx, tenantId);
  const done = await work();
  // When it rejects, the transaction is undone, and what it was for with it.
  await enter(tx, principal.tenantId);
  return done;
}

const enter = (tx: Prisma.TransactionClient, tenantId: string) => tx.$queryRaw`SELECT set_config('stoa.tenant_id', ${tenantId}, true)`;
