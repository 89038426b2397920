import type { TokenEndpointResponse } from 'openid-client';
import { openCallback } from './callback.ts';
import { discoverIssuer, keptOf } from './issuer.ts';
import type { AskIssuer, KnownIssuer, SignInOffer } from './issuer.ts';
import { IssuerError, issuerError } from './issuer-error.ts';
import type { KeptToken } from './kept-token.ts';

export type DeviceCode = { readonly uri: string; readonly completeUri: string | undefined; readonly code: string; readonly expiresInS: number };
type SignIn = {
  readonly offer: SignInOffer;
  readonly ask: AskIssuer;
  /** Told to the issuer besides: which tenant is meant. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
};

const longestMs = 10 * 60_000;

/**
 * Signs a person in by the browser on this machine: code with PKCE (RFC 7636), `state`, `nonce`, the `iss` of the answer (RFC 9207), and a loopback address of its own.
 * `show` gets the address to open. Throws an `IssuerError`.
 */
export async function signInByBrowser({ offer, ask, parameters, signal }: SignIn, show: (url: string) => void): Promise<KeptToken> {
  const known = await discoverIssuer(offer, ask);
  const client = await import('openid-client');
  const [verifier, state, nonce] = [client.randomPKCECodeVerifier(), client.randomState(), client.randomNonce()];
  const callback = await openCallback(state);
  try {
    const url = client.buildAuthorizationUrl(known.configuration, {
      redirect_uri: callback.redirectUri,
      scope: offer.scopes.join(' '),
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      state,
      nonce,
      ...parameters,
    });
    show(url.href);
    const { url: answer, reply } = await callback.answer(AbortSignal.any([signal, AbortSignal.timeout(longestMs)])).catch((error: unknown) => {
      if (signal.aborted) throw error;
      throw new IssuerError('refused', 'Nobody signed in within ten minutes.');
    });
    const checks = { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: offer.scopes.includes('openid') };
    return await exchanged(known, client.authorizationCodeGrant(known.configuration, answer, checks)).then(
      (kept) => {
        reply('You are signed in. Go back to the command line; you can close this page.');
        return kept;
      },
      (error: unknown) => {
        reply('You are not signed in: the command line says why. You can close this page.');
        throw error;
      },
    );
  } finally {
    callback.close();
  }
}

/** Signs a person in by a code that he types into a browser somewhere else (RFC 8628). `show` gets what he needs for that. Throws an `IssuerError`. */
export async function signInByDevice({ offer, ask, parameters, signal }: SignIn, show: (code: DeviceCode) => void): Promise<KeptToken> {
  const known = await discoverIssuer(offer, ask);
  const { configuration } = known;
  const client = await import('openid-client');
  if (configuration.serverMetadata().device_authorization_endpoint === undefined)
    throw new IssuerError('refused', `The issuer ${offer.issuer} signs no devices in: sign in by a browser on this machine.`);
  const begun = await client.initiateDeviceAuthorization(configuration, { scope: offer.scopes.join(' '), ...parameters }).catch((error: unknown) => {
    throw issuerError(offer.issuer, error);
  });
  const { verification_uri: uri, verification_uri_complete: completeUri, user_code: code, expires_in: expiresInS } = begun;
  show({ uri, completeUri, code, expiresInS });
  const late = AbortSignal.timeout(Math.min(expiresInS * 1000, 2 * longestMs));
  // It waits as long as the issuer says, and five seconds longer at each `slow_down`.
  const polled = client.pollDeviceAuthorizationGrant(configuration, begun, undefined, { signal: AbortSignal.any([signal, late]) });
  return exchanged(known, polled).catch((error: unknown) => {
    if (late.aborted && !signal.aborted) throw new IssuerError('refused', 'The code was not typed in time.');
    throw error;
  });
}

const exchanged = (known: KnownIssuer, tokens: Promise<TokenEndpointResponse>): Promise<KeptToken> =>
  tokens.then(
    (answer) => keptOf(known, answer),
    (error: unknown) => Promise.reject(issuerError(known.issuer, error)),
  );
