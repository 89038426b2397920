import { PrismaPg } from '@prisma/adapter-pg';
import { PrismaClient } from '@stoa/generated/prisma/client.ts';
import pg from 'pg';
import { oneAtATime } from '../database/one-at-a-time.ts';

/** A database as its owner sees it: rows of every tenant, and no rule between them. For tests, which prepare and look. */
export type Store = { pool: pg.Pool; prisma: PrismaClient; close(): Promise<void> };

export function openStore(databaseUrl: string): Store {
  const pool = oneAtATime(new pg.Pool({ connectionString: databaseUrl, max: 3, options: '-c stoa.owner=on' }));
  pool.on('error', () => {});
  const prisma = new PrismaClient({ adapter: new PrismaPg(pool) });
  let closing: Promise<void> | undefined;
  return { pool, prisma, close: () => (closing ??= prisma.$disconnect().then(() => pool.end())) };
}
