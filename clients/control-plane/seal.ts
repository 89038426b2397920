import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import type { Secret } from '@stoa/lib/secret.ts';

/**
 * Proves that a text in the state directory was written by somebody who has the gateway key, which is not kept there. Each purpose has a key of its
 * own, so that no sealed text passes for another kind.
 */
export function sealOf(gatewayKey: Secret, purpose: string, text: string): string {
  const key = Buffer.from(hkdfSync('sha256', gatewayKey.reveal(), '', purpose, 32));
  return createHmac('sha256', key).update(text).digest('base64url');
}

export function isSeal(given: string, right: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(right)];
  return one.length === other.length && timingSafeEqual(one, other);
}
