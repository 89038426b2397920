import type { Secret } from '@stoa/lib/secret.ts';
import type { InstanceCredential } from '@stoa/generated/schemas.ts';

/**
 * What proves who we are: the gateway key, or the credential that the Control Plane gave this instance in its place. The latter lives
 * in memory only. It is good for a day, a restart registers with the gateway key anyway, and what is not on disk cannot be stolen from it.
 */
export class Credential {
  readonly #gatewayKey: Secret;
  #issued: string | undefined;

  constructor(gatewayKey: Secret) {
    this.#gatewayKey = gatewayKey;
  }

  /** The value for `Authorization`. */
  header(): string {
    return `Bearer ${this.#issued ?? this.#gatewayKey.reveal()}`;
  }

  replace(credential: InstanceCredential | undefined): void {
    if (credential !== undefined) this.#issued = credential.token;
  }

  /**
   * To be called after a 401 to a request that carried `header`: an issued credential is given up for the gateway key, and the gateway key
   * is read from its file again, where a rotation may have put a new one. Answers whether there is something new to try.
   */
  async refused(header: string): Promise<boolean> {
    if (header !== this.header()) return true;
    const wasIssued = this.#issued !== undefined;
    this.#issued = undefined;
    return (await this.#gatewayKey.reread()) === 'changed' || wasIssued;
  }
}
