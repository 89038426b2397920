import type { KeyRotationRequest } from '@stoa/generated/schemas.ts';
import { conflict } from '../errors.ts';
import { expiryOf } from './expiry.ts';
import { stateOf } from './key-rows.ts';

type Lifetime = { created_at: Date; expires_at: Date | null; revoked_at: Date | null };

const defaultOverlapS = 86_400;

/**
 * Until when a key and the one that takes its place are good. The new one lasts as long as the other was minted for, unless it is said until when; the old one
 * lives no longer than it would have.
 * @throws ApiError 409 for a key that is good for nothing any more
 */
export function rotationOf(key: Lifetime, body: KeyRotationRequest, now = Date.now()): { expiresAt: Date | null; endsAt: Date } {
  const state = stateOf(key);
  if (state !== 'valid') throw conflict(`The key is ${state}, and nothing uses it that could be given another: mint a new one.`, 'key_not_valid');
  const lifetimeMs = key.expires_at && key.expires_at.getTime() - key.created_at.getTime();
  const endsAtMs = now + (body.overlap_s ?? defaultOverlapS) * 1000;
  return {
    expiresAt: expiryOf(body) ?? (lifetimeMs === null ? null : new Date(now + lifetimeMs)),
    endsAt: new Date(Math.min(endsAtMs, key.expires_at?.getTime() ?? Infinity)),
  };
}
