import { join } from 'node:path';
import { readIfPresent, writeDurably } from '@stoa/lib/durable-file.ts';
import type { Logger } from '@stoa/lib/log.ts';
import type { RegisterReply, SigningKey } from '@stoa/generated/schemas.ts';
import { validateSigningKey } from '@stoa/generated/validators.js';

type Pinned = { gateway_id: string; keys: SigningKey[] };

/**
 * The keys that configuration must be signed with: trusted on first use, kept on disk, and from then on replaced only by a set that shares a
 * key with the one before, which is how a rotation looks. A new `gateway_id` is a new identity and begins anew.
 */
export class SigningKeys {
  readonly #path: string;
  readonly #log: Logger;
  #pinned: Pinned | undefined;

  private constructor(path: string, log: Logger, pinned: Pinned | undefined) {
    this.#path = path;
    this.#log = log;
    this.#pinned = pinned;
  }

  static async open(stateDir: string, log: Logger): Promise<SigningKeys> {
    const path = join(stateDir, 'signing-keys.json');
    const text = await readIfPresent(path);
    const pinned = text === undefined ? undefined : parse(text);
    if (text !== undefined && pinned === undefined) log.error(`${path} is damaged; the keys of the next registration are trusted in its place.`);
    return new SigningKeys(path, log, pinned);
  }

  trusted(gatewayId: string): readonly SigningKey[] {
    return this.#pinned?.gateway_id === gatewayId ? this.#pinned.keys : [];
  }

  /** Takes the keys of a registration. A disk that fails is logged: the keys hold until the process ends. */
  async learn({ gateway_id, signing_keys: keys = [] }: RegisterReply): Promise<void> {
    const before = this.trusted(gateway_id);
    if (keys.length === 0 || JSON.stringify(keys) === JSON.stringify(before)) return;
    if (before.length > 0 && !keys.some((key) => before.some((old) => old.public_key === key.public_key))) {
      this.#log.error(
        `The Control Plane offers signing keys that share none with those trusted so far; they are not trusted. If its keys were replaced on purpose, remove ${this.#path} and restart.`,
      );
      return;
    }
    if (this.#pinned !== undefined && this.#pinned.gateway_id !== gateway_id) {
      this.#log.warn(
        { gateway_id, before: this.#pinned.gateway_id },
        'This instance has a new identity; the signing keys that came with it are trusted.',
      );
    }
    this.#pinned = { gateway_id, keys };
    try {
      await writeDurably(this.#path, JSON.stringify(this.#pinned));
    } catch (error) {
      this.#log.error({ err: error }, `The signing keys could not be kept in ${this.#path}.`);
    }
  }
}

function parse(text: string): Pinned | undefined {
  try {
    const { gateway_id, keys } = JSON.parse(text) as Partial<Pinned>;
    return typeof gateway_id === 'string' && Array.isArray(keys) && keys.every(validateSigningKey) ? { gateway_id, keys } : undefined;
  } catch {
    return undefined;
  }
}
