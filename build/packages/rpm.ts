import { copyFile, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ExpectedError } from '@stoa/lib/errors.ts';
import { maintainer } from './deb.ts';
import { installedFiles, systemVersion, template } from './installed-files.ts';
import type { Built, InstalledFile } from './installed-files.ts';
import { placeFiles, settle } from './place-files.ts';
import type { Platform } from './platforms.ts';
import { runTool } from './tools.ts';

/** Makes `<name>-<version>-1.<architecture>.rpm` in a folder, and answers its path. */
export async function makeRpm(built: Built, platform: Platform, place: string, out: string): Promise<string> {
  const { product, epochS } = built;
  const [tree, top] = [join(place, 'rpm-tree'), join(place, 'rpm')];
  const files = await installedFiles(built);
  await placeFiles(tree, files);
  await settle(tree, epochS);
  await mkdir(top, { recursive: true });
  const spec = join(top, `${product.name}.spec`);
  await writeFile(spec, await specification(built, files));
  // The tree is copied by rpm, which gives times and owners by what it is told.
  const defines = { _topdir: top, _stoa_tree: tree, ...reproducible, _dbpath: join(top, 'db') };
  const flags = Object.entries(defines).flatMap(([name, value]) => ['--define', `${name} ${value}`]);
  await runTool('rpmbuild', ['-bb', '--target', `${platform.rpm}-linux`, ...flags, spec], { env: { SOURCE_DATE_EPOCH: String(epochS) } });
  const [made] = await readdir(join(top, 'RPMS', platform.rpm));
  if (made === undefined) throw new ExpectedError('rpmbuild made no package.');
  const path = join(out, made);
  await copyFile(join(top, 'RPMS', platform.rpm, made), path);
  return path;
}

/** The machine and the minute that it is built in are in a package otherwise, and what helpers of the distribution make of the files. */
const reproducible = {
  _buildhost: 'reproducible',
  use_source_date_epoch_as_buildtime: '1',
  clamp_mtime_to_source_date_epoch: '1',
  source_date_epoch_from_changelog: '0',
  __os_install_post: '%{nil}',
  _build_id_links: 'none',
  debug_package: '%{nil}',
  // Known to each rpm that is supported, and the same for one thread and for many.
  _binary_payload: 'w6.xzdio',
};

async function specification(built: Built, files: readonly InstalledFile[]): Promise<string> {
  const { product, version } = built;
  return `Name: ${product.name}
Version: ${systemVersion(version)}
Release: 1
Summary: ${product.summary}
License: Apache-2.0
Packager: ${maintainer}
Group: Applications/System
AutoProv: no
${product.isService ? 'Requires(pre): /usr/sbin/useradd\nConflicts: systemd < 247\n' : ''}
%description
${product.description}

%install
cp -a %{_stoa_tree}/. %{buildroot}/

${await scriptlets(built)}
%files
${files.map(({ path, mode, isConfiguration }) => `${isConfiguration ? '%config(noreplace) ' : ''}%attr(${mode.toString(8).padStart(4, '0')}, root, root) ${path}`).join('\n')}
`;
}

async function scriptlets(built: Built): Promise<string> {
  const { product } = built;
  const refuse = await template('rpm-pre', built);
  if (!product.isService) return `%pre\n${refuse}`;
  const pre = `${refuse}${await template(`${product.name}/user.sh`, built)}`;
  const others = ['post', 'preun', 'postun'].map(async (name) => `%${name}\n${await template(`${product.name}/rpm-${name}`, built)}`);
  return [`%pre\n${pre}`, ...(await Promise.all(others))].join('\n');
}
