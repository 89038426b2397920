import { constants } from 'node:fs';
import { access, lstat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { writeDurably } from '@stoa/lib/durable-file.ts';
import { CommandError } from './exit-codes.ts';
import { progress } from './terminal.ts';
import type { Terminal } from './terminal.ts';

export type ExpiryOptions = { expiresIn?: number; expiresAt?: string };
export type SecretOptions = ExpiryOptions & { out?: string; force?: boolean; output: string };
type Minted = { secret: string };

/** A secret that is made: `told` says of what, `id` names it, and `revoke` takes it back. */
type Making<T extends Minted> = {
  mint: () => Promise<T>;
  id: (minted: T) => string;
  revoke: (minted: T) => Promise<unknown>;
  told: (minted: T) => string;
};

/**
 * Has a secret made and hands it out this once: alone on stdout, for a script to take, or in a file that its owner alone can read. One whose file cannot be
 * written is revoked again.
 */
export async function handOut<T extends Minted>(terminal: Terminal, { out, force, output }: SecretOptions, making: Making<T>): Promise<void> {
  const file = out === undefined ? undefined : resolve(out);
  if (file !== undefined) await requireWritable(file, force === true);
  const minted = await making.mint();
  if (file !== undefined) await write(file, minted, making);
  const { secret, ...shown } = minted;
  if (output === 'json') terminal.out(`${JSON.stringify(file === undefined ? minted : { ...shown, file }, null, 2)}\n`);
  else if (file !== undefined) terminal.out(`${making.told(minted)}; its secret is in ${file}\n`);
  else {
    progress(terminal, `${making.told(minted)}. This is its secret, shown this once:`);
    terminal.out(`${secret}\n`);
  }
}

async function write<T extends Minted>(file: string, minted: T, { id, revoke }: Making<T>): Promise<void> {
  try {
    await writeDurably(file, `${minted.secret}\n`);
  } catch (error) {
    const isRevoked = await revoke(minted).then(
      () => true,
      () => false,
    );
    const end = isRevoked ? 'is revoked again' : `could not be revoked: end ${id(minted)} yourself`;
    throw new CommandError('failed', `The secret cannot be written, and the key that was made ${end}: ${(error as Error).message}`, { cause: error });
  }
}

/** Asked before anything is made. */
async function requireWritable(file: string, mayReplace: boolean): Promise<void> {
  const isThere = await lstat(file).then(
    () => true,
    () => false,
  );
  if (isThere && !mayReplace) throw new CommandError('conflict', `${file} is there already: --force replaces it. No key was made.`);
  await access(dirname(file), constants.W_OK).catch((error: Error) => {
    throw new CommandError('failed', `No key was made, for ${file} cannot be written: ${error.message}`, { cause: error });
  });
}

/** The `expires_at` of a request. */
export function expiryOf({ expiresIn, expiresAt }: ExpiryOptions): { expires_at?: string } {
  if (expiresIn !== undefined) return { expires_at: new Date(Date.now() + expiresIn * 1000).toISOString() };
  if (expiresAt === undefined) return {};
  const date = new Date(expiresAt);
  if (!/^\d{4}-\d\d-\d\d/.test(expiresAt) || Number.isNaN(date.getTime()))
    throw new CommandError('usage', `--expires-at takes a date, or a time such as 2027-01-31T09:00:00Z: "${expiresAt}" is neither.`);
  return { expires_at: date.toISOString() };
}
