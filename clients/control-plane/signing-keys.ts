import { join } from 'node:path';
import { readIfPresent, writeDurably } from '@stoa/lib/durable-file.ts';
import type { Logger } from '@stoa/lib/log.ts';
import type { Secret } from '@stoa/lib/secret.ts';
import type { RegisterReply, SigningKey } from '@stoa/generated/schemas.ts';
import { validateSigningKey } from '@stoa/generated/validators.js';
import { isSeal, sealOf } from './seal.ts';

type Pinned = { gateway_id: string; keys: SigningKey[] };
type Options = { stateDir: string; gatewayKey: Secret; log: Logger };

/**
 * The keys that configuration must be signed with: trusted on first use, kept on disk, and from then on replaced only by a set that shares a
 * key with the one before, which is how a rotation looks. A new `gateway_id` is a new identity and begins anew.
 *
 * They are kept apart from what they verify: under a seal that is made with the gateway key, which is not in the state directory. Whoever can
 * write there, and so replace the last good configuration, cannot put a key of his own beside it (ADR-069).
 */
export class SigningKeys {
  readonly #path: string;
  readonly #gatewayKey: Secret;
  readonly #log: Logger;
  #pinned: Pinned | undefined;
  /** What the file on disk holds, as far as this process knows. */
  #kept: string | undefined;

  private constructor({ stateDir, gatewayKey, log }: Options) {
    this.#path = join(stateDir, 'signing-keys.json');
    this.#gatewayKey = gatewayKey;
    this.#log = log;
  }

  static async open(options: Options): Promise<SigningKeys> {
    const keys = new SigningKeys(options);
    await keys.#read();
    return keys;
  }

  trusted(gatewayId: string): readonly SigningKey[] {
    return this.#pinned?.gateway_id === gatewayId ? this.#pinned.keys : [];
  }

  /** Takes the keys of a registration. A disk that fails is logged: the keys hold until the process ends. */
  async learn({ gateway_id, signing_keys: keys = [] }: RegisterReply): Promise<void> {
    const before = this.trusted(gateway_id);
    if (keys.length === 0) return;
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
    await this.#keep(this.#pinned);
  }

  async #read(): Promise<void> {
    const text = await readIfPresent(this.#path);
    if (text === undefined) return;
    const { pinned, seal } = parse(text);
    if (pinned === undefined || seal === undefined || !isSeal(seal, this.#sealOf(pinned))) {
      this.#log.error(
        `${this.#path} is damaged or was not written by this instance under its gateway key: what was signed with the keys in it is not served. The keys of the next registration are trusted in its place.`,
      );
      return;
    }
    this.#pinned = pinned;
    this.#kept = text;
  }

  /** Also when the keys are the same but the gateway key is another one, so that they are good at the next start. */
  async #keep(pinned: Pinned): Promise<void> {
    const text = JSON.stringify({ ...pinned, seal: this.#sealOf(pinned) });
    if (text === this.#kept) return;
    try {
      await writeDurably(this.#path, text);
      this.#kept = text;
    } catch (error) {
      this.#log.error({ err: error }, `The signing keys could not be kept in ${this.#path}.`);
    }
  }

  #sealOf({ gateway_id, keys }: Pinned): string {
    return sealOf(this.#gatewayKey, 'stoa:pinned-signing-keys', JSON.stringify([gateway_id, keys]));
  }
}

function parse(text: string): { pinned?: Pinned; seal?: string } {
  try {
    const { gateway_id, keys, seal } = JSON.parse(text) as Partial<Pinned> & { seal?: unknown };
    if (typeof gateway_id !== 'string' || !Array.isArray(keys) || !keys.every(validateSigningKey) || typeof seal !== 'string') return {};
    return { pinned: { gateway_id, keys }, seal };
  } catch {
    return {};
  }
}
