import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as CDX from '@cyclonedx/cyclonedx-library';
import { packageFolders } from '../licences.ts';
import { lockedIntegrity, lockedPackage } from './locked-package.ts';
import type { Platform } from './platforms.ts';
import type { Product } from './products.ts';

const root = join(import.meta.dirname, '../..');
const { Enums, Models, Serialize, Spec } = CDX;

type Manifest = { name: string; version: string; license?: string; description?: string };

/**
 * The bill of materials of an executable, in CycloneDX JSON: each package of npm that the script was made of, and Node.js with the libraries inside of it. The same
 * input gives the same bytes, so that there is no serial number, and the time is that of the build.
 */
export async function makeSbom(product: Product, platform: Platform, version: string, inputs: readonly string[], epochS: number): Promise<string> {
  const bom = new Models.Bom();
  bom.metadata.timestamp = new Date(epochS * 1000);
  const subject = new Models.Component(Enums.ComponentType.Application, product.name, {
    version,
    bomRef: product.name,
    description: product.summary,
  });
  subject.licenses.add(licence('Apache-2.0'));
  bom.metadata.component = subject;
  const folders = packageFolders(inputs).map((folder) => join(root, folder));
  const names = [platform.node, ...(product.hasKeyring ? [platform.keyring] : [])];
  const carried = await Promise.all(names.map((name) => lockedPackage(name)));
  for (const folder of [...folders, ...carried]) {
    const component = await componentOf(folder);
    if (folder === carried[0]) addLibraries(component);
    bom.components.add(component);
    subject.dependencies.add(component.bomRef);
  }
  const serializer = new Serialize.JsonSerializer(new Serialize.JSON.Normalize.Factory(Spec.Spec1dot6));
  return `${serializer.serialize(bom, { sortLists: true, space: 2 })}\n`;
}

/** A package of npm, by its folder, with the digest that the lockfile pins. */
export async function componentOf(folder: string): Promise<InstanceType<typeof Models.Component>> {
  const manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Manifest;
  const { name, version, license, description } = manifest;
  const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`;
  const [group, short] = name.startsWith('@') ? (name.split('/', 2) as [string, string]) : [undefined, name];
  const component = new Models.Component(Enums.ComponentType.Library, short, {
    version,
    bomRef: purl,
    purl,
    ...(group !== undefined && { group }),
    ...(description !== undefined && { description }),
  });
  if (license !== undefined) component.licenses.add(licence(license));
  const [algorithm, digest] = (await lockedIntegrity(name, version))?.split('-', 2) ?? [];
  if (algorithm === 'sha512' && digest !== undefined) {
    component.hashes.set(Enums.HashAlgorithm['SHA-512'], Buffer.from(digest, 'base64').toString('hex'));
  }
  return component;
}

/** What Node.js was built with is in the same file. Both platforms are built of the same sources, so that this one tells of the other. */
export function addLibraries(node: InstanceType<typeof Models.Component>): void {
  const notLibraries = new Set(['node', 'modules', 'napi', 'unicode', 'cldr', 'tz']);
  for (const [name, version] of Object.entries(process.versions)) {
    if (version === undefined || notLibraries.has(name)) continue;
    node.components.add(new Models.Component(Enums.ComponentType.Library, name, { version, bomRef: `node/${name}@${version}` }));
  }
}

export const licence = (text: string) => new CDX.Contrib.License.Factories.LicenseFactory(() => undefined).makeFromString(text);
