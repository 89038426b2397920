import { mkdir, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { writeDurably } from '@stoa/lib/durable-file.ts';
import type { Logger } from '@stoa/lib/log.ts';
import type { Pool } from 'pg';
import type { KeyMaterial } from '../access/master-key.ts';
import { inviteFirstOwner } from './invitations.ts';
import { joinUrl } from './paths.ts';

/**
 * While nobody owns anything, each start makes a link for the first owner and keeps it in a file that only the operator reads, who is also told. It is good for a day, and
 * the first that is used ends all.
 */
export async function offerOwnership({
  pool,
  keys,
  publicUrl,
  file,
  log,
}: {
  pool: Pool;
  keys: KeyMaterial;
  publicUrl: string;
  file: string;
  log: Logger;
}): Promise<string | undefined> {
  const code = await inviteFirstOwner({ pool, keys });
  if (code === undefined) {
    // What lies there is good for nothing any more.
    await rm(file, { force: true }).catch(() => {});
    return undefined;
  }
  const url = joinUrl(publicUrl, code);
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await writeDurably(file, `${url}\n`);
  } catch (error) {
    log.warn(
      { file, code: (error as NodeJS.ErrnoException).code },
      'The link for the first owner cannot be kept in a file: it is printed at the start alone.',
    );
  }
  return url;
}
