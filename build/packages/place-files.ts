import { chmod, copyFile, lutimes, mkdir, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { InstalledFile } from './installed-files.ts';

/** A folder with nothing in it, whatever was there. */
export async function emptyFolder(path: string): Promise<string> {
  await rm(path, { recursive: true, force: true });
  await mkdir(path, { recursive: true });
  return path;
}

/** Puts files below a folder as they will lie below the root of a machine. */
export async function placeFiles(root: string, files: readonly InstalledFile[]): Promise<void> {
  for (const { path, mode, content } of files) {
    const target = join(root, path);
    await mkdir(dirname(target), { recursive: true });
    if ('file' in content) await copyFile(content.file, target);
    else await writeFile(target, 'text' in content ? content.text : content.bytes);
    // Whatever the umask of who builds.
    await chmod(target, mode);
  }
}

/** Gives everything below a folder, and the folder, one time, and folders one mode: both get into packages. */
export async function settle(root: string, epochS: number): Promise<void> {
  for (const entry of await readdir(root, { withFileTypes: true })) {
    const path = join(root, entry.name);
    if (entry.isDirectory()) await settle(path, epochS);
    else await lutimes(path, epochS, epochS);
  }
  await chmod(root, 0o755);
  await utimes(root, epochS, epochS);
}
