import type { Prisma } from '@stoa/generated/prisma/client.ts';
import type { Database } from '../database/connection.ts';
import { bumpTenant } from './bump-tenant.ts';

// Large documents take a while to be stored, and writers of one tenant wait for each other.
const timeouts = { maxWait: 10_000, timeout: 30_000 };

/**
 * Runs a change of what a tenant's gateways may be given: APIs, policies, consumers, keys, deployments. The tenant's revision is raised
 * first: its row is the lock that lets one writer at a time decide, so that a name found free stays free until it is taken.
 */
export function changeCatalog<T>({ prisma }: Database, tenantId: string, change: (tx: Prisma.TransactionClient) => Promise<T>): Promise<T> {
  return prisma.$transaction(async (tx) => {
    await bumpTenant(tx, tenantId);
    return change(tx);
  }, timeouts);
}
