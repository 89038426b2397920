import { randomBytes } from 'node:crypto';
import type { Pool } from 'pg';
import { ExpectedError } from '@stoa/lib/errors.ts';
import { recordCommand } from '../audit/by-command.ts';
import { makeKey, readKeys } from './key-rows.ts';
import type { WrapperSource } from './key-wrappers.ts';
import { keysChannel } from './keys-channel.ts';
import { signingKeyOf } from './signing-key.ts';

/** The contract's bound on the keys that a registration tells. */
const maxSigningKeys = 8;

/**
 * Makes the next key that configuration is signed with. Those before stay good: a runtime is given nothing under a key that it was not told of.
 * @returns its name
 */
export async function rotateSigningKey(pool: Pool, source: WrapperSource): Promise<string> {
  const known = (await readKeys(pool, undefined)).filter(({ purpose }) => purpose === 'signing');
  if (known.length >= maxSigningKeys)
    throw new ExpectedError(
      `There are ${known.length} signing keys already, of which runtimes still need the older ones: wait until some of them are given up.`,
    );
  const key = randomBytes(32);
  const { keyId } = signingKeyOf(key);
  await makeKey(pool, source, { purpose: 'signing', version: (known.at(-1)?.version ?? 0) + 1, name: keyId, key }, (client) =>
    recordCommand(client, undefined, { action: 'rotateSigningKey', key: { id: keyId, name: 'signing key' } }),
  );
  await pool.query('SELECT pg_notify($1, $2)', [keysChannel, '']);
  return keyId;
}
