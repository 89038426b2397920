import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');

/** The last version before desired states came item by item and consumers needed subscriptions. */
const commit = '7448d17';

/** What the old version imports and this one has given up. Nothing that its tests here do calls it. */
const givenUp = { 'rate-limiter-flexible': 'export class RateLimiterMemory {}\nexport class RateLimiterRes {}\n' };

/** What the old version asks of its requests, and this one no longer: throws where it is not installed. */
const requireStillNeeded = (): string => createRequire(import.meta.url).resolve('express-openapi-validator');

export type OldBuild = { readonly directory: string; remove(): Promise<void> };

/** Whether the history that the old version is taken from is there: an archive of the sources has none. */
export function hasHistory(): boolean {
  return hasCommit(commit);
}

export function hasCommit(name: string): boolean {
  try {
    execFileSync('git', ['cat-file', '-e', `${name}^{commit}`], { cwd: root, stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** The old version's sources, which Node runs as they are, with the packages of today. */
export async function makeOldBuild(): Promise<OldBuild> {
  requireStillNeeded();
  const directory = await mkdtemp(join(tmpdir(), 'stoa-old-build-'));
  await checkOut(commit, directory);
  for (const [name, source] of Object.entries(givenUp)) {
    const folder = join(directory, 'node_modules', name);
    await mkdir(folder);
    await writeFile(join(folder, 'package.json'), JSON.stringify({ name, type: 'module', main: 'index.js' }));
    await writeFile(join(folder, 'index.js'), source);
  }
  return { directory, remove: () => rm(directory, { recursive: true, force: true }) };
}

/** The sources of a commit, with the packages of today. */
export async function checkOut(name: string, directory: string): Promise<void> {
  const archive = execFileSync('git', ['archive', name], { cwd: root, maxBuffer: 256 * 1024 * 1024 });
  execFileSync('tar', ['-x', '-C', directory], { input: archive });
  const packages = join(root, 'node_modules');
  await mkdir(join(directory, 'node_modules/@stoa'), { recursive: true });
  for (const packageName of await readdir(packages)) {
    if (packageName !== '@stoa' && !packageName.startsWith('.'))
      await symlink(join(packages, packageName), join(directory, 'node_modules', packageName));
  }
  for (const workspace of await readdir(join(packages, '@stoa'))) {
    // As npm links a workspace: relative to where the link stands, so that it leads to the old one.
    await symlink(await readlink(join(packages, '@stoa', workspace)), join(directory, 'node_modules/@stoa', workspace));
  }
  await symlink(join(root, 'lib/node_modules'), join(directory, 'lib/node_modules'));
}
