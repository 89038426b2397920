import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, readFile, readlink, readdir, rename, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { pack } from 'tar-stream';
import type { Pack } from 'tar-stream';

/** A file of an image, by its path without a slash at the beginning. Everything belongs to root unless it says otherwise. */
export type LayerEntry = {
  readonly path: string;
  readonly mode: number;
  readonly content: { readonly file: string } | { readonly bytes: Buffer } | { readonly text: string } | { readonly link: string } | 'folder';
  readonly uid?: number;
};

/** What a layer is known by: `digest` of the packed bytes, `diffId` of those inside (OCI image specification, "Layer DiffID"). */
export type Layer = { readonly digest: string; readonly diffId: string; readonly size: number; readonly paths: readonly string[] };

/** Writes a layer among the blobs of an image layout. Names are sorted and have one time, so that the same files give the same bytes. */
export async function writeLayer(blobs: string, entries: readonly LayerEntry[], epochS: number): Promise<Layer> {
  await mkdir(blobs, { recursive: true });
  const all = withFolders(entries);
  const archive = pack();
  const [inside, outside] = [createHash('sha256'), createHash('sha256')];
  const path = join(blobs, `.layer-${process.pid}-${counter++}`);
  const written = pipeline(hashed(inside)(archive as AsyncIterable<Buffer>), createGzip({ level: 9 }), hashed(outside), createWriteStream(path));
  // What goes wrong with a file ends the pipeline too.
  await Promise.all([addAll(archive, all, epochS).catch((error: unknown) => archive.destroy(error as Error)), written]);
  const digest = outside.digest('hex');
  const { size } = await stat(path);
  await rename(path, join(blobs, digest));
  return { digest: `sha256:${digest}`, diffId: `sha256:${inside.digest('hex')}`, size, paths: all.map((entry) => entry.path) };
}

let counter = 0;

const hashed = (hash: Hash) =>
  async function* (source: AsyncIterable<Buffer>) {
    for await (const chunk of source) {
      hash.update(chunk);
      yield chunk;
    }
  };

async function addAll(archive: Pack, entries: readonly LayerEntry[], epochS: number): Promise<void> {
  const mtime = new Date(epochS * 1000);
  for (const { path, mode, content, uid = 0 } of entries) {
    const header = { name: content === 'folder' ? `${path}/` : path, mode, mtime, uid, gid: 0, uname: '', gname: '' };
    if (content === 'folder') archive.entry({ ...header, type: 'directory' });
    else if ('link' in content) archive.entry({ ...header, type: 'symlink', linkname: content.link });
    else {
      const bytes = await bytesOf(content);
      // One at a time, so that no more than one file is in memory.
      await new Promise<void>((resolve, reject) => {
        archive.entry(header, bytes, (error) => (error instanceof Error ? reject(error) : resolve()));
      });
    }
  }
  archive.finalize();
}

async function bytesOf(content: { file: string } | { bytes: Buffer } | { text: string }): Promise<Buffer> {
  if ('file' in content) return readFile(content.file);
  return 'text' in content ? Buffer.from(content.text) : content.bytes;
}

/** Sorted, each path once, with the folders that lie above. */
function withFolders(entries: readonly LayerEntry[]): LayerEntry[] {
  const byPath = new Map(entries.map((entry) => [entry.path, entry]));
  if (byPath.size !== entries.length) throw new Error('A layer names a path twice.');
  for (const { path } of entries) {
    for (let folder = dirname(path); folder !== '.'; folder = dirname(folder)) {
      if (!byPath.has(folder)) byPath.set(folder, { path: folder, mode: 0o755, content: 'folder' });
    }
  }
  return [...byPath.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Files and links below a folder, as they will lie below `at`. Only the right to execute is taken over from their modes. */
export async function entriesBelow(folder: string, at: string, isWanted: (path: string) => boolean = () => true): Promise<LayerEntry[]> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  const wanted = found
    .filter((entry) => !entry.isDirectory())
    .map((entry) => ({ entry, path: join(entry.parentPath, entry.name).slice(folder.length + 1) }))
    .filter(({ path }) => isWanted(path));
  return Promise.all(
    wanted.map(async ({ entry, path }): Promise<LayerEntry> => {
      const file = join(folder, path);
      const place = at === '' ? path : `${at}/${path}`;
      if (entry.isSymbolicLink()) return { path: place, mode: 0o777, content: { link: await readlink(file) } };
      const { mode } = await stat(file);
      return { path: place, mode: (mode & 0o100) === 0 ? 0o644 : 0o755, content: { file } };
    }),
  );
}
