import { join } from 'node:path';
import * as CDX from '@cyclonedx/cyclonedx-library';
import { lockedPackage } from '../packages/locked-package.ts';
import { addLibraries, componentOf, licence } from '../packages/sbom.ts';
import { debian, debianPackages } from './debian-packages.ts';
import type { Image } from './images.ts';
import { nodePackageOf } from './program-layers.ts';
import type { BuiltProgram } from './program-layers.ts';

const root = join(import.meta.dirname, '../..');
const { Enums, Models, Serialize, Spec } = CDX;

/** The bill of materials of an image for one platform, in CycloneDX JSON: Debian's packages, Node.js, and the packages of npm in the program. The same input gives the same bytes. */
export async function imageSbom(image: Image, platform: 'amd64' | 'arm64', program: BuiltProgram, version: string, epochS: number): Promise<string> {
  const bom = new Models.Bom();
  bom.metadata.timestamp = new Date(epochS * 1000);
  const subject = new Models.Component(Enums.ComponentType.Container, image.name, { version, bomRef: image.name, description: image.title });
  subject.licenses.add(licence('Apache-2.0'));
  bom.metadata.component = subject;
  const node = await componentOf(await lockedPackage(nodePackageOf(platform)));
  addLibraries(node);
  const native = await Promise.all(image.native[platform].map(async (name) => componentOf(await lockedPackage(name))));
  const bundled = await Promise.all(program.packages.map((folder) => componentOf(join(root, folder))));
  const all = [...debianPackages.map((each) => debianComponent(each, platform)), node, ...native, ...bundled];
  // npm may have put one version into several folders. Of two that are called the same the serializer calls one by a random name.
  for (const component of new Map(all.map((each) => [each.bomRef.value, each])).values()) {
    bom.components.add(component);
    subject.dependencies.add(component.bomRef);
  }
  const serializer = new Serialize.JsonSerializer(new Serialize.JSON.Normalize.Factory(Spec.Spec1dot6));
  return `${serializer.serialize(bom, { sortLists: true, space: 2 })}\n`;
}

function debianComponent(
  { name, version, files }: (typeof debianPackages)[number],
  platform: 'amd64' | 'arm64',
): InstanceType<typeof Models.Component> {
  const { path, sha256 } = files[platform];
  const arch = path.endsWith('_all.deb') ? 'all' : platform;
  const purl = `pkg:deb/debian/${encodeURIComponent(name)}@${encodeURIComponent(version)}?arch=${arch}&distro=debian-${debian.version}`;
  const component = new Models.Component(Enums.ComponentType.Library, name, { version, bomRef: purl, purl });
  component.hashes.set(Enums.HashAlgorithm['SHA-256'], sha256);
  return component;
}
