import { AsyncLocalStorage } from 'node:async_hooks';
import type { Prisma } from '@stoa/generated/prisma/client.ts';
import type { RequestContext } from '../context.ts';
import type { Database } from '../database/connection.ts';
import { unauthorized } from '../errors.ts';

type Open = { readonly tenantId: string; readonly tx: Prisma.TransactionClient };
type Work<T> = (tx: Prisma.TransactionClient) => Promise<T>;

const open = new AsyncLocalStorage<Open>();

/**
 * Reads and writes for the tenant of whoever asks: the one way in which operations of people reach the database. All of `work` is one transaction, which is made
 * when it resolves and undone when it rejects. Within another, it is a part of that one.
 */
export function inTenant<T>({ db, principal }: Pick<RequestContext, 'db' | 'principal'>, work: Work<T>): Promise<T> {
  if (principal === undefined) throw unauthorized('Send a credential as `Authorization: Bearer …`.');
  return asTenant(db, principal.tenantId, work);
}

/** As `inTenant`, where no request says for which tenant. */
export function asTenant<T>(db: Pick<Database, 'tenantTransaction'>, tenantId: string, work: Work<T>): Promise<T> {
  const outer = open.getStore();
  if (outer === undefined) return db.tenantTransaction(tenantId, (tx) => open.run({ tenantId, tx }, () => work(tx)));
  // A second transaction would wait for what the first has locked, and would outlive it when that is undone.
  if (outer.tenantId === tenantId) return work(outer.tx);
  throw new Error('A transaction that is for one tenant cannot go on for another.');
}
