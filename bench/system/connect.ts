import { execFileSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ExpectedError } from '@stoa/lib/errors.ts';
import type { Bench } from './bench.ts';
import { builtProgram, must } from './control-plane.ts';
import type { ControlPlane } from './control-plane.ts';
import { today } from './past-build.ts';
import { answers, freePort } from './processes.ts';

export type ConnectOptions = {
  name: string;
  environment: string;
  target: { type: string; url: string };
  /** The build whose program it is. */
  dist?: string;
  /** A program that brings its Node.js along, in place of a build. */
  executable?: string;
  env?: Record<string, string>;
};
export type RunningConnect = { name: string; environment: string; pid: number; startedAtMs: number; stop(): Promise<void> };

/** Starts a Connect. One of a name that ran before finds its state again. */
export async function startConnect(
  bench: Bench,
  { url: controlPlaneUrl, gatewayKey }: ControlPlane,
  options: ConnectOptions,
): Promise<RunningConnect> {
  const { name, environment, target, dist = today, executable, env = {} } = options;
  const url = `http://127.0.0.1:${await freePort()}`;
  const startedAtMs = Date.now();
  const { pid, stop } = await bench.processes.start({
    name: `${name}-process`,
    ...(executable === undefined ? builtProgram('stoa-connect', bench.nodeArguments(name), dist) : { command: executable }),
    cores: bench.plan.cores?.subject,
    env: {
      STOA_CONTROL_PLANE_URL: controlPlaneUrl,
      STOA_GATEWAY_KEY: gatewayKey,
      STOA_ENVIRONMENT: environment,
      STOA_INSTANCE_NAME: name,
      STOA_LISTEN: new URL(url).host,
      STOA_STATE_DIR: join(bench.dir, name),
      STOA_TARGET_GATEWAY_TYPE: target.type,
      STOA_TARGET_GATEWAY_URL: target.url,
      // No look at everything falls into what is measured.
      STOA_RESYNC_INTERVAL: '1h',
      ...env,
    },
    isReady: () => answers(`${url}/healthz`),
  });
  return { name, environment, pid, startedAtMs, stop };
}

/** The executable that `make connect-packages` or `make packages-test` put into a tarball, unpacked; undefined when neither was run. */
export function packagedConnect(bench: Bench): string | undefined {
  const folders = ['dist/packages', 'node_modules/.cache/packages-test/newer'].map((folder) => join(today, '..', folder));
  const arch = process.arch === 'x64' ? 'amd64' : process.arch;
  const archives = folders.flatMap((folder) => globSync(`stoa-connect_*_linux_${arch}.tar.gz`, { cwd: folder }).map((file) => join(folder, file)));
  if (archives[0] === undefined) return undefined;
  execFileSync('tar', ['-xzf', archives[0], '-C', bench.dir, '--strip-components', '1']);
  return join(bench.dir, 'stoa-connect');
}

const syncedWithinMs = 400_000;

/** The instant, by the clock of the machine, at which a Connect's acknowledgement of what is desired was written; throws when it refused any of it. */
export async function untilSynced(
  { client }: ControlPlane,
  { name, environment }: Pick<RunningConnect, 'name' | 'environment'>,
  newerThan = 0,
): Promise<number> {
  const deadline = Date.now() + syncedWithinMs;
  for (;;) {
    const { items } = must(await client.listGateways({ params: { query: { instance_name: name, environment } } }));
    const config = items[0]?.config;
    const at = Date.parse(config?.acked_at ?? '');
    if (config?.state === 'rejected') throw new ExpectedError(`${name} refused what was deployed: its log in the folder of this run says why.`);
    if (config?.state.startsWith('in_sync') && config.desired_generation > 0 && at > newerThan) return at;
    if (Date.now() > deadline) throw new ExpectedError(`${name} was not in sync within ${syncedWithinMs / 1000} s: ${JSON.stringify(config)}`);
    await delay(50);
  }
}
