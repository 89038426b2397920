import { hash } from 'node:crypto';
import type { Caller } from '../model.ts';

/**
 * Whom what a client begins is bound to: a consumer by keys is one; of those who come by tokens each is another, by issuer and subject, and where a token names no subject whoever presents that very
 * token. Never to be shown.
 */
export function personOf({ caller: { consumerId, token }, credential }: { readonly caller: Caller; readonly credential: string }): string {
  if (token === undefined) return consumerId;
  const { sub } = token.claims;
  const subject = typeof sub === 'string' && sub !== '' ? sub : { token: hash('sha256', credential, 'base64') };
  return JSON.stringify([consumerId, token.issuer, subject]);
}
