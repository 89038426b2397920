import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { pack } from 'tar-stream';
import { entrypointOf, user, usualEnv } from './images.ts';
import type { Image } from './images.ts';
import type { Layer } from './layer.ts';

/** One platform's image among the blobs of a layout. */
export type PlatformImage = {
  readonly platform: 'amd64' | 'arm64';
  readonly manifest: Descriptor;
  readonly configDigest: string;
  readonly layers: readonly Layer[];
};

type Descriptor = { readonly mediaType: string; readonly digest: string; readonly size: number };

const types = {
  index: 'application/vnd.oci.image.index.v1+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar+gzip',
} as const;

const histories = ['libraries, certificates and time zones of Debian', 'Node.js', 'the program'] as const;

/** What a container is started with (OCI image specification, "Image Configuration"). */
export function configOf(image: Image, version: string): object {
  return {
    User: `${user.id}:0`,
    Env: Object.entries({ ...usualEnv, ...image.env }).map(([name, value]) => `${name}=${value}`),
    Entrypoint: entrypointOf(image),
    WorkingDir: user.home,
    ...(image.port !== undefined && { ExposedPorts: { [`${image.port}/tcp`]: {} } }),
    StopSignal: 'SIGTERM',
    Labels: labelsOf(image, version),
  };
}

const labelsOf = ({ title }: Image, version: string) => ({
  'org.opencontainers.image.licenses': 'Apache-2.0',
  'org.opencontainers.image.title': title,
  'org.opencontainers.image.version': version,
});

/** Writes configuration and manifest of an image for one platform among the blobs, which hold its layers. */
export async function writePlatformImage(
  blobs: string,
  image: Image,
  { platform, layers, version, epochS }: { platform: 'amd64' | 'arm64'; layers: readonly Layer[]; version: string; epochS: number },
): Promise<PlatformImage> {
  const created = new Date(epochS * 1000).toISOString();
  const config = await writeBlob(blobs, types.config, {
    created,
    architecture: platform,
    os: 'linux',
    config: configOf(image, version),
    rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) },
    history: layers.map((_, at) => ({ created, created_by: 'make images', comment: histories[at] ?? '' })),
  });
  const manifest = await writeBlob(blobs, types.manifest, {
    schemaVersion: 2,
    mediaType: types.manifest,
    config,
    layers: layers.map(({ digest, size }) => ({ mediaType: types.layer, digest, size })),
    annotations: labelsOf(image, version),
  });
  return { platform, manifest, configDigest: config.digest, layers };
}

async function writeBlob(blobs: string, mediaType: string, content: object): Promise<Descriptor> {
  const bytes = Buffer.from(JSON.stringify(content));
  const digest = createHash('sha256').update(bytes).digest('hex');
  await writeFile(join(blobs, digest), bytes);
  return { mediaType, digest: `sha256:${digest}`, size: bytes.length };
}

/**
 * Writes an archive in the layout of the OCI image specification, whose one entry is an index over the platforms, and with the `manifest.json` of `docker load`.
 * A Docker that keeps images by itself knows no index: it gets the first platform under the name, and each under the name with the platform behind it.
 */
export async function writeArchive(out: string, blobs: string, reference: string, platforms: readonly PlatformImage[]): Promise<string> {
  const index = await writeBlob(blobs, types.index, {
    schemaVersion: 2,
    mediaType: types.index,
    manifests: platforms.map(({ platform, manifest }) => ({ ...manifest, platform: { architecture: platform, os: 'linux' } })),
  });
  const tag = reference.slice(reference.lastIndexOf(':') + 1);
  const names = { 'io.containerd.image.name': reference, 'org.opencontainers.image.ref.name': tag };
  const blobPath = (digest: string): string => `blobs/sha256/${digest.slice('sha256:'.length)}`;
  const docker = platforms.map(({ platform, configDigest, layers }, at) => ({
    Config: blobPath(configDigest),
    RepoTags: [...(at === 0 ? [reference] : []), `${reference}-${platform}`],
    Layers: layers.map(({ digest }) => blobPath(digest)),
  }));
  await writeTar(out, blobs, usedBlobs(index, platforms), {
    'index.json': JSON.stringify({ schemaVersion: 2, mediaType: types.index, manifests: [{ ...index, annotations: names }] }),
    'manifest.json': JSON.stringify(docker),
    'oci-layout': '{"imageLayoutVersion":"1.0.0"}',
  });
  return index.digest;
}

/** Those of other images lie there too. */
function usedBlobs(index: Descriptor, platforms: readonly PlatformImage[]): Set<string> {
  const digests = platforms.flatMap(({ manifest, configDigest, layers }) => [manifest.digest, configDigest, ...layers.map(({ digest }) => digest)]);
  return new Set([index.digest, ...digests].map((digest) => digest.slice('sha256:'.length)));
}

async function writeTar(out: string, blobs: string, used: ReadonlySet<string>, texts: Readonly<Record<string, string>>): Promise<void> {
  const archive = pack();
  const written = pipeline(archive, createWriteStream(out));
  const header = (name: string) => ({ name, mode: 0o644, mtime: new Date(0), uid: 0, gid: 0, uname: '', gname: '' });
  for (const [name, text] of Object.entries(texts)) archive.entry(header(name), text);
  for (const folder of ['blobs', 'blobs/sha256']) archive.entry({ ...header(`${folder}/`), mode: 0o755, type: 'directory' });
  for (const name of (await readdir(blobs)).filter((each) => used.has(each)).sort()) {
    const bytes = await readFile(join(blobs, name));
    await new Promise<void>((resolve, reject) => {
      archive.entry(header(`blobs/sha256/${name}`), bytes, (error) => (error instanceof Error ? reject(error) : resolve()));
    });
  }
  archive.finalize();
  await written;
}
