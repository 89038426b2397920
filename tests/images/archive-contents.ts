import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { extract } from 'tar-stream';
import type { Header } from 'tar-stream';

export type TarEntry = { readonly header: Header; readonly content: Buffer };

/** The entries of a tar, by name. */
export async function entriesOf(source: NodeJS.ReadableStream | Buffer): Promise<Map<string, TarEntry>> {
  const found = new Map<string, TarEntry>();
  const reading = extract();
  if (Buffer.isBuffer(source)) reading.end(source);
  else source.pipe(reading);
  for await (const entry of reading) {
    const chunks: Buffer[] = [];
    for await (const chunk of entry) chunks.push(chunk as Buffer);
    found.set(entry.header.name, { header: entry.header, content: Buffer.concat(chunks) });
  }
  return found;
}

type Descriptor = { digest: string; size: number; platform?: { architecture: 'amd64' | 'arm64'; os: string }; annotations?: Record<string, string> };
export type ImageOfPlatform = {
  readonly platform: 'amd64' | 'arm64';
  readonly config: {
    architecture: string;
    config: { User: string; Env: string[]; Entrypoint: string[]; ExposedPorts?: object };
    rootfs: { diff_ids: string[] };
  };
  readonly compressedBytes: number;
  /** All layers, one over the other. */
  readonly files: ReadonlyMap<string, TarEntry>;
};

/** Reads an archive as one who loads it would, and throws where a digest or a size is not that of what it names. */
export async function readArchive(path: string): Promise<{ reference: string; docker: DockerManifest; images: ImageOfPlatform[] }> {
  const archive = await entriesOf(createReadStream(path));
  const textOf = (name: string): string => archive.get(name)?.content.toString() ?? '';
  const blob = ({ digest, size }: Descriptor): Buffer => {
    const content = archive.get(`blobs/sha256/${digest.slice(7)}`)?.content;
    if (content === undefined || content.length !== size || `sha256:${sha256(content)}` !== digest) throw new Error(`${digest} is not what it says.`);
    return content;
  };
  const parsed = <T>(descriptor: Descriptor): T => JSON.parse(blob(descriptor).toString()) as T;
  const top = JSON.parse(textOf('index.json')) as { manifests: [Descriptor] };
  const index = parsed<{ manifests: Descriptor[] }>(top.manifests[0]);
  const images: ImageOfPlatform[] = [];
  for (const descriptor of index.manifests) {
    const manifest = parsed<{ config: Descriptor; layers: Descriptor[] }>(descriptor);
    const config = parsed<ImageOfPlatform['config']>(manifest.config);
    const files = new Map<string, TarEntry>();
    for (const [at, layer] of manifest.layers.entries()) {
      const tar = gunzipSync(blob(layer));
      if (`sha256:${sha256(tar)}` !== config.rootfs.diff_ids[at]) throw new Error(`The layer ${at} is not what the configuration says.`);
      for (const [name, entry] of await entriesOf(tar)) files.set(name.replace(/\/$/, ''), entry);
    }
    const compressedBytes = manifest.layers.reduce((sum, { size }) => sum + size, 0);
    images.push({ platform: descriptor.platform?.architecture ?? 'amd64', config, compressedBytes, files });
  }
  const docker = JSON.parse(textOf('manifest.json')) as DockerManifest;
  for (const { Config, Layers } of docker) for (const name of [Config, ...Layers]) if (!archive.has(name)) throw new Error(`${name} is missing.`);
  return { reference: top.manifests[0].annotations?.['io.containerd.image.name'] ?? '', docker, images };
}

export type DockerManifest = { Config: string; RepoTags: string[]; Layers: string[] }[];

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
