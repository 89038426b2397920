import { randomUUID } from 'node:crypto';
import { createLogger } from '@stoa/lib/log.ts';
import { expect, it } from 'vitest';
import { createTestDatabase } from '../testing/test-database.ts';
import { closePool, connect, openPool } from './connection.ts';
import { inTransaction } from './in-transaction.ts';

it('a connection that breaks between two statements of a transaction ends the transaction, and nothing else', async () => {
  const pool = openPool(await createTestDatabase(), { max: 2, log: createLogger({ program: 'test', level: 'silent' }) });
  try {
    const broken = inTransaction(pool, async (client) => {
      const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      const ended = new Promise((resolve) => client.once('end', resolve));
      await pool.query('SELECT pg_terminate_backend($1)', [rows[0]?.pid]);
      await ended;
      await client.query('SELECT 1');
    });
    await expect(broken).rejects.toThrow();
    expect(await inTransaction(pool, async (client) => (await client.query('SELECT 1 AS one')).rows)).toEqual([{ one: 1 }]);
  } finally {
    await closePool(pool);
  }
});

it('statements that are asked for at once in a transaction, as Prisma does for what it includes, are sent one after the other, without a warning of pg', async () => {
  const url = await createTestDatabase();
  const db = connect({ service: url, unscoped: url }, { max: 2, log: createLogger({ program: 'test', level: 'silent' }) });
  const warnings: string[] = [];
  const hear = ({ message }: Error) => warnings.push(message);
  process.on('warning', hear);
  try {
    const found = await db.tenantTransaction(randomUUID(), async (tx) => {
      const plan = { tenant: { create: { name: 'with a plan' } }, name: 'gold' };
      await tx.plan.create({ data: plan });
      await tx.plan.findMany({ include: { apis: true, policies: true, tenant: true } });
      return Promise.all([1, 2, 3].map((n) => tx.$queryRaw<{ n: number }[]>`SELECT ${n}::int AS n`));
    });
    expect(found.flat()).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
    // One that fails holds up none that comes after it.
    const client = await db.servicePool.connect();
    const answers = await Promise.allSettled([client.query('SELEC'), client.query('SELECT 1 AS one')]);
    client.release();
    expect(answers).toMatchObject([{ status: 'rejected' }, { status: 'fulfilled', value: { rows: [{ one: 1 }] } }]);
    // Warnings are told in a turn of their own.
    await new Promise((resolve) => setImmediate(resolve));
    expect(warnings.filter((message) => message.includes('already executing'))).toEqual([]);
  } finally {
    process.off('warning', hear);
    await db.close();
  }
});
