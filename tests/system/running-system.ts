import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunRecord } from '@stoa/examples/up/run-record.ts';
import type { UpFile } from '@stoa/examples/up/summary.ts';

const root = join(import.meta.dirname, '../..');
export const portNames = [
  'CONTROL_PLANE_PORT',
  'GATEWAY_PORT',
  'LINK_PORT',
  'CONNECT_PORT',
  'ORDERS_PORT',
  'KONG_ADMIN_PORT',
  'KONG_PROXY_PORT',
  'SUPPORT_PORT',
] as const;

export type RunningSystem = {
  up: UpFile;
  /** The process ids of what runs now, by name. */
  pids(): Promise<Record<string, number>>;
  output(): string;
  /** Ends `make up` as Ctrl-C does; answers its exit code. */
  interrupt(): Promise<number | null>;
  /** Kills `make up` alone, which leaves its programs running. */
  killUp(): Promise<void>;
  /** Kills everything at once, `make up` first so that it restarts nothing. */
  killAll(): Promise<void>;
};

export async function freePorts(): Promise<Record<(typeof portNames)[number], string>> {
  const servers = portNames.map(() => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => String((server.address() as AddressInfo).port));
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return Object.fromEntries(portNames.map((name, index) => [name, ports[index] ?? ''])) as Record<(typeof portNames)[number], string>;
}

export async function makeStateDir(): Promise<{ path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'stoa-up-'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

export function runUp(stateDir: string, ports: Record<string, string>): { process: ChildProcess; output(): string } {
  const child = spawn(process.execPath, [join(root, 'examples/up/main.ts')], {
    cwd: root,
    env: { ...process.env, ...ports, UP_STATE_DIR: stateDir },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  return { process: child, output: () => output };
}

/** What `make up` runs once everything is built. Resolves when it says that it is ready. */
export async function startSystem(stateDir: string, ports: Record<string, string>): Promise<RunningSystem> {
  const { process: child, output } = runUp(stateDir, ports);
  const exited = once(child, 'exit');
  await new Promise<void>((resolve, reject) => {
    child.stdout?.on('data', () => output().includes('Ready.') && resolve());
    child.once('exit', () => reject(new Error(`make up ended:\n${output()}`)));
  });
  const up = JSON.parse(await readFile(join(stateDir, 'up.json'), 'utf8')) as UpFile;
  const pids = async () => (JSON.parse(await readFile(join(stateDir, 'processes.json'), 'utf8')) as RunRecord).programs;
  return {
    up,
    pids,
    output,
    async interrupt() {
      child.kill('SIGINT');
      await exited;
      return child.exitCode;
    },
    async killUp() {
      child.kill('SIGKILL');
      await exited;
    },
    async killAll() {
      child.kill('SIGKILL');
      await exited;
      for (const pid of Object.values(await pids())) process.kill(pid, 'SIGKILL');
    },
  };
}

/** The processes that have to do with a state directory: by their command, or by what they were started with. */
export async function processesOf(stateDir: string): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  const texts = await Promise.all(
    pids.map(async (pid) => {
      const [command, environment] = await Promise.all(
        ['cmdline', 'environ'].map((file) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '')),
      );
      return { pid, command: (command ?? '').replaceAll('\0', ' '), all: `${command}${environment}` };
    }),
  );
  return texts.flatMap(({ pid, command, all }) => (all.includes(stateDir) ? [`${pid} ${command}`] : []));
}
