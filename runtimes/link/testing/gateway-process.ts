import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { closeGracefully, listen } from '@stoa/lib/listen.ts';

const guides = join(import.meta.dirname, '../../../docs/guides');

/** A block of a language in a guide, the first or the one at `index`: what it tells an operator to write is what the tests run. */
export function guideBlock(guide: string, language: string, index = 0): string {
  const blocks = readFileSync(join(guides, guide), 'utf8').matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'));
  const block = [...blocks][index]?.[1];
  if (block === undefined) throw new Error(`docs/guides/${guide} has no block of ${language}.`);
  return block;
}

/** A text with one part of it changed, which it has to hold. */
export function changed(text: string, from: string, to: string): string {
  if (!text.includes(from)) throw new Error(`There is no ${from} in what the guide says.`);
  return text.replaceAll(from, to);
}

/** Where a program is, among names and paths that it may have; undefined when it is not installed. */
export function installed(places: readonly string[], versionFlag: string): string | undefined {
  return places.find((path) => spawnSync(path, [versionFlag]).status === 0);
}

/** A port that was free a moment ago: a gateway cannot be asked for any. */
export async function freePort(): Promise<number> {
  const probe = createServer();
  const { port } = new URL(await listen(probe, { host: '127.0.0.1', port: 0 }));
  await closeGracefully(probe, 0);
  return Number(port);
}

/** Starts a gateway with its configuration in a folder of its own, and waits until it takes connections. */
export async function startGateway(
  program: string,
  { file, args }: { file: string; args: (file: string, directory: string) => string[] },
  configuration: string,
  port: number,
): Promise<() => Promise<void>> {
  const directory = await mkdtemp(join(tmpdir(), 'stoa-gateway-'));
  const path = join(directory, file);
  await writeFile(path, configuration);
  const child = spawn(program, args(path, directory), { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-4000)));
  const exited = once(child, 'exit');
  const stop = async (): Promise<void> => {
    if (child.exitCode === null) child.kill('SIGTERM');
    await exited;
    await rm(directory, { recursive: true });
  };
  // Neither tells anybody when it listens, so it is asked, for 20 s at most.
  for (let attempt = 0; attempt < 1000; attempt += 1) {
    if (child.exitCode !== null) break;
    if (await isOpen(port)) return stop;
    await setTimeout(20);
  }
  await stop();
  throw new Error(`${program} did not listen. It said: ${said}`);
}

async function isOpen(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  const open = await Promise.race([once(socket, 'connect').then(() => true), once(socket, 'error').then(() => false)]).catch(() => false);
  socket.destroy();
  return open;
}
