import { createHash } from 'node:crypto';
import type { Breath } from '@stoa/lib/slices.ts';

const prefix = 'sha256:';
/** So many hashes are written at a time: some 130 kB. */
const perUpdate = 2000;

/** The hash of a state that serves nothing: whoever holds nothing asks for the difference to it. */
export const hashOfNothing = `${prefix}${createHash('sha256').digest('hex')}`;

/** The hash of a list of items that is sorted by id, as a manifest states it. */
export async function listHash(list: readonly { readonly hash: string }[], breath: Breath): Promise<string> {
  const hash = createHash('sha256');
  for (let from = 0; from < list.length; from += perUpdate) {
    const digits = list.slice(from, from + perUpdate).map((item) => item.hash.slice(prefix.length));
    hash.update(`${digits.join('\n')}\n`);
    if (breath.isDue()) await breath.take();
  }
  return `${prefix}${hash.digest('hex')}`;
}
