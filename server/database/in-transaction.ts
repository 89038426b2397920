import type { Pool, PoolClient } from 'pg';

/** Runs `work` in a transaction on a connection of the pool. When it fails the connection ends, in whatever state it is. */
export async function inTransaction<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const done = await work(client);
    await client.query('COMMIT');
    client.release();
    return done;
  } catch (error) {
    client.release(true);
    throw error;
  }
}
