import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ExpectedError } from '@stoa/lib/errors.ts';
import { runTool } from '../tools.ts';

/** Signs with a key of whoever publishes, in a keyring of its own: nothing of it is left when it is closed. */
export type Signer = {
  readonly home: string;
  readonly fingerprint: string;
  /** What `gpg` has to be given to use the key without a person. */
  readonly unlock: readonly string[];
  /** The key that others check with, in ASCII. */
  publicKey(): Promise<string>;
  /** Signs a file: inside of a copy of it, or beside it in ASCII. */
  sign(how: '--clearsign' | '--detach-sign', file: string, to: string): Promise<void>;
  close(): Promise<void>;
};

/** Takes a file that `gpg --export-secret-keys` has written, and one that holds its passphrase where it has one. */
export async function openSigner(keyFile: string, passphraseFile: string | undefined): Promise<Signer> {
  const home = await mkdtemp(join(tmpdir(), 'stoa-sign-'));
  const gpg = (...args: string[]): Promise<string> => runTool('gpg', ['--homedir', home, '--batch', '--quiet', '--yes', ...args]);
  const close = async (): Promise<void> => {
    // The agent that gpg has started would outlive the keyring.
    await runTool('gpgconf', ['--homedir', home, '--kill', 'all'], { package: 'gnupg' }).catch(() => undefined);
    await rm(home, { recursive: true, force: true });
  };
  const unlock = ['--pinentry-mode', 'loopback', ...(passphraseFile === undefined ? ['--passphrase', ''] : ['--passphrase-file', passphraseFile])];
  try {
    await gpg(...unlock, '--import', keyFile);
    const listed = await gpg('--list-secret-keys', '--with-colons');
    const [fingerprint] = [...listed.matchAll(/^fpr:(?:[^:]*:){8}([0-9A-F]+):/gm)].map((match) => match[1]);
    if (fingerprint === undefined) throw new ExpectedError(`${keyFile} holds no secret key: write one with gpg --export-secret-keys --armor KEY.`);
    return {
      home,
      fingerprint,
      unlock,
      publicKey: () => gpg('--armor', '--export', fingerprint),
      async sign(how, file, to) {
        const armor = how === '--detach-sign' ? ['--armor'] : [];
        await gpg(...unlock, '--local-user', fingerprint, '--digest-algo', 'SHA512', ...armor, '--output', to, how, file);
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
