import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '@stoa/lib/log.ts';
import { settings } from '@stoa/server/config.ts';
import { startControlPlane } from '@stoa/server/start.ts';
import { startDatabaseProxy } from '@stoa/server/testing/database-proxy.ts';
import type { DatabaseProxy } from '@stoa/server/testing/database-proxy.ts';
import { startTestServer } from '@stoa/server/testing/test-server.ts';
import { asker } from './ask.ts';
import type { Ask } from './ask.ts';

export type Plane = { url: string; databaseUrl: string; database: DatabaseProxy; ask: Ask; close(): Promise<void> };

const migrationsDir = join(import.meta.dirname, '../../prisma/migrations');

/** A Control Plane of this process, so that its database can be made ill. */
export async function startPlane(): Promise<Plane> {
  const server = await startTestServer({ serverUrl: undefined, migrationsDir });
  const databaseUrl = await server.createDatabase();
  const database = await startDatabaseProxy(databaseUrl);
  const dataDir = await mkdtemp(join(tmpdir(), 'stoa-experiment-'));
  const env = {
    DATABASE_URL: database.url,
    STOA_SINGLE_ROLE: 'true',
    STOA_MASTER_KEY: randomBytes(32).toString('base64'),
    STOA_LISTEN: '127.0.0.1:0',
    STOA_DATA_DIR: dataDir,
  };
  const { url, stop } = await startControlPlane(settings.load({ argv: [], env }), createLogger({ program: 'experiment', level: 'silent' }));
  const token = (await readFile(join(dataDir, 'admin-token'), 'utf8')).trim();
  return {
    url,
    databaseUrl,
    database,
    ask: asker(url, token),
    async close() {
      await stop();
      await database.close();
      await server.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
