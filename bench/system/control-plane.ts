import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createControlPlaneClient } from '@stoa/generated/client.ts';
import type { ControlPlaneClient } from '@stoa/generated/client.ts';
import type { Approval } from '@stoa/generated/schemas.ts';
import { ExpectedError } from '@stoa/lib/errors.ts';
import { createLogger } from '@stoa/lib/log.ts';
import { startEmbeddedPostgres } from '@stoa/server/database/embedded-postgres.ts';
import type { Bench } from './bench.ts';
import { pinTree } from './cores.ts';
import { cpuMeter, treeMeter } from './cpu-time.ts';
import type { Meter } from './cpu-time.ts';
import { today } from './past-build.ts';
import { answers, freePort } from './processes.ts';
import type { Started } from './processes.ts';
import { makeRoles } from '@stoa/server/database/database-roles.ts';

export type ControlPlane = {
  url: string;
  databaseUrl: string;
  client: ControlPlaneClient;
  adminToken: string;
  process: Started;
  gatewayKey: string;
  /** The processor time of the program alone, and of all of PostgreSQL. */
  meters: { controlPlane: Meter; database: Meter };
};

type Options = {
  /** The build whose program it is. */
  dist?: string;
  /** To tell several of one run apart. */
  name?: string;
  cores?: readonly number[] | undefined;
  databaseCores?: readonly number[] | undefined;
  env?: Record<string, string>;
};

/** A built program of the product, as its launcher in bin/ runs it; `node` are further arguments to Node.js, such as `--cpu-prof`. */
export function builtProgram(name: string, node: readonly string[] = [], dist = today): { command: string; args: string[] } {
  // Before they were folders, programs were files.
  const program = [join(dist, name, 'main.mjs'), join(dist, `${name}.mjs`)].find((file) => existsSync(file)) ?? name;
  return { command: process.execPath, args: [...launcherArguments(dist), ...node, program] };
}

/** What the launcher beside a build passes to Node.js. */
function launcherArguments(dist: string): string[] {
  const launcher = readFileSync(join(dist, '../bin/run'), 'utf8');
  const [, args = ''] = /^exec "\$node" (.*)"\$program" "\$@"$/m.exec(launcher) ?? [];
  return args.split(' ').filter(Boolean);
}

/** Of the three roles that it works under in production; releases before knew one. */
async function roleSettings(url: string): Promise<Record<string, string>> {
  const { owner, service, unscoped } = await makeRoles(url);
  return { DATABASE_URL: service, STOA_DATABASE_UNSCOPED_URL: unscoped, STOA_DATABASE_OWNER_URL: owner };
}

/**
 * Starts the bundled Control Plane over an embedded PostgreSQL that commits to disk as in production, each on cores of its own, with a
 * gateway key for any environment and mode.
 */
export async function startControlPlane(
  bench: Bench,
  { dist = today, name = 'control-plane', cores, databaseCores, env = {} }: Options = {},
): Promise<ControlPlane> {
  const dataDir = join(bench.dir, `${name}-database`);
  const database = await startEmbeddedPostgres({ dataDir, log: createLogger({ program: 'bench', level: 'warn' }) });
  bench.atEnd(() => database.stop());
  const databaseSettings = dist === today ? await roleSettings(database.url) : { DATABASE_URL: database.url };
  const postmaster = Number((await readFile(join(dataDir, 'cluster/postmaster.pid'), 'utf8')).split('\n')[0]);
  pinTree(postmaster, databaseCores ?? bench.plan.cores?.store);
  const url = `http://127.0.0.1:${await freePort()}`;
  const stateDir = join(bench.dir, name);
  await mkdir(stateDir);
  const process = await bench.processes.start({
    name: `${name}-process`,
    ...builtProgram('stoa-control-plane', bench.nodeArguments(name), dist),
    cores: cores ?? bench.plan.cores?.store,
    env: {
      ...databaseSettings,
      STOA_MASTER_KEY: randomBytes(32).toString('base64'),
      STOA_LISTEN: new URL(url).host,
      STOA_DATA_DIR: stateDir,
      ...env,
    },
    isReady: () => answers(`${url}/readyz`),
  });
  const adminToken = (await readFile(join(stateDir, 'admin-token'), 'utf8')).trim();
  const client = createControlPlaneClient({ baseUrl: url, headers: { authorization: `Bearer ${adminToken}` } });
  const { secret } = must(await client.createGatewayKey({ body: { name: 'bench' } }));
  const meters = { controlPlane: cpuMeter([process.pid]), database: treeMeter(postmaster) };
  return { url, databaseUrl: database.url, client, adminToken, process, gatewayKey: secret, meters };
}

export function must<T>(result: { data?: T; error?: unknown; response: Response }): Exclude<T, Approval> {
  // Nothing that is asked for here waits for a second person.
  if (result.data === undefined || result.response.status === 202)
    throw new ExpectedError(`${result.response.url} answered ${result.response.status}: ${JSON.stringify(result.error)}`);
  return result.data as Exclude<T, Approval>;
}
