import { ExpectedError } from '@stoa/lib/errors.ts';
import type { ClientBase, Pool } from 'pg';
import { namesOf, readInForce } from './key-rows.ts';
import type { InForce } from './key-rows.ts';
import { heldWrapper, isKms } from './key-wrappers.ts';
import type { WrapperSource } from './key-wrappers.ts';

/** Refuses to work on a database whose keys were wrapped by something else than this program was given: it would recognise no credential. */
export async function requireHeld(source: WrapperSource, inForce: InForce): Promise<void> {
  for (const name of namesOf(inForce)) if ((await heldWrapper(source, name)) !== undefined) return;
  throw new ExpectedError(
    isKms(inForce.fingerprint)
      ? 'The keys of this database are wrapped by a KMS: set STOA_KMS_COMMAND to the program that reaches it.'
      : 'This database was made under another master key, or its master key was exchanged since: start with the key that is in force (STOA_MASTER_KEY, or master-key in the data directory).',
  );
}

/** Only looks: a database that was never used knows no key, and takes any. */
export async function requireKnownMasterKey(database: Pick<ClientBase | Pool, 'query'>, source: WrapperSource): Promise<void> {
  const inForce = await readInForce(database);
  if (inForce !== undefined) await requireHeld(source, inForce);
}
