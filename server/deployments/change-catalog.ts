import type { Prisma } from '@stoa/generated/prisma/client.ts';
import type { Database } from '../database/connection.ts';
import { bumpTenant } from './bump-tenant.ts';
import type { CatalogChange } from './bump-tenant.ts';

// Large documents take a while to be stored, and writers of one tenant wait for each other.
const timeouts = { maxWait: 10_000, timeout: 30_000 };

/**
 * Runs a change of what a tenant's gateways may be given: APIs, policies, consumers, keys, deployments. The tenant's revision is raised
 * first: its row is the lock that lets one writer at a time decide, so that a name found free stays free until it is taken. In a dry run
 * everything happens, and is undone.
 * @param changed what is made, changed or deleted: servers read that again, and nothing else
 */
export async function changeCatalog<T>(
  { prisma }: Database,
  tenantId: string,
  changed: CatalogChange,
  change: (tx: Prisma.TransactionClient) => Promise<T>,
  isDryRun = false,
): Promise<T> {
  try {
    return await prisma.$transaction(async (tx) => {
      await bumpTenant(tx, tenantId, changed);
      const result = await change(tx);
      if (isDryRun) throw new Rehearsed(result);
      return result;
    }, timeouts);
  } catch (error) {
    if (error instanceof Rehearsed) return error.result as T;
    throw error;
  }
}

/** The end of a transaction that is not to last. */
class Rehearsed<T> extends Error {
  readonly result: T;
  constructor(result: T) {
    super('This was a dry run.');
    this.result = result;
  }
}
