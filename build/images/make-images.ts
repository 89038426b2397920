import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ExpectedError } from '@stoa/lib/errors.ts';
import { emptyFolder } from '../packages/place-files.ts';
import { writeArchive, writePlatformImage } from './archive.ts';
import type { PlatformImage } from './archive.ts';
import { baseEntries } from './base-layer.ts';
import { maxImageBytes } from './images.ts';
import type { Image } from './images.ts';
import { writeLayer } from './layer.ts';
import type { Layer } from './layer.ts';
import { buildForImages, nodeEntries, programEntries } from './program-layers.ts';
import { imageSbom } from './sbom.ts';

export type ImageOrder = {
  readonly images: readonly Image[];
  readonly platforms: readonly ('amd64' | 'arm64')[];
  readonly registry: string;
  readonly version: string;
  readonly epochS: number;
  /** For what is only on the way. */
  readonly place: string;
  readonly out: string;
};

export type MadeImage = {
  readonly name: string;
  readonly reference: string;
  readonly digest: string;
  readonly bytes: Readonly<Record<string, number>>;
};

/** Makes `<name>_<version>.tar` of each image, and its bills of materials, in one folder. */
export async function makeImages(order: ImageOrder): Promise<MadeImage[]> {
  const { platforms, place, epochS } = order;
  const blobs = await emptyFolder(join(place, 'blobs'));
  const shared: Partial<Record<string, readonly Layer[]>> = {};
  for (const platform of platforms) {
    const base = await writeLayer(blobs, await baseEntries(platform, join(place, `debian-${platform}`)), epochS);
    shared[platform] = [base, await writeLayer(blobs, await nodeEntries(platform), epochS)];
  }
  const made: MadeImage[] = [];
  for (const image of order.images) made.push(await makeImage(order, image, blobs, shared));
  return made;
}

async function makeImage(order: ImageOrder, image: Image, blobs: string, shared: Partial<Record<string, readonly Layer[]>>): Promise<MadeImage> {
  const { platforms, version, epochS, place, out, registry } = order;
  const program = await buildForImages(image, version, join(place, 'dist'));
  const made: PlatformImage[] = [];
  const bytes: Record<string, number> = {};
  for (const platform of platforms) {
    const sbom = await imageSbom(image, platform, program, version, epochS);
    await writeFile(join(out, `${image.name}_${version}_${platform}.cdx.json`), sbom);
    const layers = [...(shared[platform] ?? []), await writeLayer(blobs, await programEntries(image, platform, program, sbom), epochS)];
    bytes[platform] = layers.reduce((sum, { size }) => sum + size, 0);
    requireSmall(image, platform, bytes[platform]);
    made.push(await writePlatformImage(blobs, image, { platform, layers, version, epochS }));
  }
  const reference = `${registry}/${image.name}:${version}`;
  const digest = await writeArchive(join(out, `${image.name}_${version}.tar`), blobs, reference, made);
  return { name: image.name, reference, digest, bytes };
}

function requireSmall({ name }: Image, platform: string, bytes: number): void {
  if (bytes <= maxImageBytes) return;
  throw new ExpectedError(`The image ${name} for ${platform} is ${bytes} bytes to pull, and ${maxImageBytes} at most are promised.`);
}
