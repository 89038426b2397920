import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, mkdtempSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll } from 'vitest';

/** Where Redis is; undefined where it is not. */
export const redisServer = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/bin', '/usr/local/bin']
  .map((folder) => join(folder, 'redis-server'))
  .find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });

export const missingRedis = redisServer === undefined ? 'there is no redis-server on the PATH: install it (apt-get install redis-server)' : undefined;

/** A Redis of a file's own, which keeps nothing over its end, and ends with the file's tests. */
export class RedisProcess {
  readonly port: number;
  readonly #folder = mkdtempSync(join(tmpdir(), 'stoa-redis-'));
  readonly #more: readonly string[];
  #process: ChildProcess | undefined;

  private constructor(port: number, more: readonly string[]) {
    this.port = port;
    this.#more = more;
    all.add(this);
  }

  /** @param more further arguments, such as `--requirepass`. */
  static async start(more: readonly string[] = [], port?: number): Promise<RedisProcess> {
    const made = new RedisProcess(port ?? (await freePort()), more);
    await made.start();
    return made;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** One that watches over a primary on another port. */
  static async sentinel(primaryPort: number): Promise<RedisProcess> {
    const made = new RedisProcess(await freePort(), ['--sentinel']);
    const lines = [`monitor primary 127.0.0.1 ${primaryPort} 1`, 'down-after-milliseconds primary 300', 'failover-timeout primary 3000'];
    writeFileSync(join(made.#folder, 'sentinel.conf'), lines.map((line) => `sentinel ${line}\n`).join(''));
    await made.start([join(made.#folder, 'sentinel.conf')]);
    return made;
  }

  async start(first: readonly string[] = ['--save', '']): Promise<void> {
    const given = [...first, '--port', String(this.port), '--bind', '127.0.0.1', '--dir', this.#folder, ...this.#more];
    const started = spawn(redisServer ?? 'redis-server', given, { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#process = started;
    for await (const line of createInterface(started.stdout)) {
      if (!/Ready to accept connections|Sentinel ID is/.test(line)) continue;
      started.stdout.resume();
      return;
    }
    throw new Error(`redis-server has ended: ${given.join(' ')}`);
  }

  /** Has it run a command, by `redis-cli`, which comes with it. */
  ask(command: string): string {
    return execFileSync('redis-cli', ['-p', String(this.port), ...command.split(' ')], { encoding: 'utf8' });
  }

  /** At once, as by a crash. */
  async kill(): Promise<void> {
    const ending = this.#process;
    this.#process = undefined;
    if (ending === undefined || ending.exitCode !== null) return;
    const ended = once(ending, 'exit');
    ending.kill('SIGKILL');
    await ended;
  }

  async end(): Promise<void> {
    all.delete(this);
    await this.kill();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** To be called once in a file: a test that fails leaves none behind. */
export const endRedisAfterAll = (): void => afterAll(() => Promise.all([...all].map((each) => each.end())));

const all = new Set<RedisProcess>();

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
