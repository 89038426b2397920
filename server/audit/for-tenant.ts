import type { Sql } from '../database/sql.ts';

/** Runs `work` in a transaction of its own that is for one tenant. */
export type ForTenant = <T>(tenantId: string, work: (sql: Sql) => Promise<T>) => Promise<T>;
