import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parse } from 'node:querystring';
import { SignJWT, exportJWK, generateKeyPair } from 'jose';
import type { JWTHeaderParameters, JWTPayload } from 'jose';
import Provider from 'oidc-provider';
import type { ClientMetadata, Configuration } from 'oidc-provider';

/**
 * An OpenID provider of a company, in a process of its own: it has nothing of ours, and keeps all in memory. The test that started it says by messages who there is and what is asked of it.
 */
export type Someone = { sub: string; name?: string; email?: string; groups?: string[]; acr?: string; isDisabled?: boolean };
export type Command =
  | { do: 'serve'; clients: ClientMetadata[]; audience: string }
  | { do: 'person'; person: Someone }
  | { do: 'sign'; payload: JWTPayload; header?: Partial<JWTHeaderParameters> }
  | { do: 'fail'; isAway: boolean };

// It keeps all in memory, and says so.
console.warn = () => {};
console.info = () => {};
const { privateKey } = await generateKeyPair('RS256', { extractable: true });
const jwk = { ...(await exportJWK(privateKey)), kid: 'second', alg: 'RS256', use: 'sig' };
const people = new Map<string, Someone>();
let provider: Provider | undefined;
let isAway = false;

const server = createServer((request, response) => {
  if (isAway) return void request.socket.destroy();
  const uid = /^\/interaction\/([\w-]+)$/.exec(request.url ?? '')?.[1];
  if (uid === undefined) return void provider?.callback()(request, response);
  void interact(uid, request, response);
});

async function interact(uid: string, ...[request, response]: Parameters<Provider['interactionDetails']>): Promise<void> {
  const details = await provider?.interactionDetails(request, response);
  if (details?.prompt.name === 'consent') return provider?.interactionFinished(request, response, { consent: {} });
  if (request.method === 'GET') {
    response.setHeader('content-type', 'text/html');
    response.end(`<h1>Second issuer</h1><form method="post" action="/interaction/${uid}"><input name="login"></form>`);
    return;
  }
  const { login } = parse((await request.toArray()).join(''));
  const person = people.get(String(login));
  const result =
    person && !person.isDisabled ? { login: { accountId: person.sub, ...(person.acr && { acr: person.acr }) } } : { error: 'access_denied' };
  await provider?.interactionFinished(request, response, result);
}

const configuration = (clients: ClientMetadata[], audience: string): Configuration => ({
  clients,
  jwks: { keys: [jwk] },
  responseTypes: ['code'],
  conformIdTokenClaims: false,
  acrValues: ['urn:example:mfa', 'urn:example:password'],
  claims: { openid: ['sub', 'acr', 'groups'], profile: ['name'], email: ['email'] },
  cookies: { keys: ['second'] },
  pkce: { required: () => true },
  // Signing out here has to reach who is registered for it, on loopback as it may be.
  fetch: (url, options) => fetch(url, { ...options, dispatcher: undefined } as RequestInit),
  features: {
    devInteractions: { enabled: false },
    deviceFlow: { enabled: true },
    revocation: { enabled: true },
    backchannelLogout: { enabled: true },
    rpInitiatedLogout: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: (_ctx, client) => (client.clientId === 'stoactl' ? audience : undefined),
      getResourceServerInfo: () => ({ scope: 'openid', audience, accessTokenFormat: 'jwt', jwt: { sign: { alg: 'RS256' } } }),
      useGrantedResource: () => true,
    },
  },
  ttl: { AccessToken: 300, AuthorizationCode: 60, Grant: 3600, IdToken: 300, Interaction: 300, RefreshToken: 3600, Session: 3600 },
  issueRefreshToken: () => true,
  rotateRefreshToken: true,
  interactions: { url: (_ctx, { uid }) => `/interaction/${uid}` },
  findAccount: (_ctx, sub) => {
    const person = people.get(sub);
    if (!person || person.isDisabled) return undefined;
    const { isDisabled: _, ...claims } = person;
    return { accountId: sub, claims: () => Promise.resolve(claims) };
  },
  extraTokenClaims: (_ctx, token) => {
    const person = people.get('accountId' in token ? String(token.accountId) : '');
    return (
      person && { ...(person.groups && { groups: person.groups }), ...(person.acr && { acr: person.acr }), name: person.name, email: person.email }
    );
  },
  loadExistingGrant: async ({ oidc }) => {
    const grant = new oidc.provider.Grant({ accountId: oidc.session?.accountId, clientId: oidc.client?.clientId });
    grant.addOIDCScope('openid profile email');
    grant.addResourceScope(audience, 'openid');
    await grant.save();
    return grant;
  },
});

const obey = async (command: Command): Promise<unknown> => {
  if (command.do === 'serve') {
    provider = new Provider(url, configuration(command.clients, command.audience));
    provider.on('server_error', (_ctx, error) => console.error(error));
    return undefined;
  }
  if (command.do === 'person') return void people.set(command.person.sub, command.person);
  if (command.do === 'fail') return void (isAway = command.isAway);
  return new SignJWT(command.payload).setProtectedHeader({ alg: 'RS256', kid: 'second', ...command.header }).sign(privateKey);
};

process.on('message', async ({ id, command }: { id: number; command: Command }) => {
  process.send?.({ id, answer: await obey(command) });
});
process.on('disconnect', () => process.exit());
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
process.send?.({ url });
