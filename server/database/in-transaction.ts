import type { Pool, PoolClient } from 'pg';

// The next statement fails by itself. Unheard, the event would end the process.
const isHeard = () => {};

/**
 * Runs `work` in a transaction on a connection of the pool. When it fails the connection ends, in whatever state it is. One that breaks between
 * two statements is nobody's but ours: the pool listens only to those that are idle.
 */
export async function inTransaction<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  client.on('error', isHeard);
  try {
    await client.query('BEGIN');
    const done = await work(client);
    await client.query('COMMIT');
    client.off('error', isHeard);
    client.release();
    return done;
  } catch (error) {
    // It stays heard: its end is an error, too.
    client.release(true);
    throw error;
  }
}
