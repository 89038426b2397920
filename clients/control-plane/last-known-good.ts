import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { readIfPresent, writeDurably } from '@stoa/lib/durable-file.ts';
import type { Logger } from '@stoa/lib/log.ts';
import type { GatewayConfig, RegisterRequest } from '@stoa/generated/schemas.ts';
import type { SigningKeys } from './signing-keys.ts';
import { verifyConfig } from './verify-config.ts';
import type { Verification } from './verify-config.ts';
import type { VerifiedState } from './verified-state.ts';

/** Whose configuration it is. A state directory may be copied, or its instance be given another environment. */
export type Owner = Pick<RegisterRequest, 'instance_name' | 'environment' | 'gateway_mode'>;

/**
 * The last configuration that was applied and verified, on disk. It holds secrets of upstreams: mode 0600. It is served only when it
 * carries the signature of a key that was pinned at registration, which this file cannot say for itself. The instance that it was given to stands
 * beside it: one environment's APIs are never served in another.
 */
export class LastKnownGood {
  readonly #path: string;
  readonly #owner: Owner;
  readonly #log: Logger;

  constructor(stateDir: string, { instance_name, environment, gateway_mode }: Owner, log: Logger) {
    this.#path = join(stateDir, 'last-known-good.json');
    this.#owner = { instance_name, environment, gateway_mode };
    this.#log = log;
  }

  /** To be called only after a verified apply, never at fetch: a bad document must not replace the good one (lesson 13). */
  async save({ whole }: VerifiedState): Promise<void> {
    await writeDurably(this.#path, JSON.stringify({ owner: this.#owner, config: whole?.signed }));
  }

  /** Undefined when there is none. A file that does not prove itself is moved aside, kept for who wants to know, and said. Never throws. */
  async load(keys: Pick<SigningKeys, 'trusted'>): Promise<VerifiedState | undefined> {
    try {
      const text = await readIfPresent(this.#path);
      if (text === undefined) return undefined;
      const verification = verify(text, this.#owner, keys);
      if ('state' in verification) return verification.state;
      const moved = await this.#moveAside();
      this.#log.error(
        `The last good configuration cannot be used: ${verification.fault}. ${moved} Nothing is served until the Control Plane answers.`,
      );
    } catch (error) {
      this.#log.error(
        { err: error },
        `The last good configuration cannot be read from ${this.#path}; nothing is served until the Control Plane answers.`,
      );
    }
    return undefined;
  }

  async #moveAside(): Promise<string> {
    const aside = `${this.#path}.damaged`;
    try {
      await rename(this.#path, aside);
      return `It was moved to ${aside}.`;
    } catch (error) {
      return `It could not be moved aside (${(error as Error).message}).`;
    }
  }
}

function verify(text: string, owner: Owner, keys: Pick<SigningKeys, 'trusted'>): Verification | { fault: string } {
  try {
    const { owner: saved, config } = JSON.parse(text) as { owner?: Partial<Owner>; config: GatewayConfig };
    const other = (['instance_name', 'environment', 'gateway_mode'] as const).find((name) => saved?.[name] !== owner[name]);
    if (other !== undefined)
      return { fault: `it was given to an instance with the ${other} "${saved?.[other]}", and this one has "${owner[other]}"` };
    return verifyConfig(JSON.stringify(config), config.gateway_id, keys.trusted(config.gateway_id));
  } catch {
    return { fault: 'the file is not what this program wrote' };
  }
}
