import { readFile } from 'node:fs/promises';
import { join, matchesGlob } from 'node:path';
import { emptyFolder } from '../packages/place-files.ts';
import { runTool } from '../packages/tools.ts';
import { debianFile, mirrorsOf } from './debian-archive.ts';
import { debian, debianPackages } from './debian-packages.ts';
import { user } from './images.ts';
import { entriesBelow } from './layer.ts';
import type { LayerEntry } from './layer.ts';

/** What a program needs of a system: libraries, certificates, time zones, one user; no shell and no package manager. */
export async function baseEntries(platform: 'amd64' | 'arm64', place: string): Promise<LayerEntry[]> {
  const mirrors = await mirrorsOf();
  const entries: LayerEntry[] = [...systemEntries];
  for (const debianPackage of debianPackages) {
    const { name, kept } = debianPackage;
    const deb = await debianFile(debianPackage, platform, mirrors);
    const folder = await emptyFolder(join(place, name));
    await runTool('dpkg-deb', ['--extract', deb, folder]);
    entries.push(...(await entriesBelow(folder, '', (path) => kept.some((pattern) => isKept(pattern, path)))));
    // Where scanners look in images without dpkg.
    entries.push({ path: `var/lib/dpkg/status.d/${name}`, mode: 0o644, content: { text: await runTool('dpkg-deb', ['--field', deb]) } });
  }
  return [...entries, await bundleOf(entries)];
}

const isKept = (pattern: string, path: string): boolean => matchesGlob(path, pattern) || path.startsWith(`${pattern}/`);

/** What the script of ca-certificates would make: all of them in one file, in the order of their names. */
async function bundleOf(entries: readonly LayerEntry[]): Promise<LayerEntry> {
  const files = entries.filter(({ path }) => path.startsWith('usr/share/ca-certificates/')).sort((a, b) => (a.path < b.path ? -1 : 1));
  const texts = await Promise.all(
    files.flatMap(({ content }) => (typeof content === 'object' && 'file' in content ? [readFile(content.file, 'utf8')] : [])),
  );
  return { path: 'etc/ssl/certs/ca-certificates.crt', mode: 0o644, content: { text: texts.map((text) => `${text.trimEnd()}\n`).join('') } };
}

const text = (path: string, content: string): LayerEntry => ({ path, mode: 0o644, content: { text: content } });

const systemEntries: readonly LayerEntry[] = [
  text('etc/passwd', `root:x:0:0:root:/:/sbin/nologin\n${user.name}:x:${user.id}:0:STOA:${user.home}:/sbin/nologin\n`),
  text('etc/group', `root:x:0:\n`),
  text('etc/nsswitch.conf', 'passwd: files\ngroup: files\nhosts: files dns\n'),
  text(
    'etc/os-release',
    `PRETTY_NAME="STOA on packages of Debian ${debian.version}"\nID=debian\nVERSION_ID="${debian.version}"\nVERSION_CODENAME=${debian.codename}\n`,
  ),
  { path: 'tmp', mode: 0o1777, content: 'folder' },
  // The group of every user that a cluster chooses by itself is 0 (OpenShift).
  { path: user.home.slice(1), mode: 0o770, content: 'folder', uid: user.id },
];
