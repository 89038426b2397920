import type { BoundTo } from '../../model.ts';

/** What a request proves to hold, besides what it presents. */
export type Possession = {
  /** By which scheme its token came (RFC 6750 §2.1, RFC 9449 §7.1). */
  readonly scheme: 'bearer' | 'dpop';
  /** The thumbprint of the key that it carries a good proof of, for the token that came with it. */
  readonly jkt?: string | undefined;
  /** Why its proof is none. */
  readonly fault?: ProofFault | undefined;
};

export type ProofFault =
  /** `reason` is the end of a sentence. */
  | { readonly kind: 'bad'; readonly reason: string }
  /** It lacks a nonce of ours, or has an old one. */
  | { readonly kind: 'nonce' }
  /** It cannot be said whether it was used before. */
  | { readonly kind: 'undecided' };

/** That of whoever presents a token and proves nothing. */
export const bearing: Possession = { scheme: 'bearer' };

/** What was proven when something began that still lasts: a proof is good once. */
export const provenBefore = 'proven_before';
export type Proven = Possession | typeof provenBefore;

/** Whether who presents a token holds what it is bound to. A token that is bound to no key is none for the scheme that proves one (RFC 9449 §7.1), and the other way round (§7.2). */
export function isHeld(bound: BoundTo | undefined, proven: Proven): boolean {
  if (proven === provenBefore) return true;
  if (bound?.jkt === undefined) return proven.scheme === 'bearer';
  return proven.scheme === 'dpop' && proven.jkt === bound.jkt;
}
