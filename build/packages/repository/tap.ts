import { copyFile, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { linuxTarball, macosTarball } from '../make-packages.ts';
import { makeFormula } from '../formula.ts';
import { platforms } from '../platforms.ts';
import { products } from '../products.ts';
import { runTool } from '../tools.ts';

/**
 * Writes a tap of Homebrew: the formulas as a repository of git that a plain web server can serve, and the tarballs that they name. One commit, dated as the build, so that
 * the same formulas give the same repository.
 */
export async function makeTap(packages: string, out: string, version: string, url: string, epochS: number): Promise<void> {
  const [work, bare, tarballs] = [join(out, '.work'), join(out, 'homebrew-stoa.git'), join(out, 'tarballs')];
  await mkdir(join(work, 'Formula'), { recursive: true });
  await mkdir(tarballs);
  const present = new Set(await readdir(packages));
  for (const product of products) {
    const [amd64 = '', arm64 = ''] = platforms.map((platform) => linuxTarball(product.name, version, platform));
    const archives = { amd64, arm64, macos: macosTarball(product.name, version) };
    if (!Object.values(archives).every((file) => present.has(file))) continue;
    for (const file of Object.values(archives)) await copyFile(join(packages, file), join(tarballs, file));
    const at = Object.fromEntries(Object.entries(archives).map(([name, file]) => [name, join(tarballs, file)])) as typeof archives;
    await makeFormula(product, version, at, `${url}/brew/tarballs`, join(work, 'Formula'));
  }
  await commit(work, epochS);
  await runTool('git', ['clone', '--quiet', '--bare', work, bare]);
  // For servers that know nothing of git.
  await runTool('git', ['-C', bare, 'update-server-info']);
  await rm(join(bare, 'hooks'), { recursive: true, force: true });
  await rm(work, { recursive: true });
}

async function commit(work: string, epochS: number): Promise<void> {
  const [who, date] = [{ name: 'STOA', email: 'stoa@localhost' }, `${epochS} +0000`];
  const env = {
    GIT_AUTHOR_NAME: who.name,
    GIT_AUTHOR_EMAIL: who.email,
    GIT_AUTHOR_DATE: date,
    GIT_COMMITTER_NAME: who.name,
    GIT_COMMITTER_EMAIL: who.email,
    GIT_COMMITTER_DATE: date,
  };
  const git = (...args: string[]): Promise<string> => runTool('git', ['-C', work, '-c', 'commit.gpgsign=false', ...args], { env });
  await git('init', '--quiet', '--initial-branch=main');
  await git('add', 'Formula');
  await git('commit', '--quiet', '--allow-empty', '--message', 'Formulas of STOA');
}
