import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ConfigurationError } from '@stoa/lib/errors.ts';
import { runMain } from '@stoa/lib/run-main.ts';
import { version as productVersion } from '@stoa/lib/version.ts';
import { buildTime } from '../build-time.ts';
import { orRefuse } from '../or-refuse.ts';
import { emptyFolder } from '../place-files.ts';
import { makeAptRepository } from './apt.ts';
import { makeRpmRepository } from './rpm.ts';
import { openSigner } from './signer.ts';
import { makeTap } from './tap.ts';

const root = join(import.meta.dirname, '../../..');
const usage = `Usage: node build/packages/repository/main.ts --url URL --key-file FILE [options]

Makes of dist/packages a folder for any web server: a signed repository for apt, one for dnf, yum and zypper, and a tap of Homebrew.

Options, and the variables that stand for them:
  --url URL               where the folder will be served (PACKAGE_REPO_URL)
  --key-file FILE         what gpg --export-secret-keys wrote (PACKAGE_REPO_KEY_FILE)
  --passphrase-file FILE  its passphrase, where it has one (PACKAGE_REPO_PASSPHRASE_FILE)
  --packages FOLDER       the packages (default dist/packages)
  --version X             their version (default ${productVersion})
  --out FOLDER            where to write; it is emptied first (default dist/package-repo)`;

await runMain(async () => {
  const order = readArguments(process.env);
  if (order === undefined) return console.log(usage);
  const { packages, out, url, version } = order;
  const epochS = await buildTime();
  const signer = await openSigner(order.keyFile, order.passphraseFile);
  try {
    await emptyFolder(out);
    await writeFile(join(out, 'stoa-packages.asc'), await signer.publicKey());
    await makeAptRepository(packages, join(out, 'apt'), signer, epochS);
    await makeRpmRepository(packages, join(out, 'rpm'), signer, epochS);
    await makeTap(packages, join(out, 'brew'), version, url, epochS);
    for (const [file, text] of Object.entries(sources(url))) await writeFile(join(out, file), text);
  } finally {
    await signer.close();
  }
  console.log(`${out} is to be served at ${url}. Its key is ${signer.fingerprint}.`);
});

/** What a machine is given to find the repositories. */
function sources(url: string): Record<string, string> {
  return {
    'stoa.sources': `Types: deb
URIs: ${url}/apt
Suites: stable
Components: main
Signed-By: /etc/apt/keyrings/stoa-packages.asc
`,
    'stoa.repo': `[stoa]
name=STOA
baseurl=${url}/rpm/$basearch
enabled=1
gpgcheck=1
repo_gpgcheck=1
gpgkey=${url}/stoa-packages.asc
`,
  };
}

type Order = { packages: string; out: string; url: string; keyFile: string; passphraseFile: string | undefined; version: string };

function readArguments(env: NodeJS.ProcessEnv): Order | undefined {
  const text = { type: 'string' } as const;
  const names = { url: text, 'key-file': text, 'passphrase-file': text, packages: text, version: text, out: text } as const;
  const { values } = orRefuse(() => parseArgs({ options: { ...names, help: { type: 'boolean', short: 'h' } }, strict: true }));
  if (values.help === true) return undefined;
  const url = values.url ?? env['PACKAGE_REPO_URL'];
  const keyFile = values['key-file'] ?? env['PACKAGE_REPO_KEY_FILE'];
  const faults = [
    ...(url === undefined
      ? ['PACKAGE_REPO_URL (--url) is required: say where the folder will be served, such as https://packages.example/stoa.']
      : []),
    ...(keyFile === undefined
      ? ['PACKAGE_REPO_KEY_FILE (--key-file) is required: name the file that gpg --export-secret-keys --armor KEY wrote.']
      : []),
  ];
  if (url === undefined || keyFile === undefined) throw new ConfigurationError(faults);
  const passphrase = values['passphrase-file'] ?? env['PACKAGE_REPO_PASSPHRASE_FILE'];
  return {
    packages: resolve(values.packages ?? join(root, 'dist/packages')),
    out: resolve(values.out ?? join(root, 'dist/package-repo')),
    url: url.replace(/\/+$/, ''),
    keyFile: resolve(keyFile),
    passphraseFile: passphrase === undefined ? undefined : resolve(passphrase),
    version: values.version ?? productVersion,
  };
}
