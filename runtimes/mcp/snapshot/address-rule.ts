import { addressesIn, addressSet } from '@stoa/lib/address-rules.ts';
import type { AddressSet } from '@stoa/lib/address-rules.ts';
import type { IpRestrictionConfig } from '@stoa/generated/schemas.ts';
import type { AddressRule } from '../model.ts';

/** An `ip_restriction`: `deny` wins over `allow`, and without `allow` all others are admitted. Throws for text that is no address and no range. */
export class IpRestriction implements AddressRule {
  readonly config: IpRestrictionConfig;
  readonly #allowed: AddressSet | undefined;
  readonly #denied: AddressSet;

  constructor(config: IpRestrictionConfig) {
    this.config = config;
    this.#allowed = config.allow && addressSet(config.allow);
    this.#denied = addressSet(config.deny ?? []);
  }

  admits(address: string): boolean {
    // An IPv4 address in the clothes of an IPv6 one is denied as what it is.
    const [spelt, ...inner] = addressesIn(address) ?? [];
    if (spelt === undefined || [spelt, ...inner].some((each) => this.#denied.has(each))) return false;
    return this.#allowed === undefined || this.#allowed.has(spelt);
  }
}
