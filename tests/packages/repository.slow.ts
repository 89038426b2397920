import { execFile, execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, createReadStream, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, normalize } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { folders, versions } from './built.ts';
import { makeFreshRoot } from './fresh-root.ts';
import type { FreshRoot } from './fresh-root.ts';

const main = join(import.meta.dirname, '../../build/packages/repository/main.ts');
const place = mkdtempSync(join(tmpdir(), 'stoa-repository-'));
const out = join(place, 'repo');
let server: Server;
let url = '';
let root: FreshRoot;

beforeAll(async () => {
  server = createServer((request, response) => {
    const path = join(out, normalize(new URL(request.url ?? '/', 'http://x').pathname));
    if (!path.startsWith(out) || !existsSync(path) || !statSync(path).isFile()) return void response.writeHead(404).end();
    createReadStream(path).pipe(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const home = join(place, 'gnupg');
  mkdirSync(home, { mode: 0o700 });
  const gpg = (...args: string[]) => execFileSync('gpg', ['--homedir', home, '--batch', '--quiet', ...args], { stdio: ['ignore', 'pipe', 'ignore'] });
  writeFileSync(join(place, 'passphrase'), 'for this test alone\n');
  const unlock = ['--pinentry-mode', 'loopback', '--passphrase-file', join(place, 'passphrase')];
  gpg(...unlock, '--quick-generate-key', 'Packages <packages@localhost>', 'rsa3072', 'sign', 'never');
  writeFileSync(join(place, 'key.asc'), gpg(...unlock, '--armor', '--export-secret-keys'));
  execFileSync('gpgconf', ['--homedir', home, '--kill', 'all']);
  const env = { PACKAGE_REPO_URL: url, PACKAGE_REPO_KEY_FILE: join(place, 'key.asc'), PACKAGE_REPO_PASSPHRASE_FILE: join(place, 'passphrase') };
  // The tap is for every platform, of which only this one's tarballs were made.
  cpSync(folders.newer, join(place, 'packages'), { recursive: true });
  for (const product of ['stoa-connect', 'stoactl']) {
    for (const arch of ['amd64', 'arm64']) {
      const file = join(place, 'packages', `${product}_${versions.newer}_linux_${arch}.tar.gz`);
      if (!existsSync(file)) writeFileSync(file, 'stands for the tarball of another platform');
    }
  }
  execFileSync(process.execPath, [main, '--packages', join(place, 'packages'), '--out', out], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  root = await makeFreshRoot(['apt', 'gpgv', 'rpm']);
});
afterAll(async () => {
  server?.close();
  root?.remove();
  rmSync(place, { recursive: true, force: true });
});

const apt = (line: string) => root.run(`apt-get -q -o APT::Sandbox::User=root ${line}`);

it('is installed from by apt, which checks its signature', async () => {
  for (const folder of ['etc/apt/keyrings', 'etc/apt/sources.list.d', 'var/lib/apt/lists/partial', 'var/cache/apt/archives/partial']) {
    mkdirSync(join(root.path, folder), { recursive: true });
  }
  cpSync(join(out, 'stoa-packages.asc'), join(root.path, 'etc/apt/keyrings/stoa-packages.asc'));
  cpSync(join(out, 'stoa.sources'), join(root.path, 'etc/apt/sources.list.d/stoa.sources'));
  const updated = await apt('update');
  expect([updated.status, updated.output]).toEqual([0, expect.not.stringMatching(/^[EW]:/m)]);
  const installed = await apt('install -y stoa-connect stoactl');
  expect([installed.status, installed.output]).toEqual([0, expect.stringContaining('Setting up stoa-connect')]);
  expect((await root.run('stoactl --version; stoa-connect --version')).output).toContain(`stoa-connect ${versions.newer}`);
});

it('is refused by apt when one byte of its index is another', async () => {
  const index = join(out, 'apt/dists/stable/InRelease');
  const signed = readFileSync(index, 'utf8');
  writeFileSync(index, signed.replace('Origin: STOA', 'Origin: stoa'));
  rmSync(join(out, 'apt/dists/stable/Release.gpg'));
  try {
    expect((await apt('update')).output).toMatch(/signature/i);
  } finally {
    writeFileSync(index, signed);
  }
});

it('has packages of rpm that rpm checks and installs over the network, and an index that is signed', async () => {
  const arch = execFileSync('uname', ['-m'], { encoding: 'utf8' }).trim();
  const rpm = readdirSync(join(out, 'rpm', arch)).find((file) => file.startsWith('stoa-connect-')) ?? '';
  cpSync(join(out, 'rpm', arch, rpm), join(root.path, 'root/connect.rpm'));
  const key = await root.run(`rpm --import /etc/apt/keyrings/stoa-packages.asc && rpm --checksig --verbose /root/connect.rpm`);
  expect([key.status, key.output]).toEqual([0, expect.stringMatching(/Signature, key ID [0-9a-f]+: OK/)]);
  const repomd = join(out, 'rpm', arch, 'repodata/repomd.xml');
  cpSync(repomd, join(root.path, 'root/repomd.xml'));
  cpSync(`${repomd}.asc`, join(root.path, 'root/repomd.xml.asc'));
  execFileSync('gpg', ['--batch', '--dearmor', '--output', join(root.path, 'root/key.gpg'), join(out, 'stoa-packages.asc')]);
  expect((await root.run('gpgv --keyring /root/key.gpg /root/repomd.xml.asc /root/repomd.xml')).status).toBe(0);
});

it('has a tap that git clones from a plain web server, whose formulas name archives that are there, by what they are', async () => {
  const tap = join(place, 'tap');
  await promisify(execFile)('git', ['clone', '--quiet', `${url}/brew/homebrew-stoa.git`, tap]);
  for (const product of ['stoa-connect', 'stoactl']) {
    const formula = readFileSync(join(tap, `Formula/${product}.rb`), 'utf8');
    const named = [...formula.matchAll(/^ *url "(.+)"\n *sha256 "([0-9a-f]{64})"$/gm)].map(([, address = '', digest = '']) => ({ address, digest }));
    expect(named.map(({ address }) => address.split('/').at(-1))).toEqual(
      ['linux_amd64', 'linux_arm64', 'macos'].map((platform) => `${product}_${versions.newer}_${platform}.tar.gz`),
    );
    for (const { address, digest } of named) {
      const body = Buffer.from(await (await fetch(address)).arrayBuffer());
      expect([address, createHash('sha256').update(body).digest('hex')]).toEqual([address, digest]);
    }
  }
});
