import type { Prisma } from '@stoa/generated/prisma/client.ts';

/** Takes statements by hand: a pool, one of its clients, or a transaction of Prisma's. */
export type Sql = { query<Row extends object>(text: string, values?: unknown[]): Promise<{ rows: Row[]; rowCount: number | null }> };

/** Statements by hand in a transaction of Prisma's. It gives a `bigint` where a pool gives its digits as a text. */
export const sqlOf = (tx: Prisma.TransactionClient): Sql => ({
  async query<Row extends object>(text: string, values: unknown[] = []) {
    const rows = await tx.$queryRawUnsafe<Row[]>(text, ...values);
    return { rows, rowCount: rows.length };
  },
});
