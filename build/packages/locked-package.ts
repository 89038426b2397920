import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ExpectedError } from '@stoa/lib/errors.ts';
import { runTool } from './tools.ts';

const root = join(import.meta.dirname, '../..');
const cache = join(root, 'node_modules/.cache/stoa-packages');

type Lock = { packages: Record<string, { version: string; integrity?: string } | undefined> };
let lock: Promise<Lock> | undefined;

async function locked(name: string): Promise<{ version: string; integrity: string }> {
  lock ??= readFile(join(root, 'package-lock.json'), 'utf8').then((text) => JSON.parse(text) as Lock);
  const entry = (await lock).packages[`node_modules/${name}`];
  if (entry?.integrity === undefined) throw new Error(`package-lock.json pins no ${name}.`);
  return { version: entry.version, integrity: entry.integrity };
}

/** The digest of a package as the lockfile has it, `sha512-…` in base64, if it is this version that the lockfile pins. */
export async function lockedIntegrity(name: string, version: string): Promise<string | undefined> {
  const found = await locked(name).catch(() => undefined);
  return found?.version === version ? found.integrity : undefined;
}

/**
 * The folder of a package that the lockfile pins: where npm put it, or, of one that is for another platform than this, fetched from the registry and checked
 * against the lockfile.
 */
export async function lockedPackage(name: string): Promise<string> {
  const { version, integrity } = await locked(name);
  const installed = join(root, 'node_modules', name);
  if (existsSync(installed)) return installed;
  const folder = join(cache, `${name.replace('/', '-')}-${version}`);
  if (existsSync(folder)) return folder;
  await mkdir(cache, { recursive: true });
  const place = await mkdtemp(join(cache, '.fetch-'));
  try {
    const [{ filename }] = JSON.parse(await runTool('npm', ['pack', '--json', '--pack-destination', place, `${name}@${version}`])) as [
      { filename: string },
    ];
    const archive = join(place, filename);
    requireIntegrity(await readFile(archive), integrity, `${name}@${version}`);
    await runTool('tar', ['-xzf', archive, '-C', place]);
    // Another run may have been quicker.
    await rename(join(place, 'package'), folder).catch((error: unknown) => {
      if (!existsSync(folder)) throw error;
    });
  } finally {
    await rm(place, { recursive: true, force: true });
  }
  return folder;
}

/** Throws an `ExpectedError` for bytes that are not those of the lockfile. */
export function requireIntegrity(bytes: Buffer, integrity: string, what: string): void {
  const [algorithm = '', wanted] = integrity.split('-', 2);
  if (createHash(algorithm).update(bytes).digest('base64') === wanted) return;
  throw new ExpectedError(
    `The registry gave another ${what} than the one that package-lock.json pins: find out why before you build anything of it.`,
  );
}
