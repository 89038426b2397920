import { execFile } from 'node:child_process';
import { access, constants, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { ExpectedError } from '@stoa/lib/errors.ts';

const run = promisify(execFile);

/** Who runs PostgreSQL. `undefined` ids mean: whoever runs us. */
export type Account = { uid: number; gid: number } | undefined;
export type Command = { file: string; args: string[]; ids: { uid: number; gid: number } | Record<string, never> };

/**
 * PostgreSQL refuses to run as root. When we are root it runs as whoever owns an existing cluster, else as `postgres`,
 * else as `nobody`: no account is added to a machine for the sake of a first run.
 */
export async function chooseAccount(clusterDir: string): Promise<Account> {
  const owner = await stat(clusterDir).catch(() => undefined);
  const own = process.getuid?.();
  if (own === undefined) return undefined;
  if (own !== 0) {
    if (owner !== undefined && owner.uid !== own) {
      throw new ExpectedError(
        `The database in ${clusterDir} belongs to another user (uid ${owner.uid}): start as that user, or choose another data directory.`,
      );
    }
    return undefined;
  }
  if (owner !== undefined && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  const account = (await lookUp('postgres')) ?? (await lookUp('nobody'));
  if (account === undefined) {
    throw new ExpectedError(
      'PostgreSQL does not run as root and this machine has neither a user postgres nor nobody: start as an ordinary user, or set DATABASE_URL.',
    );
  }
  return account;
}

async function lookUp(name: string): Promise<Account> {
  const id = async (flag: string) => Number((await run('id', [flag, name])).stdout);
  return Promise.all([id('-u'), id('-g')]).then(
    ([uid, gid]) => ({ uid, gid }),
    () => undefined,
  );
}

/**
 * How to run a program as `account` so that it reaches `paths`. Where a folder on the way is closed to that account (a
 * checkout under /root, mode 0700), it gets the one capability that opens it, CAP_DAC_OVERRIDE, through setpriv(1):
 * still less than we, its parent, hold.
 */
export async function commandAs(account: Account, file: string, args: string[], paths: string[]): Promise<Command> {
  if (account === undefined) return { file, args, ids: {} };
  const closed = await firstClosed(account, [file, ...paths]);
  if (closed === undefined) return { file, args, ids: account };
  const capability = '-all,+dac_override';
  const setpriv = await findSetpriv();
  if (setpriv === undefined) {
    throw new ExpectedError(
      `PostgreSQL does not run as root, and the user it runs as (uid ${account.uid}) cannot enter ${closed}: open that folder, start as an ordinary user, or set DATABASE_URL.`,
    );
  }
  const privileges = [
    `--reuid=${account.uid}`,
    `--regid=${account.gid}`,
    '--clear-groups',
    `--inh-caps=${capability}`,
    `--ambient-caps=${capability}`,
    `--bounding-set=${capability}`,
  ];
  return { file: setpriv, args: [...privileges, '--', file, ...args], ids: {} };
}

async function findSetpriv(): Promise<string | undefined> {
  for (const path of ['/usr/bin/setpriv', '/bin/setpriv']) {
    if (
      await access(path, constants.X_OK).then(
        () => true,
        () => false,
      )
    )
      return path;
  }
  return undefined;
}

async function firstClosed(account: { uid: number; gid: number }, paths: string[]): Promise<string | undefined> {
  for (const path of paths) {
    for (let at = path; ; at = dirname(at)) {
      const { mode, uid, gid } = await stat(at);
      const shift = uid === account.uid ? 6 : gid === account.gid ? 3 : 0;
      if (((mode >> shift) & 1) === 0) return at;
      if (at === dirname(at)) break;
    }
  }
  return undefined;
}
