import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { arch, tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { version } from '@stoa/lib/version.ts';
import { images, maxImageBytes, user } from '../../build/images/images.ts';
import { readArchive } from './archive-contents.ts';
import type { ImageOfPlatform } from './archive-contents.ts';
import { machines, readElf } from './elf.ts';

const place = mkdtempSync(join(tmpdir(), 'stoa-images-test-'));
afterAll(() => rmSync(place, { recursive: true, force: true }));
const main = join(import.meta.dirname, '../../build/images/main.ts');
const here = arch() === 'arm64' ? 'arm64' : 'amd64';

function make(folder: string): string {
  const out = join(place, folder);
  console.log(execFileSync(process.execPath, [main, '--out', out], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }));
  return out;
}
let [first, second] = ['', ''];
beforeAll(() => {
  first = make('first');
  second = make('second');
});

it('the images are the same to the byte when they are made again', () => {
  const sums = (folder: string) => readFileSync(join(folder, 'SHA256SUMS'), 'utf8');
  expect(sums(second)).toBe(sums(first));
  expect(sums(first).trim().split('\n')).toHaveLength(images.length * 3);
});

describe.each(images)('the image $name', (image) => {
  let found: ImageOfPlatform[] = [];
  beforeAll(async () => {
    found = (await readArchive(join(first, `${image.name}_${version}.tar`))).images;
  });

  it('is for both platforms, and as small as is promised', () => {
    expect(found.map(({ platform }) => platform)).toEqual(['amd64', 'arm64']);
    for (const { compressedBytes } of found) expect(compressedBytes).toBeLessThanOrEqual(maxImageBytes);
  });

  it('has no shell, no package manager, no PostgreSQL, and nothing that gives rights to who runs it', () => {
    for (const { files } of found) {
      const programs = [...files].filter(([, { header }]) => header.type === 'file' && ((header.mode ?? 0) & 0o111) !== 0).map(([path]) => path);
      expect(programs.filter((path) => !/\.so(\.|$)|^lib\/.*\/ld-|\.node$/.test(path) && path !== 'usr/local/bin/node')).toEqual([]);
      const named = [...files].filter(([, { header }]) => header.type !== 'directory').map(([path]) => path);
      expect(named.filter((path) => /(?:^|\/)(?:sh|bash|dash|busybox|apt|dpkg|npm|npx|postgres|initdb)$/.test(path))).toEqual([]);
      expect([...files.values()].filter(({ header }) => ((header.mode ?? 0) & 0o6000) !== 0)).toEqual([]);
    }
  });

  it('can be read by any user, and written by its own in two places alone', () => {
    for (const { files } of found) {
      const all = [...files].filter(([, { header }]) => header.type !== 'symlink');
      const writable = all.filter(([, { header }]) => header.uid !== 0 || ((header.mode ?? 0) & 0o022) !== 0).map(([path]) => path);
      expect(writable.sort()).toEqual(['tmp', user.home.slice(1)]);
    }
  });

  it('holds for each platform code of that platform, and every library that it needs', () => {
    for (const { platform, files } of found) {
      const names = new Set([...files.keys()].map((path) => basename(path)));
      const elves = [...files].flatMap(([path, { content }]) => {
        const elf = readElf(content);
        return elf === undefined ? [] : [{ path, ...elf }];
      });
      expect(elves.length).toBeGreaterThan(5);
      expect(elves.filter(({ machine }) => machine !== machines[platform])).toEqual([]);
      expect(elves.flatMap(({ path, needed }) => needed.filter((name) => !names.has(name)).map((name) => `${path}: ${name}`))).toEqual([]);
      expect(elves.some(({ path }) => path === 'usr/local/bin/node')).toBe(true);
      expect(elves.filter(({ path }) => path.endsWith('.node')).length).toBeGreaterThanOrEqual(image.native[platform].length);
    }
  });

  it('names in its bill of materials what of Debian, of Node.js and of npm is in it', () => {
    for (const { files } of found) {
      const bill = JSON.parse(files.get(`usr/share/doc/${image.program}/sbom.cdx.json`)?.content.toString() ?? '') as {
        components: { purl: string }[];
      };
      const purls = bill.components.map(({ purl }) => purl);
      expect(purls.filter((purl) => purl.startsWith('pkg:deb/'))).toHaveLength(6);
      expect(purls.some((purl) => purl.startsWith('pkg:npm/node-linux-'))).toBe(true);
    }
  });

  it.skipIf(process.getuid?.() !== 0)('starts as its user in a root that holds nothing else', () => {
    const one = found.find(({ platform }) => platform === here);
    const root = join(place, `root-${image.name}`);
    for (const [path, { header, content }] of one?.files ?? []) {
      const target = join(root, path);
      if (header.type === 'directory') mkdirSync(target, { recursive: true, mode: header.mode });
      else {
        mkdirSync(dirname(target), { recursive: true });
        if (header.type === 'symlink') symlinkSync(header.linkname ?? '', target);
        else writeFileSync(target, content, { mode: header.mode });
      }
    }
    const [program = '', ...args] = one?.config.config.Entrypoint ?? [];
    const env = Object.fromEntries((one?.config.config.Env ?? []).map((pair) => pair.split('=', 2) as [string, string]));
    const run = (...more: string[]) =>
      execFileSync('/usr/sbin/chroot', [`--userspec=${user.id}:0`, root, program, ...args, ...more], { env, encoding: 'utf8' });
    expect(run('--version')).toContain(version);
    rmSync(root, { recursive: true, force: true });
  });
});
