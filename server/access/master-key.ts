import { randomBytes } from 'node:crypto';
import { ExpectedError } from '@stoa/lib/settings.ts';
import type { Secret } from '@stoa/lib/settings.ts';
import { readIfPresent, writeDurably } from '@stoa/lib/durable-file.ts';
import type { WrapperSource } from '../secrets/key-wrappers.ts';

export type { KeyMaterial } from '../secrets/key-material.ts';

type Given = {
  readonly masterKey: Secret | undefined;
  readonly kmsCommand: string | undefined;
};

/**
 * The master key from the settings, or from the data directory, where the first start makes it when no KMS is given. A server that shares its database with
 * others must be given one or the other: there is no key material to fall back to.
 */
export async function loadMasterKey({ masterKey, kmsCommand }: Given, dataDirFile: string | undefined): Promise<WrapperSource> {
  const read = readerOf(masterKey, dataDirFile);
  const first = (await read()) ?? (kmsCommand === undefined ? await makeMasterKey(dataDirFile) : undefined);
  return {
    kmsCommand,
    // A file may hold another by now. Until that is in force, it is the one of the start that opens.
    masterKeys: async () => {
      const now = await read().catch(() => undefined);
      return [now, first].filter((key) => key !== undefined);
    },
  };
}

function readerOf(given: Secret | undefined, dataDirFile: string | undefined): () => Promise<Buffer | undefined> {
  if (given !== undefined) {
    return async () => {
      await given.reread();
      return decodeKey(given.reveal(), 'STOA_MASTER_KEY');
    };
  }
  return async () => {
    const present = dataDirFile === undefined ? undefined : await readIfPresent(dataDirFile);
    return present === undefined ? undefined : decodeKey(present.trim(), dataDirFile ?? '');
  };
}

async function makeMasterKey(dataDirFile: string | undefined): Promise<Buffer> {
  if (dataDirFile === undefined) throw new ExpectedError(masterKeyIsMissing);
  const key = randomBytes(32);
  await writeDurably(dataDirFile, `${key.toString('base64')}\n`);
  return key;
}

export const masterKeyIsMissing =
  'With DATABASE_URL, STOA_MASTER_KEY (or STOA_MASTER_KEY_FILE) or STOA_KMS_COMMAND is required: make a key with `openssl rand -base64 32`.';

export function decodeKey(text: string, where: string): Buffer {
  const key = Buffer.from(text, 'base64');
  if (key.length !== 32) throw new ExpectedError(`${where} must be the base64 of 32 bytes: make one with \`openssl rand -base64 32\`.`);
  return key;
}
