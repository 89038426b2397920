import type { Prisma } from '@stoa/generated/prisma/client.ts';

/** Does some work in a transaction. In a dry run everything happens, and is undone; what it answers is what would have been. */
export async function inRehearsal<T>(tx: Prisma.TransactionClient, isDryRun: boolean, work: () => Promise<T>): Promise<T> {
  if (!isDryRun) return work();
  await tx.$executeRaw`SAVEPOINT rehearsal`;
  const result = await work();
  await tx.$executeRaw`ROLLBACK TO SAVEPOINT rehearsal`;
  return result;
}
