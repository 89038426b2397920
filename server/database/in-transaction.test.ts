import { createLogger } from '@stoa/lib/log.ts';
import { expect, it } from 'vitest';
import { createTestDatabase } from '../testing/test-database.ts';
import { closePool, openPool } from './connection.ts';
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
