import { createHmac } from 'node:crypto';
import type { ClientBase } from 'pg';
import { ExpectedError } from '@stoa/lib/errors.ts';
import type { KeyMaterial } from './key-material.ts';
import { readKeys, unwrapKey } from './key-rows.ts';
import type { WrapperSource } from './key-wrappers.ts';

/** For a command that makes credentials beside the servers, and needs no other key. */
export async function readCredentialHmac(db: ClientBase, source: WrapperSource): Promise<KeyMaterial['hmac']> {
  const kept = (await readKeys(db, undefined)).find(({ purpose }) => purpose === 'hmac');
  if (kept === undefined) throw new ExpectedError('This database has no keys yet: start the Control Plane on it once.');
  const key = await unwrapKey(source, kept);
  return (token) => createHmac('sha256', key).update(token).digest();
}
