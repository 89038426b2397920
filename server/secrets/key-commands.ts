import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { writeDurably } from '@stoa/lib/durable-file.ts';
import { ExpectedError } from '@stoa/lib/errors.ts';
import { createLogger } from '@stoa/lib/log.ts';
import type { Invocation } from '@stoa/lib/settings-usage.ts';
import type { Pool } from 'pg';
import { decodeKey, loadMasterKey } from '../access/master-key.ts';
import type { Settings } from '../config.ts';
import { rotateIssuerKeys } from '../identity/signing-keys.ts';
import { closePool, openPool } from '../database/connection.ts';
import { reachDatabase } from '../database/reach-database.ts';
import { abandonExchange, finishExchange, wrapByNext } from './exchange.ts';
import type { Progress } from './exchange.ts';
import { readInForce } from './key-rows.ts';
import { KeyStore } from './key-store.ts';
import { heldWrapper, isKms, kmsWrapper, masterKeyWrapper } from './key-wrappers.ts';
import type { KeyWrapper, WrapperSource } from './key-wrappers.ts';
import { rotateDataKeys } from './rotate-data-keys.ts';
import { rotateSigningKey } from './rotate-signing-key.ts';
import type { KeyOwner } from './rotate-data-keys.ts';
import { requireHeld } from './same-master-key.ts';

type Options = Invocation['options'];
type Work = {
  pool: Pool;
  source: WrapperSource;
  progress: Progress /** Where the embedded database's master key is kept, if that is the one in use. */;
  keyFile: string | undefined;
};

/** Any number but those of the other advisory locks. */
const commandLock = 72_707_372;
const connections = 3;

/** Runs a command on the database while servers may be at work on it; of these commands one at a time. */
async function onKeys(settings: Settings, work: (parts: Work) => Promise<string>): Promise<string> {
  const log = createLogger({ program: 'stoa-control-plane', level: settings.logLevel });
  const database = await reachDatabase(settings, log);
  const pool = openPool(database.url, { max: connections, log });
  try {
    const { rows } = await pool.query<{ is_ours: boolean }>(`SELECT to_regclass('data_key') IS NOT NULL AS is_ours`);
    if (rows[0]?.is_ours !== true)
      throw new ExpectedError('This database has no data keys yet: start the Control Plane of this release on it once, then run this again.');
    const file = join(settings.dataDir, 'master-key');
    const source = await loadMasterKey(settings, database.isEmbedded ? file : undefined);
    const inForce = await readInForce(pool);
    if (inForce !== undefined) await requireHeld(source, inForce);
    const keyFile = database.isEmbedded && settings.masterKey === undefined ? file : undefined;
    return await alone(pool, () => work({ pool, source, keyFile, progress: (sentence) => process.stdout.write(`${sentence}\n`) }));
  } finally {
    await closePool(pool);
    await database.leave();
  }
}

/** The lock goes with the connection, and so with the process. */
async function alone<T>(pool: Pool, work: () => Promise<T>): Promise<T> {
  const client = await pool.connect();
  client.on('error', () => {});
  try {
    const { rows } = await client.query<{ taken: boolean }>('SELECT pg_try_advisory_lock($1) AS taken', [commandLock]);
    if (rows[0]?.taken !== true)
      throw new ExpectedError('Another command is at work on the keys of this database: wait until it is done, then run this again.');
    return await work();
  } finally {
    client.release(true);
  }
}

export function rotateMasterKey(settings: Settings, options: Options): Promise<string> {
  return onKeys(settings, async (work) => {
    if (options['abandon'] === true) return abandon(work);
    if (options['finish'] === true) return finish(work, options);
    const next = await nextOf(work, options);
    if (next === undefined)
      throw new ExpectedError(
        'Say what takes the place of the master key: --new-key-file FILE or --new-kms-command PROGRAM. With --finish an exchange is completed.',
      );
    if ((await readInForce(work.pool))?.fingerprint === next.name) return finishedBefore(work, next);
    const total = await wrapByNext(work.pool, work.source, next, work.progress);
    const file = options['new-key-file'];
    if (work.keyFile === undefined || typeof file !== 'string')
      return `Both open all ${total} data keys now. Give every server of this database the new one, and restart those that have it by their environment. Then run: stoa-control-plane rotate-master-key --finish. Until then the old one is as good as the new.`;
    // The old one is good until the last step: a kill in between leaves a file that opens everything.
    await writeDurably(work.keyFile, `${(await readKeyFile(file)).toString('base64')}\n`);
    await finishExchange(work.pool, next, work.progress);
    return `The new master key opens all ${total} data keys and is in ${work.keyFile}. The old one opens nothing any more.`;
  });
}

