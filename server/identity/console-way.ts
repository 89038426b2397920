import type { IdentityContext } from './identity-context.ts';

export type Checks = { state: string; nonce: string; verifier: string };
/** Whom the issuer vouches for, its session, and by which it is asked again. */
export type Vouched = { userId: string; issuerSession: Buffer | undefined; refreshToken: string | undefined };
/** How the Console signs in at an issuer. */
export type ConsoleWay = {
  begin(context: IdentityContext, checks: Checks & { redirectUri: string }, how: { isAnew: boolean }): Promise<URL>;
  complete(context: IdentityContext, address: URL, checks: Checks): Promise<Vouched>;
};
