import { createHash } from 'node:crypto';
import { copyFile, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256 } from '../checksums.ts';
import { packedBytes } from '../installed-files.ts';
import { platforms } from '../platforms.ts';
import { runTool } from '../tools.ts';
import type { Signer } from './signer.ts';

const suite = 'stable';
const component = 'main';

/** Writes a signed repository of apt with all `.deb` of a folder (wiki.debian.org, "DebianRepository/Format"). */
export async function makeAptRepository(packages: string, out: string, signer: Signer, epochS: number): Promise<void> {
  const pool = join('pool', component);
  await mkdir(join(out, pool), { recursive: true });
  const debs = (await readdir(packages)).filter((file) => file.endsWith('.deb')).sort();
  for (const deb of debs) await copyFile(join(packages, deb), join(out, pool, deb));
  const dist = join(out, 'dists', suite);
  const indexes: string[] = [];
  for (const { name } of platforms) {
    const stanzas = debs.filter((deb) => deb.endsWith(`_${name}.deb`)).map((deb) => stanza(out, join(pool, deb)));
    const text = `${(await Promise.all(stanzas)).join('\n\n')}\n`;
    const folder = `${component}/binary-${name}`;
    await mkdir(join(dist, folder), { recursive: true });
    await writeFile(join(dist, folder, 'Packages'), text);
    await writeFile(join(dist, folder, 'Packages.gz'), packedBytes(text));
    indexes.push(`${folder}/Packages`, `${folder}/Packages.gz`);
  }
  await writeFile(join(dist, 'Release'), await release(dist, indexes, epochS));
  await signer.sign('--clearsign', join(dist, 'Release'), join(dist, 'InRelease'));
  await signer.sign('--detach-sign', join(dist, 'Release'), join(dist, 'Release.gpg'));
}

/** What a package says of itself, and where it is. */
async function stanza(root: string, path: string): Promise<string> {
  const control = (await runTool('dpkg-deb', ['--field', join(root, path)])).trimEnd();
  const { size } = await stat(join(root, path));
  return `${control}\nFilename: ${path}\nSize: ${size}\nSHA256: ${await sha256(join(root, path))}`;
}

async function release(dist: string, indexes: readonly string[], epochS: number): Promise<string> {
  const lines = indexes.map(async (path) => {
    const bytes = await readFile(join(dist, path));
    return ` ${createHash('sha256').update(bytes).digest('hex')} ${bytes.length} ${path}`;
  });
  return `Origin: STOA
Label: STOA
Suite: ${suite}
Codename: ${suite}
Architectures: ${platforms.map(({ name }) => name).join(' ')}
Components: ${component}
Date: ${new Date(epochS * 1000).toUTCString().replace('GMT', 'UTC')}
SHA256:
${(await Promise.all(lines)).join('\n')}
`;
}
