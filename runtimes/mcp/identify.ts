import { hash } from 'node:crypto';
import type { Caller, Snapshot } from './model.ts';

const maxKeyLength = 512;

/**
 * Who presents this consumer key; null for an unknown, expired or absent one. The key is looked up by its SHA-256, so that the time
 * taken says nothing about keys that exist. Hashing takes half a microsecond: less than a cache of keys would be worth, and none is kept.
 */
export function identify(snapshot: Snapshot, credential: string | null, nowMs: number): Caller | null {
  if (credential === null || credential === '' || credential.length > maxKeyLength) return null;
  const entry = snapshot.consumersByKeyHash.get(hash('sha256', credential, 'hex'));
  if (entry === undefined) return null;
  return entry.expiresAtMs === undefined || nowMs < entry.expiresAtMs ? entry : null;
}

/** The token of `Authorization: Bearer …` (RFC 6750 §2.1); null when the header is absent or of another scheme. */
export function bearerToken(authorization: string | undefined): string | null {
  return /^bearer +([^\s]+) *$/i.exec(authorization ?? '')?.[1] ?? null;
}