/** A run that was killed may have left wraps of what was in force before. */
async function finishedBefore({ pool, progress }: Work, next: KeyWrapper): Promise<string> {
  const total = await finishExchange(pool, next, progress);
  return total === undefined
    ? 'This key is in force already: there is nothing to exchange.'
    : `The new key alone opens all ${total} data keys. The old one opens nothing any more.`;
}

async function abandon({ pool, progress }: Work): Promise<string> {
  return (await abandonExchange(pool, progress)) ? 'The exchange is given up: what was in force stays so.' : 'No exchange was under way.';
}

async function finish(work: Work, options: Options): Promise<string> {
  const inForce = await readInForce(work.pool);
  const name = inForce?.next ?? inForce?.fingerprint ?? '';
  const next = (await nextOf(work, options)) ?? (await heldWrapper(work.source, name));
  if (next?.name !== name)
    throw new ExpectedError('The exchange is for another key than this program was given: give it the new one, as every server has it by now.');
  const total = await finishExchange(work.pool, next, work.progress);
  return total === undefined
    ? 'No exchange is under way: there is nothing to finish.'
    : `The new key alone opens all ${total} data keys. The old one opens nothing any more.`;
}

async function nextOf({ pool }: Work, options: Options): Promise<KeyWrapper | undefined> {
  const { 'new-key-file': file, 'new-kms-command': command } = options;
  if (typeof file === 'string' && typeof command === 'string') throw new ExpectedError('Give --new-key-file or --new-kms-command, not both.');
  if (typeof file === 'string') return masterKeyWrapper(await readKeyFile(file));
  if (typeof command !== 'string') return undefined;
  const inForce = await readInForce(pool);
  if (inForce !== undefined && isKms(inForce.fingerprint))
    throw new ExpectedError(
      'One KMS is exchanged for another by way of a master key: exchange it for --new-key-file first, and that for the other KMS.',
    );
  const known = inForce?.next;
  return kmsWrapper(resolve(command), known !== undefined && isKms(known) ? known : `kms:${randomBytes(6).toString('hex')}`);
}

async function readKeyFile(file: string): Promise<Buffer> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new ExpectedError(`The new key cannot be read from ${file} (${error.code ?? error.message}): make it with \`openssl rand -base64 32\`.`);
  });
  return decodeKey(text.trim(), file);
}

export function rotateDataKeysOf(settings: Settings, { tenant }: Options): Promise<string> {
  return onKeys(settings, async ({ pool, source, progress }) => {
    const owners = await ownersOf(pool, typeof tenant === 'string' ? tenant : undefined);
    const keys = await KeyStore.open(pool, source);
    const sealed = await rotateDataKeys({ pool, source, keys, progress }, owners);
    return `${owners.length} new data keys seal everything; ${sealed} values were sealed anew. The keys before are deleted an hour after they were replaced.`;
  });
}

export function rotateSigningKeyOf(settings: Settings): Promise<string> {
  return onKeys(settings, async ({ pool, source }) => {
    const keyId = await rotateSigningKey(pool, source);
    return `The key ${keyId} signs configuration from now on, for each runtime once it has learnt it. The keys before stay good until no runtime needs them.`;
  });
}

export function rotateIssuerKeysOf(settings: Settings): Promise<string> {
  return onKeys(settings, async ({ pool, source }) => {
    const { keyId, signsFrom } = await rotateIssuerKeys(pool, await KeyStore.open(pool, source));
    return `The issuer publishes the key ${keyId} from now on, and signs with it from ${signsFrom.toISOString()}. The keys before stay published for a day after that: nobody is signed out.`;
  });
}

async function ownersOf(pool: Pool, named: string | undefined): Promise<KeyOwner[]> {
  const { rows } = await pool.query<{ id: string; name: string }>('SELECT id, name FROM tenant WHERE $1::text IS NULL OR name = $1 ORDER BY name', [
    named ?? null,
  ]);
  if (rows.length === 0) throw new ExpectedError(`There is no tenant ${named}: leave --tenant out for all.`);
  const tenants = rows.map(({ id, name }): KeyOwner => ({ tenantId: id, name: `tenant ${name}` }));
  return named === undefined ? [...tenants, { tenantId: undefined, name: 'what belongs to no tenant' }] : tenants;
}
