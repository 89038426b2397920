import { copyFile, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { platforms } from '../platforms.ts';
import { runTool } from '../tools.ts';
import type { Signer } from './signer.ts';

/** Writes a repository for dnf, yum and zypper with all `.rpm` of a folder: each package signed, and the index too. */
export async function makeRpmRepository(packages: string, out: string, signer: Signer, epochS: number): Promise<void> {
  const rpms = (await readdir(packages)).filter((file) => file.endsWith('.rpm')).sort();
  for (const { rpm: arch } of platforms) {
    const folder = join(out, arch);
    await mkdir(folder, { recursive: true });
    const copies = rpms.filter((rpm) => rpm.endsWith(`.${arch}.rpm`)).map((rpm) => [join(packages, rpm), join(folder, rpm)] as const);
    for (const [from, to] of copies) await copyFile(from, to);
    if (copies.length > 0) await runTool('rpmsign', ['--addsign', ...(await signing(signer)), ...copies.map(([, to]) => to)]);
    // Its own time, and names without digests, so that the same packages give the same index.
    const fixed = ['--revision', String(epochS), '--set-timestamp-to-revision', '--simple-md-filenames', '--no-database'];
    await runTool('createrepo_c', ['--quiet', ...fixed, folder]);
    const index = join(folder, 'repodata/repomd.xml');
    await signer.sign('--detach-sign', index, `${index}.asc`);
  }
}

async function signing({ home, fingerprint, unlock }: Signer): Promise<string[]> {
  const defines = {
    // rpm looks for it in one place alone, which another distribution has chosen.
    __gpg: (await runTool('sh', ['-c', 'command -v gpg'])).trim(),
    _gpg_name: fingerprint,
    _gpg_path: home,
    _gpg_digest_algo: 'sha512',
    // rpm puts these into a command line of words between spaces, in which an empty word would be none.
    _gpg_sign_cmd_extra_args: unlock.filter((word, at) => word !== '' && !(word === '--passphrase' && unlock[at + 1] === '')).join(' '),
  };
  return Object.entries(defines).flatMap(([name, value]) => ['--define', `${name} ${value}`]);
}
