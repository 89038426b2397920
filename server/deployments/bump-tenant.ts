import type { Prisma } from '@stoa/generated/prisma/client.ts';

export const configChannel = 'stoa_config';

/**
 * Says that desired states of a tenant may have changed. Part of the transaction that changes them: config feeds on every
 * replica wake when it commits, and never before.
 */
export async function bumpTenant(tx: Prisma.TransactionClient, tenantId: string): Promise<void> {
  await tx.$executeRaw`UPDATE tenant SET revision = revision + 1 WHERE id = ${tenantId}::uuid`;
  await tx.$executeRaw`SELECT pg_notify(${configChannel}, ${tenantId})`;
}
