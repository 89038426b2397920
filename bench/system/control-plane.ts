import { randomBytes } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createControlPlaneClient } from '@stoa/generated/client.ts';
import type { ControlPlaneClient } from '@stoa/generated/client.ts';
import { ExpectedError } from '@stoa/lib/errors.ts';
import { createLogger } from '@stoa/lib/log.ts';
import { startEmbeddedPostgres } from '@stoa/server/database/embedded-postgres.ts';
import type { Bench } from './bench.ts';
import { pinTree } from './cores.ts';
import { answers, freePort } from './processes.ts';
import type { Started } from './processes.ts';

export type ControlPlane = { url: string; databaseUrl: string; client: ControlPlaneClient; process: Started; gatewayKey: string };

const dist = join(import.meta.dirname, '../../dist');

/** A built program of the product, as its launcher in bin/ runs it; `node` are further arguments to Node.js, such as `--cpu-prof`. */
export function builtProgram(name: string, node: readonly string[] = []): { command: string; args: string[] } {
  return { command: process.execPath, args: [...node, join(dist, name, 'main.mjs')] };
}

/**
 * Starts the bundled Control Plane over an embedded PostgreSQL that commits to disk as in production, each on cores of its own, with a
 * gateway key for any environment and mode.
 */
export async function startControlPlane(
  bench: Bench,
  { cores, databaseCores }: { cores?: readonly number[] | undefined; databaseCores?: readonly number[] | undefined } = {},
): Promise<ControlPlane> {
  const dataDir = join(bench.dir, 'database');
  const database = await startEmbeddedPostgres({ dataDir, log: createLogger({ program: 'bench', level: 'warn' }) });
  bench.atEnd(() => database.stop());
  const postmaster = Number((await readFile(join(dataDir, 'cluster/postmaster.pid'), 'utf8')).split('\n')[0]);
  pinTree(postmaster, databaseCores ?? bench.plan.cores?.store);
  const url = `http://127.0.0.1:${await freePort()}`;
  const stateDir = join(bench.dir, 'control-plane');
  await mkdir(stateDir);
  const process = await bench.processes.start({
    name: 'control-plane',
    ...builtProgram('stoa-control-plane', bench.nodeArguments('control-plane')),
    cores: cores ?? bench.plan.cores?.store,
    env: { DATABASE_URL: database.url, STOA_MASTER_KEY: randomBytes(32).toString('base64'), STOA_LISTEN: new URL(url).host, STOA_DATA_DIR: stateDir },
    isReady: () => answers(`${url}/readyz`),
  });
  const token = (await readFile(join(stateDir, 'admin-token'), 'utf8')).trim();
  const client = createControlPlaneClient({ baseUrl: url, headers: { authorization: `Bearer ${token}` } });
  const { secret } = must(await client.createGatewayKey({ body: { name: 'bench' } }));
  return { url, databaseUrl: database.url, client, process, gatewayKey: secret };
}

export function must<T>(result: { data?: T; error?: unknown; response: Response }): T {
  if (result.data === undefined)
    throw new ExpectedError(`${result.response.url} answered ${result.response.status}: ${JSON.stringify(result.error)}`);
  return result.data;
}
