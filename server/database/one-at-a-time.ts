import type { Pool } from 'pg';

type Query = (...args: unknown[]) => unknown;

/**
 * Has each connection of a pool sent one statement at a time, in the order in which they were asked for. Prisma asks for all that it includes at once, also within a
 * transaction, which has one connection; pg warns of that, and its next major version refuses it.
 */
export function oneAtATime(pool: Pool): Pool {
  return pool.on('connect', (client) => {
    const query = client.query.bind(client) as Query;
    let last: Promise<unknown> = Promise.resolve();
    const afterLast: Query = (...args) => {
      // By a callback the pool itself asks, which gives a connection to nobody else meanwhile.
      if (args.some((arg) => typeof arg === 'function')) return query(...args);
      const ask = () => query(...args);
      const asked = last.then(ask, ask);
      last = asked;
      return asked;
    };
    client.query = afterLast as typeof client.query;
  });
}
