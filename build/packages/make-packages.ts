import { readdir, readFile, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { packageFolders, thirdPartyLicences } from '../licences.ts';
import { buildProgram } from '../main.ts';
import { makeDeb } from './deb.ts';
import { makeExecutable } from './executable.ts';
import { makeFormula } from './formula.ts';
import type { Built } from './installed-files.ts';
import { lockedPackage } from './locked-package.ts';
import { makeNpmPackage } from './npm-package.ts';
import { emptyFolder } from './place-files.ts';
import { platforms } from './platforms.ts';
import type { Platform } from './platforms.ts';
import type { Product } from './products.ts';
import { makeRpm } from './rpm.ts';
import { makeSbom } from './sbom.ts';
import { bundleScript } from './script.ts';
import type { Script } from './script.ts';
import { entryOf, makeTarball } from './tarball.ts';
import type { Entry } from './tarball.ts';
import { runTool } from './tools.ts';

const root = join(import.meta.dirname, '../..');

export const kinds = ['tarball', 'deb', 'rpm', 'npm', 'formula'] as const;
export type Kind = (typeof kinds)[number];

export type Order = {
  readonly products: readonly Product[];
  readonly platforms: readonly Platform[];
  readonly kinds: readonly Kind[];
  readonly version: string;
  readonly epochS: number;
  /** Where the archives of a formula will be. */
  readonly url: string;
  /** For what is only on the way. */
  readonly place: string;
  readonly out: string;
};

export const linuxTarball = (name: string, version: string, platform: Platform): string => `${name}_${version}_linux_${platform.name}.tar.gz`;
export const macosTarball = (name: string, version: string): string => `${name}_${version}_macos.tar.gz`;

/** Makes what is ordered, all of it in one folder. */
export async function makePackages(order: Order): Promise<void> {
  for (const product of order.products) {
    const place = await emptyFolder(join(order.place, product.name));
    const script = await bundleScript(product, order.version);
    for (const platform of order.platforms) await makeForPlatform(order, product, platform, script, await emptyFolder(join(place, platform.name)));
    await makeForAll(order, product, place);
  }
}

async function makeForPlatform(order: Order, product: Product, platform: Platform, script: Script, place: string): Promise<void> {
  const { version, epochS, out } = order;
  const wants = (kind: Kind): boolean => order.kinds.includes(kind);
  if (!wants('tarball') && !wants('deb') && !wants('rpm')) return;
  const built: Built = {
    product,
    version,
    epochS,
    executable: await makeExecutable(product, platform, script.text, place),
    sbom: await makeSbom(product, platform, version, script.inputs, epochS),
    licences: await licencesOf(product, platform, script),
    help: await helpOf(script, place),
  };
  await writeFile(join(out, `${product.name}_${version}_${platform.name}.cdx.json`), built.sbom);
  await Promise.all([
    wants('tarball') && makeLinuxTarball(built, platform, out),
    wants('deb') && makeDeb(built, platform, place, out),
    wants('rpm') && makeRpm(built, platform, place, out),
  ]);
}

async function makeForAll(order: Order, product: Product, place: string): Promise<void> {
  const { version, epochS, out, url } = order;
  if (!order.kinds.some((kind) => kind !== 'deb' && kind !== 'rpm')) return;
  await buildProgram(product.name, { dist: place, version });
  const bundle = join(place, product.name);
  if (order.kinds.includes('tarball')) await makeMacosTarball(product, version, bundle, epochS, out);
  if (order.kinds.includes('npm') && !product.isService) await makeNpmPackage(product, version, bundle, place, out);
  if (!order.kinds.includes('formula')) return;
  const [amd64 = '', arm64 = ''] = platforms.map((platform) => join(out, linuxTarball(product.name, version, platform)));
  await makeFormula(product, version, { amd64, arm64, macos: join(out, macosTarball(product.name, version)) }, url, out);
}

async function makeLinuxTarball({ product, version, epochS, executable, sbom, licences }: Built, platform: Platform, out: string): Promise<void> {
  const { name } = product;
  const entries: Entry[] = [
    { name, mode: 0o755, content: await readFile(executable) },
    await entryOf(root, 'LICENSE'),
    { name: 'THIRD-PARTY-LICENCES.txt', mode: 0o644, content: licences },
    { name: 'sbom.cdx.json', mode: 0o644, content: sbom },
  ];
  await makeTarball(join(out, linuxTarball(name, version, platform)), `${name}-${version}`, entries, epochS);
}

/** The program's folder, and a launcher that finds Homebrew's Node.js. The keyring is that of macOS, for both of its processors. */
async function makeMacosTarball({ name, hasKeyring }: Product, version: string, bundle: string, epochS: number, out: string): Promise<void> {
  const ours = await entriesOf(bundle, (path) => !path.endsWith('.map') && !/^node_modules\/@napi-rs\/keyring-/.test(path));
  const keyrings = hasKeyring ? ['@napi-rs/keyring-darwin-arm64', '@napi-rs/keyring-darwin-x64'] : [];
  const native = keyrings.map(async (keyring) =>
    (await entriesOf(await lockedPackage(keyring))).map((entry) => ({ ...entry, name: `node_modules/${keyring}/${entry.name}` })),
  );
  const launcher = { name: `bin/${name}`, mode: 0o755, content: await readFile(join(import.meta.dirname, 'files/macos-launcher')) };
  await makeTarball(join(out, macosTarball(name, version)), `${name}-${version}`, [launcher, ...ours, ...(await Promise.all(native)).flat()], epochS);
}

async function entriesOf(folder: string, isWanted: (path: string) => boolean = () => true): Promise<Entry[]> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = found.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
  return Promise.all(paths.filter(isWanted).map((path) => entryOf(folder, path)));
}

async function licencesOf({ hasKeyring }: Product, platform: Platform, { inputs }: Script): Promise<string> {
  const carried = [platform.node, ...(hasKeyring ? [platform.keyring] : [])];
  const bundled = packageFolders(inputs).map((folder) => join(root, folder));
  return thirdPartyLicences([...bundled, ...(await Promise.all(carried.map(lockedPackage)))]);
}

/** What the program says of itself, with nothing in it of the machine that it is built on. */
async function helpOf({ text }: Script, place: string): Promise<string> {
  const path = join(place, 'help.cjs');
  await writeFile(path, text);
  const said = await runTool(process.execPath, [path, '--help']);
  return said.replaceAll(`default ${hostname()}`, 'default the name of the machine');
}
