import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fileOf, folders, here, versions } from './built.ts';

const place = mkdtempSync(join(tmpdir(), 'stoa-contents-'));
afterAll(() => rmSync(place, { recursive: true, force: true }));
const products = ['stoa-connect', 'stoactl'];
const maxDebBytes = 25_000_000;

describe('two builds of the same sources', () => {
  it('are the same to the byte, every file of them', () => {
    const sums = (folder: string) => readFileSync(join(folder, 'SHA256SUMS'), 'utf8');
    expect(sums(folders.again)).toBe(sums(folders.newer));
    expect(spawnSync('sha256sum', ['--check', '--quiet', 'SHA256SUMS'], { cwd: folders.newer }).status).toBe(0);
  });
});

describe.each(products)('%s', (product) => {
  const file = (end: string) => fileOf(folders.newer, new RegExp(`^${product}[_-]${versions.newer.replaceAll('.', '\\.')}.*${end}$`));

  it('is a .deb of 25 MB at most, with which the lint of Debian finds no fault', () => {
    const deb = file('\\.deb');
    expect(statSync(deb).size).toBeLessThanOrEqual(maxDebBytes);
    const { status, stdout } = spawnSync('lintian', ['--tag-display-limit', '0', '--fail-on', 'error', deb], { encoding: 'utf8' });
    expect([status, stdout.split('\n').filter((line) => line.startsWith('E:'))]).toEqual([0, []]);
  });

  it('tells of what it is made: each package of its script, and Node.js with what is in that', () => {
    const sbom = JSON.parse(readFileSync(file(`${here.name}\\.cdx\\.json`), 'utf8')) as {
      bomFormat: string;
      metadata: { component: { name: string; version: string } };
      components: { name: string; version: string; hashes?: unknown[]; components?: { name: string }[] }[];
    };
    expect([sbom.bomFormat, sbom.metadata.component]).toMatchObject(['CycloneDX', { name: product, version: versions.newer }]);
    const node = sbom.components.find(({ name }) => name === here.node);
    expect(node?.version).toBe(process.versions.node);
    expect(node?.components?.map(({ name }) => name)).toEqual(expect.arrayContaining(['openssl', 'v8', 'zlib']));
    expect(sbom.components.filter(({ hashes }) => hashes === undefined)).toEqual([]);
    expect(sbom.components.some(({ name }) => name === 'pino' || name === 'commander')).toBe(true);
  });

  it('is a tarball with one executable, which runs where it is unpacked', () => {
    execFileSync('tar', ['-xzf', file(`linux_${here.name}\\.tar\\.gz`), '-C', place]);
    const folder = join(place, `${product}-${versions.newer}`);
    expect(readdirSync(folder).sort()).toEqual(['LICENSE', 'THIRD-PARTY-LICENCES.txt', product, 'sbom.cdx.json'].sort());
    const { stdout } = spawnSync(join(folder, product), ['--version'], { encoding: 'utf8', env: { NODE_OPTIONS: '--no-such-option' } });
    expect(stdout).toContain(versions.newer);
    rmSync(folder, { recursive: true });
  });

  it('is a tarball for macOS, whose launcher runs it under the Node.js on PATH', () => {
    execFileSync('tar', ['-xzf', file('macos\\.tar\\.gz'), '-C', place]);
    const launcher = join(place, `${product}-${versions.newer}/bin`, product);
    const env = { PATH: `${join(process.execPath, '..')}:/usr/bin:/bin` };
    expect(spawnSync(launcher, ['--version'], { encoding: 'utf8', env }).stdout).toContain(versions.newer);
  });
});

describe('stoactl from npm', () => {
  beforeAll(() => {
    const archive = fileOf(folders.newer, /^stoactl-[0-9.]+\.tgz$/);
    execFileSync('npm', ['install', '--prefix', place, '--no-audit', '--no-fund', archive], { stdio: 'ignore' });
  });

  it('is on the PATH, and has the keyring of this platform', () => {
    expect(spawnSync(join(place, 'node_modules/.bin/stoactl'), ['version'], { encoding: 'utf8' }).stdout).toContain(`stoactl ${versions.newer}`);
    expect(existsSync(join(place, 'node_modules', here.keyring))).toBe(true);
  });
});
