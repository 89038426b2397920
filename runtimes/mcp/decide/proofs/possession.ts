import type { PresentedCertificate } from '@stoa/lib/client-certificate.ts';
import type { BoundTo } from '../../model.ts';

/** What a request proves to hold, besides what it presents. */
export type Possession = {
  /** By which scheme its token came (RFC 6750 §2.1, RFC 9449 §7.1). */
  readonly scheme: 'bearer' | 'dpop';
  /** The thumbprint of the key that it carries a good proof of, for the token that came with it. */
  readonly jkt?: string | undefined;
  /** Of whoever sent it: verified by TLS here, or by a proxy that is trusted. */
  readonly certificate?: PresentedCertificate | undefined;
  /** Why its proof is none. */
  readonly fault?: ProofFault | undefined;
  /** It was proven when something began that still lasts: a proof is good once. */
  readonly isOfBefore?: true;
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

/** That of whom something was let in that still lasts. */
export const provenBefore: Possession = { scheme: 'bearer', isOfBefore: true };

/**
 * Whether who presents a token holds what it is bound to. A token that is bound to no key is none for the scheme that proves one (RFC 9449 §7.1), and the other way round (§7.2); one that is bound
 * to a certificate comes over the connection of that certificate (RFC 8705 §3), and one that is bound to both with both.
 */
export function isHeld(bound: BoundTo | undefined, proven: Possession): boolean {
  if (proven.isOfBefore === true) return true;
  if (bound?.x5t !== undefined && bound.x5t !== proven.certificate?.thumbprint) return false;
  if (bound?.jkt === undefined) return proven.scheme === 'bearer';
  return proven.scheme === 'dpop' && proven.jkt === bound.jkt;
}
