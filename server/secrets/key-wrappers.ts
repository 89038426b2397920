import { derive, fingerprintOf } from './derived-keys.ts';
import { decrypt, encrypt } from './gcm.ts';
import { askKms } from './kms-command.ts';

/** Wraps data keys, each for its place. */
export type KeyWrapper = {
  /** As `data_key_wrap.wrapper` has it. */
  readonly name: string;
  wrap(key: Buffer, place: string): Promise<Buffer>;
  /** Rejects for what it did not wrap. */
  unwrap(wrapped: Uint8Array, place: string): Promise<Buffer>;
};

/** What this program was given to open data keys with: a master key, a KMS, or both while one is exchanged for the other. */
export type WrapperSource = {
  /** The master key as it is by now, for a file may hold another one since, and as it was at the start. None where only a KMS was given. */
  masterKeys(): Promise<readonly Buffer[]>;
  readonly kmsCommand: string | undefined;
};

export function masterKeyWrapper(masterKey: Buffer): KeyWrapper {
  const key = derive(masterKey, 'wrapping');
  return {
    name: fingerprintOf(masterKey),
    wrap: async (dataKey, place) => encrypt(key, dataKey, place),
    unwrap: async (wrapped, place) => decrypt(key, wrapped, place),
  };
}

/** The place is not told to a KMS: that a key is unwrapped for its own is seen by its proof. */
export const kmsWrapper = (command: string, name: string): KeyWrapper => ({
  name,
  wrap: (dataKey) => askKms(command, 'wrap', dataKey),
  unwrap: (wrapped) => askKms(command, 'unwrap', wrapped),
});

export const isKms = (name: string): boolean => name.startsWith('kms:');

/** The wrapper of this name, if this program was given it. Which KMS a command reaches shows when it unwraps. */
export async function heldWrapper({ masterKeys, kmsCommand }: WrapperSource, name: string): Promise<KeyWrapper | undefined> {
  if (isKms(name)) return kmsCommand === undefined ? undefined : kmsWrapper(kmsCommand, name);
  const key = (await masterKeys()).find((one) => fingerprintOf(one) === name);
  return key && masterKeyWrapper(key);
}
