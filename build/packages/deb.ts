import { createHash } from 'node:crypto';
import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { installedFiles, packedBytes, systemVersion, template } from './installed-files.ts';
import type { Built, InstalledFile } from './installed-files.ts';
import { placeFiles, settle } from './place-files.ts';
import type { Platform } from './platforms.ts';
import { runTool } from './tools.ts';

export const maintainer = 'The STOA contributors <stoa-platform@users.noreply.github.com>';

/** What Debian's lint has against a program that brings its Node.js along, and why it stays. */
const overrides = (
  name: string,
) => `# Node.js is built with its libraries inside, as its project publishes it: it runs on each distribution, and is updated as a whole.
${name}: embedded-library *
# So is its place in memory.
${name}: hardening-no-pie *
`;

/** Makes `<name>_<version>_<architecture>.deb` in a folder, and answers its path. */
export async function makeDeb(built: Built, platform: Platform, place: string, out: string): Promise<string> {
  const { product, version, epochS } = built;
  const { name } = product;
  const root = join(place, 'deb');
  const documents: InstalledFile[] = [
    { path: `/usr/share/doc/${name}/changelog.gz`, mode: 0o644, content: { bytes: packedBytes(changelog(built)) } },
    { path: `/usr/share/lintian/overrides/${name}`, mode: 0o644, content: { text: overrides(name) } },
  ];
  const files = [...(await installedFiles(built)), ...documents];
  await placeFiles(root, files);
  await writeControl(join(root, 'DEBIAN'), built, platform, root, files);
  await settle(root, epochS);
  const path = join(out, `${name}_${version}_${platform.name}.deb`);
  // One thread: with more, what is packed depends on how many there are.
  const env = { SOURCE_DATE_EPOCH: String(epochS), DPKG_DEB_THREADS_MAX: '1' };
  await runTool('dpkg-deb', ['--root-owner-group', '-Zxz', '--build', root, path], { env });
  return path;
}

async function writeControl(folder: string, built: Built, platform: Platform, root: string, files: readonly InstalledFile[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  const write = async (file: string, text: string, mode: number): Promise<void> => {
    await writeFile(join(folder, file), text);
    await chmod(join(folder, file), mode);
  };
  const bytes = await Promise.all(files.map(async ({ path }) => (await stat(join(root, path))).size));
  await write('control', control(built, platform, Math.ceil(bytes.reduce((sum, size) => sum + size, 0) / 1024)), 0o644);
  await write('md5sums', await digests(root, files), 0o644);
  const configuration = files.filter(({ isConfiguration }) => isConfiguration);
  if (configuration.length > 0) await write('conffiles', configuration.map(({ path }) => `${path}\n`).join(''), 0o644);
  for (const [script, text] of Object.entries(await scripts(built))) await write(script, text, 0o755);
}

/** Node.js is built on a distribution with glibc 2.28, which all that are supported have. Breaks: before 247 systemd gives no credentials, and before 246 its notices may get lost. */
function control({ product, version }: Built, platform: Platform, sizeKiB: number): string {
  const depends = [
    'libc6 (>= 2.28)',
    'libgcc-s1 (>= 3.4)',
    'libstdc++6 (>= 6)',
    ...(product.isService ? ['init-system-helpers (>= 1.52)', 'passwd'] : []),
  ];
  return `Package: ${product.name}
Version: ${systemVersion(version)}
Architecture: ${platform.name}
Maintainer: ${maintainer}
Installed-Size: ${sizeKiB}
Depends: ${depends.sort().join(', ')}
${product.isService ? 'Breaks: systemd (<< 247)\n' : ''}Section: ${product.isService ? 'net' : 'utils'}
Priority: optional
Description: ${product.summary}
${wrapped(product.description)}
`;
}

/** A paragraph as a control file wants it: each line begins with a space. */
function wrapped(text: string): string {
  const lines: string[] = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1) ?? '';
    if (line.length + word.length > 75) lines.push(` ${word}`);
    else lines[lines.length - 1] = `${line} ${word}`;
  }
  return lines.join('\n');
}

/** MD5 is what dpkg looks for: it tells a file that was damaged, not one that was forged. */
async function digests(root: string, files: readonly InstalledFile[]): Promise<string> {
  const shipped = files.filter(({ isConfiguration }) => !isConfiguration).map(({ path }) => path.slice(1));
  const lines = shipped.sort().map(
    async (path) =>
      `${createHash('md5')
        .update(await readFile(join(root, path)))
        .digest('hex')}  ${path}\n`,
  );
  return (await Promise.all(lines)).join('');
}

async function scripts(built: Built): Promise<Record<string, string>> {
  const { product } = built;
  const preinst = await template('deb-preinst', built);
  if (!product.isService) return { preinst };
  const user = (await template(`${product.name}/user.sh`, built)).trimEnd().replace(/^/gm, '  ');
  return {
    preinst,
    postinst: (await template(`${product.name}/deb-postinst`, built)).replace('@USER@', user),
    prerm: await template(`${product.name}/deb-prerm`, built),
    postrm: await template(`${product.name}/deb-postrm`, built),
  };
}

/** Debian wants one of its form. What changed stands in CHANGELOG.md. */
function changelog({ product, version, epochS }: Built): string {
  const day = new Date(epochS * 1000).toUTCString().replace('GMT', '+0000');
  return `${product.name} (${systemVersion(version)}) stable; urgency=medium

  * Release ${version}: see CHANGELOG.md of STOA.

 -- ${maintainer}  ${day}
`;
}
