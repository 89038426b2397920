import { createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { pack } from 'tar-stream';

export type Entry = { readonly name: string; readonly mode: number; readonly content: Buffer | string };

/** Writes a `.tar.gz` of files in one folder, which belong to root and have one time: the same files give the same bytes. */
export async function makeTarball(path: string, folder: string, entries: readonly Entry[], epochS: number): Promise<void> {
  const archive = pack();
  const written = pipeline(archive, createGzip({ level: 9 }), createWriteStream(path));
  for (const { name, mode, content } of [...entries].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    archive.entry({ name: `${folder}/${name}`, mode, mtime: new Date(epochS * 1000), uid: 0, gid: 0, uname: 'root', gname: 'root' }, content);
  }
  archive.finalize();
  await written;
}

/** A file of a folder as an entry of the same name. */
export async function entryOf(folder: string, name: string, mode = 0o644): Promise<Entry> {
  return { name, mode, content: await readFile(join(folder, name)) };
}
