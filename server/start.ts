import { createServer } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { closeGracefully, listen } from '@stoa/lib/listen.ts';
import type { Logger } from '@stoa/lib/log.ts';
import { accessChannel } from './access/revocations.ts';
import { Authenticator } from './access/authenticator.ts';
import { ensureAdministrator } from './access/administrator.ts';
import { deriveKeyMaterial, loadMasterKey } from './access/master-key.ts';
import { requireSameMasterKey } from './access/same-master-key.ts';
import { createApp } from './app.ts';
import type { Settings } from './config.ts';
import type { ServerContext } from './context.ts';
import { connect } from './database/connection.ts';
import { startEmbeddedPostgres } from './database/embedded-postgres.ts';
import { migrate } from './database/migrate.ts';
import { DesiredStates } from './deployments/desired-states.ts';
import { HeartbeatWriter } from './fleet/heartbeat-writer.ts';
import { IntervalPolicy } from './fleet/interval-policy.ts';
import { Sweeper } from './fleet/sweeper.ts';
import { heartbeatLane } from './http/heartbeat-lane.ts';

export type RunningControlPlane = {
  url: string;
  context: ServerContext;
  /** The administrator's token: minted by this start, or undefined when one was there already. */
  mintedAdministrator: { secret: string; file: string } | undefined;
  stop(): Promise<void>;
};

const graceMs = 10_000;
// A long poll of the config feed may be open for a minute: it is ended, not waited for.
const headersTimeoutMs = 30_000;

/** Starts a Control Plane: database, schema, keys, server. Rejects with one sentence when something is missing. */
export async function startControlPlane(settings: Settings, log: Logger): Promise<RunningControlPlane> {
  const embedded = settings.databaseUrl ? undefined : await startEmbeddedPostgres({ dataDir: settings.dataDir, log });
  const closing: (() => Promise<void> | void)[] = [async () => embedded?.stop()];
  const stop = async () => {
    for (const close of closing.splice(0).reverse()) await close();
  };
  try {
    const databaseUrl = embedded?.url ?? settings.databaseUrl?.reveal() ?? '';
    const keys = deriveKeyMaterial(await loadMasterKey(settings.masterKey, embedded ? join(settings.dataDir, 'master-key') : undefined));
    const { unknown } = await migrate({ databaseUrl, migrationsDir: migrationsDir() });
    if (unknown.length > 0) log.warn({ migrations: unknown }, 'The database was migrated by a newer release.');
    const db = connect(databaseUrl, { max: settings.databaseConnections, log });
    closing.push(() => db.close());
    await requireSameMasterKey(db, keys);
    const mintedAdministrator = await ensureAdministrator(db, keys, join(settings.dataDir, 'admin-token'));
    const intervals = new IntervalPolicy({ shortestS: settings.heartbeatIntervalS, heartbeatsPerSecond: settings.heartbeatsPerSecond });
    const sweeper = new Sweeper(db, intervals, log);
    await sweeper.start();
    closing.push(() => sweeper.stop());
    const authenticator = new Authenticator(db.pool, keys);
    db.listenFor(accessChannel, () => authenticator.forget());
    let url = '';
    const context: ServerContext = {
      settings, log, db, keys, authenticator, intervals,
      heartbeats: new HeartbeatWriter(db.pool, intervals),
      desired: new DesiredStates(db, keys, log),
      publicUrl: () => settings.publicUrl ?? url,
    };
    const server = createServer({ headersTimeout: headersTimeoutMs });
    server.on('request', heartbeatLane(context, createApp(context)));
    url = await listen(server, settings.listen);
    closing.push(() => closeGracefully(server, graceMs));
    await warmUp(url);
    return { url, context, mintedAdministrator, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The validator compiles the document at the first request: that one is ours. */
async function warmUp(url: string): Promise<void> {
  const response = await fetch(`${url}/healthz`);
  if (!response.ok) throw new Error(`The server does not answer: ${response.status} ${await response.text()}`);
}

// Bundled or not, this file lies one folder below the root of the product.
const migrationsDir = () => fileURLToPath(new URL('../prisma/migrations', import.meta.url));
