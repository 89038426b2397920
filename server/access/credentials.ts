import { randomBytes } from 'node:crypto';

/** Prefixes tell leaked credentials apart, for people and for secret scanners. */
export const credentialPrefixes = {
  gatewayKey: 'stoa_gk_',
  operatorToken: 'stoa_op_',
  personalToken: 'stoa_pt_',
  consumerKey: 'stoa_ck_',
  signInCode: 'stoa_si_',
  session: 'stoa_se_',
  invitation: 'stoa_in_',
  accessToken: 'stoa_at_',
  clientSecret: 'stoa_sc_',
} as const;
export type CredentialKind = keyof typeof credentialPrefixes;

/** A new credential of 256 bits, and the part of it that may be shown later. */
export function mintCredential(kind: CredentialKind): { secret: string; hint: string } {
  const prefix = credentialPrefixes[kind];
  const secret = prefix + randomBytes(32).toString('base64url');
  return { secret, hint: secret.slice(0, prefix.length + 4) };
}
