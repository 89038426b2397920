import { join } from 'node:path';
import type { Logger } from '@stoa/lib/log.ts';
import pg from 'pg';
import { readIfPresent } from '@stoa/lib/durable-file.ts';
import type { Settings } from '../config.ts';
import { embeddedUrl, startEmbeddedPostgres } from './embedded-postgres.ts';
import { connectOrExplain } from './migrate.ts';

/** Works on the database of the settings: on a server of the operator's, on the embedded one of a Control Plane that runs, or else on one that is started for it. */
export async function onDatabase<T>({ databaseUrl, dataDir }: Settings, log: Logger, work: (client: pg.Client) => Promise<T>): Promise<T> {
  if (databaseUrl !== undefined) return connected(databaseUrl.reveal(), work);
  const running = await runningUrl(dataDir);
  if (running !== undefined) return connected(running, work);
  const embedded = await startEmbeddedPostgres({ dataDir, log });
  try {
    return await connected(embedded.url, work);
  } finally {
    await embedded.stop();
  }
}

async function connected<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5000, query_timeout: 10_000 });
  client.on('error', () => {});
  await connectOrExplain(client);
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Where the embedded server of a running Control Plane listens: the fourth line of its `postmaster.pid`. Undefined when nothing answers there. */
async function runningUrl(dataDir: string): Promise<string | undefined> {
  const [pidFile, password] = await Promise.all([
    readIfPresent(join(dataDir, 'cluster', 'postmaster.pid')),
    readIfPresent(join(dataDir, 'password')),
  ]);
  const port = Number(pidFile?.toString().split('\n')[3]);
  if (password === undefined || !Number.isInteger(port)) return undefined;
  const url = embeddedUrl(String(password), port);
  return connected(url, () => Promise.resolve(url)).catch(() => undefined);
}
