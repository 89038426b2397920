const service = 'stoactl';

/** The keyring of the system for one account. Each method throws when there is none, or when it is locked. */
export type Keyring = {
  get(account: string): Promise<string | undefined>;
  set(account: string, text: string): Promise<void>;
  remove(account: string): Promise<void>;
};

/**
 * The keychain of macOS, the credential manager of Windows, the Secret Service of Linux. Left to itself the library takes the kernel's keys where Linux has no
 * Secret Service, which forget everything at the next start of the machine: who signed in would be signed out.
 */
export const systemKeyring: Keyring = {
  get: async (account) => (await (await entryOf(account)).getPassword()) ?? undefined,
  set: async (account, text) => (await entryOf(account)).setPassword(text),
  remove: async (account) => void (await (await entryOf(account)).deletePassword()),
};

async function entryOf(account: string) {
  const { AsyncEntry } = await import('@napi-rs/keyring');
  return new AsyncEntry(service, account, { linux: { store: 'secret-service' } });
}

/** Where nobody can unlock a keyring, as in a pipeline, none is asked. */
export const noKeyring: Keyring = {
  get: () => Promise.reject(new Error('STOA_KEYRING is off')),
  set: () => Promise.reject(new Error('STOA_KEYRING is off')),
  remove: () => Promise.reject(new Error('STOA_KEYRING is off')),
};
