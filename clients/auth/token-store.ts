import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { withLock } from '@stoa/client-config/with-lock.ts';
import type { TokenPlace } from '@stoa/client-config/client-config.ts';
import { readIfPresent, writeDurably } from '@stoa/lib/durable-file.ts';
import { ExpectedError } from '@stoa/lib/errors.ts';
import type { Keyring } from './keyring.ts';
import { noKeyring, systemKeyring } from './keyring.ts';
import { parseKept } from './kept-token.ts';
import type { KeptToken } from './kept-token.ts';
import { seal, unseal } from './sealed.ts';

type FileEntry = { sealed: string } | { token: KeptToken };
type TokenFile = Record<string, FileEntry>;

/** How each place is called where a person is told of it. */
export const placeWords: Readonly<Record<TokenPlace, string>> = {
  keyring: 'the keyring of this system',
  sealed: 'a file sealed by STOA_KEYRING_PASSPHRASE',
  file: 'a file that its owner alone can read (no keyring was found, and STOA_KEYRING_PASSPHRASE is not set)',
};

/** The tokens of the contexts of one configuration file. `STOACTL_KEYRING=off`, or `STOA_KEYRING=off`, asks no keyring. */
export class TokenStore {
  readonly #path: string;
  readonly #configPath: string;
  readonly #keyring: Keyring;
  readonly #passphrase: string | undefined;

  constructor(configPath: string, env: NodeJS.ProcessEnv, keyring: Keyring = systemKeyring) {
    this.#configPath = configPath;
    this.#path = `${configPath}.tokens.json`;
    this.#keyring = (env['STOACTL_KEYRING'] || env['STOA_KEYRING']) === 'off' ? noKeyring : keyring;
    this.#passphrase = env['STOA_KEYRING_PASSPHRASE'] || undefined;
  }

  /** The file of the contexts whose tokens these are. */
  get configPath(): string {
    return this.#configPath;
  }

  /** The file for what no keyring takes. */
  get path(): string {
    return this.#path;
  }

  /** Keeps a token in the best place that there is, and in no other; answers which. */
  async keep(context: string, token: KeptToken): Promise<TokenPlace> {
    const isInKeyring = await this.#keyring.set(this.#account(context), JSON.stringify(token)).then(
      () => true,
      () => false,
    );
    if (isInKeyring) {
      await this.#changeFile((file) => omit(file, context));
      return 'keyring';
    }
    const passphrase = this.#passphrase;
    const entry = passphrase === undefined ? { token } : { sealed: seal(passphrase, context, JSON.stringify(token)) };
    await this.#changeFile((file) => ({ ...file, [context]: entry }));
    await this.#forgetInKeyring(context);
    return passphrase === undefined ? 'file' : 'sealed';
  }

  /** The token of a context, or undefined when none is kept. Throws an `ExpectedError` when it is there and cannot be had. */
  async read(context: string, place: TokenPlace): Promise<KeptToken | undefined> {
    if (place === 'keyring') {
      const text = await this.#keyring.get(this.#account(context)).catch((error: unknown) => {
        throw new ExpectedError(
          `The token of the context ${context} is in the keyring of this system, which does not answer (${(error as Error).message}): unlock it, or sign in again.`,
        );
      });
      return text === undefined ? undefined : parseKept(text);
    }
    const entry = (await this.#readFile())[context];
    if (entry === undefined) return undefined;
    if ('token' in entry) return parseKept(JSON.stringify(entry.token));
    const opened = this.#passphrase === undefined ? undefined : unseal(this.#passphrase, context, entry.sealed);
    if (opened === undefined)
      throw new ExpectedError(
        `The token of the context ${context} is sealed in ${this.#path}: set STOA_KEYRING_PASSPHRASE to the passphrase that it was sealed with, or sign in again.`,
      );
    return parseKept(opened);
  }

  /** Removes a token from where it is. What a keyring that is away still holds is told by an `ExpectedError`. */
  async remove(context: string, place: TokenPlace): Promise<void> {
    if (place !== 'keyring') {
      await this.#changeFile((file) => omit(file, context));
      return this.#forgetInKeyring(context);
    }
    await this.#keyring.remove(this.#account(context)).catch((error: unknown) => {
      throw new ExpectedError(`The keyring of this system does not give the token of the context ${context} away (${(error as Error).message}).`);
    });
  }

  /** A keyring that took no token may hold one from before; one that is away still is asked again when the token is removed. */
  async #forgetInKeyring(context: string): Promise<void> {
    await this.#keyring.remove(this.#account(context)).catch(() => {});
  }

  /** Two configuration files may each have a context of the same name. */
  #account(context: string): string {
    return `${context} (${this.#configPath})`;
  }

  async #readFile(): Promise<TokenFile> {
    const text = await readIfPresent(this.#path);
    if (text === undefined || text.trim() === '') return {};
    try {
      return JSON.parse(text) as TokenFile;
    } catch {
      throw new ExpectedError(`${this.#path} is damaged: remove it and sign in again.`);
    }
  }

  async #changeFile(change: (file: TokenFile) => TokenFile): Promise<void> {
    await mkdir(dirname(this.#path), { recursive: true, mode: 0o700 });
    await withLock(this.#path, async () => {
      const before = await this.#readFile();
      const after = change(before);
      if (JSON.stringify(before) !== JSON.stringify(after)) await writeDurably(this.#path, `${JSON.stringify(after, null, 2)}\n`);
    });
  }
}

const omit = (file: TokenFile, context: string): TokenFile => Object.fromEntries(Object.entries(file).filter(([name]) => name !== context));
