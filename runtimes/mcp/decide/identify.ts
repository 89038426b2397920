import { hash } from 'node:crypto';
import { lastOf } from '@stoa/lib/memo.ts';
import type { Caller, KeyEntry, Snapshot } from '../model.ts';

const maxKeyLength = 512;

/** Good keys in clear, as they came, with what they prove: for as long as the keys of the snapshot are the same. */
const known = new Map<string, KeyEntry>();
let knownIn: Snapshot['consumersByKeyHash'] | undefined;
const maxKnown = 4096;
/** What was asked for last and is no key of these: a token is, several times for one request. */
let lastUnknown: string | undefined;

/** Finds whose a token is that was judged; null for one that is nobody's. */
export type ByToken = (snapshot: Snapshot, credential: string) => Caller | null;

/**
 * Who presents this credential, by a consumer key or, where the door takes them, by a token.
 */
export function identify(snapshot: Snapshot, credential: string | null, nowMs: number, byToken?: ByToken): Caller | null {
  if (credential === null || credential === '') return null;
  return byKey(snapshot, credential, nowMs) ?? byToken?.(snapshot, credential) ?? null;
}

/**
 * Who presents this consumer key; null for an unknown, expired or absent one. The key is looked up by its SHA-256, so that the time
 * taken says nothing about keys that exist. One that was found is found faster the next time, which tells nothing but to whoever has it: a map
 * compares texts only where their hashes are alike, and those depend on a secret of the process.
 */
function byKey(snapshot: Snapshot, credential: string, nowMs: number): Caller | null {
  if (credential.length > maxKeyLength) return null;
  const entry = entryOf(snapshot.consumersByKeyHash, credential);
  if (entry === undefined) return null;
  return entry.expiresAtMs === undefined || nowMs < entry.expiresAtMs ? entry : null;
}

function entryOf(keys: Snapshot['consumersByKeyHash'], credential: string): KeyEntry | undefined {
  if (knownIn !== keys) {
    known.clear();
    lastUnknown = undefined;
    knownIn = keys;
  }
  const found = known.get(credential);
  if (found !== undefined) return found;
  if (credential === lastUnknown) return undefined;
  const entry = keys.get(hash('sha256', credential, 'hex'));
  if (entry === undefined) {
    lastUnknown = credential;
    return undefined;
  }
  if (known.size >= maxKnown) known.clear();
  known.set(credential, entry);
  return entry;
}

/** The token of `Authorization: Bearer …` (RFC 6750 §2.1); null when the header is absent or of another scheme. */
export const bearerToken = (authorization: string | undefined): string | null =>
  authorization === undefined ? null : (tokenAfterScheme(authorization).bearer ?? null);

/** Asked for several times for one request. */
const tokenAfterScheme = lastOf((authorization): { readonly bearer?: string; readonly dpop?: string } => {
  const [, scheme = '', token = ''] = /^(bearer|dpop) +([^\s]+) *$/i.exec(authorization) ?? [];
  return { [scheme.toLowerCase()]: token };
});

/** What `Authorization` presents: as a bearer's, or with a proof beside it (RFC 9449 §7.1); null when the header is absent or of another scheme. */
export function credentialIn(
  authorization: string | string[] | undefined,
): { readonly scheme: 'bearer' | 'dpop'; readonly credential: string } | null {
  if (typeof authorization !== 'string') return null;
  const { bearer, dpop } = tokenAfterScheme(authorization);
  if (bearer !== undefined) return { scheme: 'bearer', credential: bearer };
  return dpop === undefined ? null : { scheme: 'dpop', credential: dpop };
}
