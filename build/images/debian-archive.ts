import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { ConfigurationError, ExpectedError } from '@stoa/lib/errors.ts';
import { runTool } from '../packages/tools.ts';
import type { DebianPackage } from './debian-packages.ts';

const cache = join(import.meta.dirname, '../../node_modules/.cache/stoa-images');
const withinMs = 60_000;
const maxBytes = 32 * 1024 * 1024;

/** Asks for one URL; a test has one of its own. */
export type Fetcher = (url: string) => Promise<Buffer>;

/**
 * Where Debian packages come from, in the order in which they are asked: the mirror that one names (`DEBIAN_MIRROR`, with `{archive}` where `debian` or
 * `debian-security` stands), else those that apt of this machine uses.
 */
export async function mirrorsOf(named = process.env['DEBIAN_MIRROR']): Promise<readonly string[]> {
  if (named === undefined || named === '') return aptMirrors();
  if (!named.includes('{archive}') || !/^https?:\/\//.test(named))
    throw new ConfigurationError(['DEBIAN_MIRROR must be a URL with {archive} in it, such as https://mirror.example/{archive}.']);
  return [named.replace(/\/+$/, '')];
}

/** What is named `…/debian` or `…/debian-security` in the lists of apt; nothing on a machine without it. */
async function aptMirrors(): Promise<string[]> {
  const sites = await runTool('apt-get', ['indextargets', '--format', '$(SITE)', 'Created-By: Packages']).catch(() => '');
  const found = sites.split('\n').flatMap((site) => /^(https?:\/\/.+)\/debian(?:-security)?\/?$/.exec(site.trim())?.[1] ?? []);
  return [...new Set(found)].map((base) => `${base}/{archive}`);
}

/** The path of a package's file on this machine, fetched if need be. Bytes that are not the pinned ones are refused, wherever they come from. */
export async function debianFile(
  { name, archive, files }: DebianPackage,
  platform: 'amd64' | 'arm64',
  mirrors: readonly string[],
  fetchBytes: Fetcher = download,
  folder = cache,
): Promise<string> {
  const { path, sha256 } = files[platform];
  const kept = join(folder, `${sha256}-${basename(path)}`);
  if (existsSync(kept) && digestOf(await readFile(kept)) === sha256) return kept;
  await mkdir(folder, { recursive: true });
  const faults: string[] = [];
  for (const mirror of mirrors) {
    const url = `${mirror.replace('{archive}', archive)}/${path}`;
    try {
      const bytes = await fetchBytes(url);
      if (digestOf(bytes) !== sha256) throw new Error('other bytes than those that are pinned');
      return await keep(bytes, kept, folder);
    } catch (error) {
      faults.push(`${url}: ${(error as Error).message}`);
    }
  }
  throw new ExpectedError(
    `The Debian package ${name} could not be had: name in DEBIAN_MIRROR a mirror, or an archive of old versions, that has it.\n${faults.join('\n')}`,
  );
}

const digestOf = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

async function keep(bytes: Buffer, path: string, folder: string): Promise<string> {
  const place = await mkdtemp(join(folder, '.fetch-'));
  try {
    await writeFile(join(place, 'file'), bytes);
    await rename(join(place, 'file'), path);
    return path;
  } finally {
    await rm(place, { recursive: true, force: true });
  }
}

async function download(url: string): Promise<Buffer> {
  const response = await fetch(url, { signal: AbortSignal.timeout(withinMs) });
  if (!response.ok || response.body === null) throw new Error(`answered ${response.status}`);
  const chunks: Uint8Array[] = [];
  let size = 0;
  const reader = response.body.getReader();
  for (let { value: chunk } = await reader.read(); chunk !== undefined; { value: chunk } = await reader.read()) {
    size += chunk.length;
    if (size > maxBytes) throw new Error(`is larger than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
