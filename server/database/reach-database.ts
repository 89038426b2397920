import { join } from 'node:path';
import type { Logger } from '@stoa/lib/log.ts';
import pg from 'pg';
import { readIfPresent } from '@stoa/lib/durable-file.ts';
import type { Settings } from '../config.ts';
import { embeddedUrl, startEmbeddedPostgres } from './embedded-postgres.ts';
import { connectOrExplain } from './migrate.ts';

type Reached = { readonly url: string; readonly isEmbedded: boolean; leave(): Promise<void> };

/** The database of the settings, for a command, as its owner who sees the rows of every tenant: on a server of the operator's, the embedded one of a Control Plane that runs, or else one that is started for it. */
export async function reachDatabase({ databaseUrl, databaseOwnerUrl = databaseUrl, dataDir }: Settings, log: Logger): Promise<Reached> {
  if (databaseOwnerUrl !== undefined) return { url: await answering(seeingAll(databaseOwnerUrl.reveal())), isEmbedded: false, leave: async () => {} };
  const running = await runningUrl(dataDir);
  if (running !== undefined) return { url: running, isEmbedded: true, leave: async () => {} };
  const embedded = await startEmbeddedPostgres({ dataDir, log });
  return { url: embedded.url, isEmbedded: true, leave: () => embedded.stop() };
}

/** The owner is held by row-level security as well, but in sessions that say this: see `guardTenants`. */
function seeingAll(ownerUrl: string): string {
  const url = new URL(ownerUrl);
  url.searchParams.set('options', '-c stoa.owner=on');
  return url.href;
}

/** Works on it by one connection. */
export async function onDatabase<T>(settings: Settings, log: Logger, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const database = await reachDatabase(settings, log);
  try {
    return await connected(database.url, work);
  } finally {
    await database.leave();
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

const answering = (url: string): Promise<string> => connected(url, () => Promise.resolve(url));

/** Where the embedded server of a running Control Plane listens: the fourth line of its `postmaster.pid`. Undefined when nothing answers there. */
async function runningUrl(dataDir: string): Promise<string | undefined> {
  const [pidFile, password] = await Promise.all([
    readIfPresent(join(dataDir, 'cluster', 'postmaster.pid')),
    readIfPresent(join(dataDir, 'password')),
  ]);
  const port = Number(pidFile?.split('\n')[3]);
  if (password === undefined || !Number.isInteger(port)) return undefined;
  return answering(embeddedUrl(password, port)).catch(() => undefined);
}
