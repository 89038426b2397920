import * as client from 'openid-client';
import { consoleClientId, consoleSecret } from './clients.ts';
import type { ConsoleWay } from './console-way.ts';
import type { IdentityContext } from './identity-context.ts';
import { issuerOf } from './paths.ts';
import { payloadName } from './payload-adapter.ts';

/** The Console is a client of the embedded issuer like any other. What it asks itself it asks at its own address: the public one need not be reachable from here. */
function configurationOf({ publicUrl, askItself, keys }: IdentityContext): client.Configuration {
  const issuer = issuerOf(publicUrl());
  const metadata = { issuer, authorization_endpoint: `${issuer}/auth`, token_endpoint: `${issuer}/token`, jwks_uri: `${issuer}/jwks` };
  const configuration = new client.Configuration(metadata, consoleClientId, undefined, client.ClientSecretBasic(consoleSecret(keys)));
  client.allowInsecureRequests(configuration);
  configuration[client.customFetch] = (url, { method, headers, body }) =>
    askItself(new URL(url).pathname, { method, headers, body: body?.toString() });
  return configuration;
}

export const embeddedSignIn: ConsoleWay = {
  async begin(context, { redirectUri, state, nonce, verifier }) {
    return client.buildAuthorizationUrl(configurationOf(context), {
      redirect_uri: redirectUri,
      scope: 'openid',
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      state,
      nonce,
    });
  },
  async complete(context, address, { state, nonce, verifier }) {
    const checks = { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true };
    const tokens = await client.authorizationCodeGrant(configurationOf(context), address, checks);
    return { userId: tokens.claims()?.sub ?? '', issuerSession: await sessionOf(context, tokens.access_token), refreshToken: undefined };
  },
};

/** The issuer's session that the token comes from: whoever signs out here signs out there. The token is of no other use. */
async function sessionOf(context: IdentityContext, accessToken: string): Promise<Buffer | undefined> {
  const token = await (await context.issuer()).AccessToken.find(accessToken);
  await token?.destroy();
  return token?.sessionUid === undefined ? undefined : payloadName(context.keys, token.sessionUid);
}
