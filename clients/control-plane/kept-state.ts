import type { ConfigItem } from '@stoa/generated/schemas.ts';
import type { Logger } from '@stoa/lib/log.ts';
import type { Secret } from '@stoa/lib/secret.ts';
import type { Owner } from './kept-form.ts';
import { LastKnownGood } from './last-known-good.ts';
import { SigningKeys } from './signing-keys.ts';
import { wholeItems } from './whole-items.ts';

/**
 * The last configuration that an instance applied, read from its state directory beside the process that it belongs to: nothing is locked and nothing is written. Undefined when
 * there is none that proves itself, of which the log says why.
 */
export async function readKeptState(options: {
  stateDir: string;
  owner: Owner;
  gatewayKey: Secret;
  log: Logger;
}): Promise<{ gateway_id: string; items: ConfigItem[] } | undefined> {
  const keys = await SigningKeys.open(options);
  const state = await new LastKnownGood({ ...options, readOnly: true }).load(keys);
  return state && { gateway_id: state.gateway_id, items: wholeItems(state) };
}
