import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { readIfPresent, writeDurably } from '@stoa/lib/durable-file.ts';
import type { Logger } from '@stoa/lib/log.ts';
import type { GatewayConfig, SigningKey } from '@stoa/generated/schemas.ts';
import { validateSigningKey } from '@stoa/generated/validators.js';
import { verifyConfig } from './verify-config.ts';

/**
 * The last configuration that was applied and verified, on disk. It holds secrets of upstreams: mode 0600. The key that signed it stands beside
 * it, so that the file proves itself without another file being intact.
 */
export class LastKnownGood {
  readonly #path: string;
  readonly #log: Logger;

  constructor(stateDir: string, log: Logger) {
    this.#path = join(stateDir, 'last-known-good.json');
    this.#log = log;
  }

  /** To be called only after a verified apply, never at fetch: a bad document must not replace the good one (lesson 13). */
  async save(config: GatewayConfig, trustedKeys: readonly SigningKey[]): Promise<void> {
    const signingKey = trustedKeys.find(({ key_id }) => key_id === config.signature.key_id);
    await writeDurably(this.#path, JSON.stringify({ signing_key: signingKey, config }));
  }

  /** Undefined when there is none. A file that does not prove itself is moved aside, kept for who wants to know, and said. */
  async load(): Promise<GatewayConfig | undefined> {
    const text = await readIfPresent(this.#path);
    if (text === undefined) return undefined;
    const verification = verify(text);
    if ('config' in verification) return verification.config;
    const aside = `${this.#path}.damaged`;
    await rename(this.#path, aside);
    this.#log.error(`The last good configuration cannot be used: ${verification.fault}. It was moved to ${aside}; nothing is served until the Control Plane answers.`);
    return undefined;
  }
}

function verify(text: string): { config: GatewayConfig } | { fault: string } {
  try {
    const { signing_key: key, config } = JSON.parse(text) as { signing_key: unknown; config: GatewayConfig };
    return validateSigningKey(key) ? verifyConfig(JSON.stringify(config), config.gateway_id, [key]) : { fault: 'its signing key is missing' };
  } catch {
    return { fault: 'the file is not what this program wrote' };
  }
}
