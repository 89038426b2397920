import { AdminError } from '../../engine/admin-error.ts';
import { isRecord } from '../../engine/compare.ts';
import type { GraviteeAdmin } from './admin.ts';

/** What is told of a Gravitee besides what it holds. */
export type GraviteeNode = {
  /** That of its gateways; undefined while none is connected. */
  readonly version: string | undefined;
  /** Whether keys may be chosen. Without it no key of a consumer can be written. */
  readonly customApiKeys: boolean;
};

/** @throws AdminError when the account may not see what Connect works on: Gravitee shows it an empty list of APIs. */
export async function probeGravitee(admin: GraviteeAdmin, signal: AbortSignal): Promise<GraviteeNode> {
  const [instances, settings] = await Promise.all([admin.callV1('GET', '/instances/', { signal }), admin.callV1('GET', '/settings', { signal })]);
  const content = Array.isArray(instances['content']) ? instances['content'].filter(isRecord) : [];
  const version = content.map((instance) => /^\d+(?:\.\d+)*/.exec(String(instance['version']))?.[0]).find((text) => text !== undefined);
  if (version !== undefined && Number.parseInt(version, 10) < 4) {
    throw new AdminError('unsupported', `The gateways of this Gravitee have version ${version}, and the Gravitee adapter needs 4.4 or newer.`);
  }
  const plan = isRecord(settings['plan']) && isRecord(settings['plan']['security']) ? settings['plan']['security'] : {};
  const custom = plan['customApiKey'];
  return { version, customApiKeys: isRecord(custom) && custom['enabled'] === true };
}

export const keysRemedy =
  'This Gravitee does not let keys be chosen: switch on "Custom API Key" in the settings of its environment (plan.security.customApiKey.enabled).';
