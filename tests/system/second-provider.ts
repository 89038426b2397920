import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { listen } from '@stoa/lib/listen.ts';
import { decodeJwt } from 'jose';
import type { JWK } from 'jose';
import Provider, { errors } from 'oidc-provider';
import type { ClientMetadata, KoaContextWithOIDC } from 'oidc-provider';

export type SecondProvider = {
  readonly issuer: string;
  /** Makes time pass for it. */
  pass(ms: number): Promise<void>;
  stop(): Promise<void>;
};

/** What it knows of gateways: one that shows a secret, and one that signs. */
export const gatewayClients = {
  secret: { client_id: 'a gateway', client_secret: 'with:odd %characters' },
  signing: { client_id: 'a signing gateway' },
} as const;
const exchangeGrant = 'urn:ietf:params:oauth:grant-type:token-exchange';

/** A provider of another house in a process of its own: it knows nothing of STOA, takes any name and password, and gives JWTs for any resource that is asked for, good for `tokenS` seconds. */
export async function startSecondProvider(signingKey?: object, tokenS = 600): Promise<SecondProvider> {
  const child = fork(fileURLToPath(import.meta.url), [String(tokenS), ...(signingKey === undefined ? [] : [JSON.stringify(signingKey)])], {
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const [issuer] = (await once(child, 'message')) as [string];
  return {
    issuer,
    async pass(ms) {
      child.send(ms);
      await once(child, 'message');
    },
    async stop() {
      child.disconnect();
      await once(child, 'exit');
    },
  };
}

/** The settings are those of its own documentation, for clients that register themselves. */
async function serve(): Promise<void> {
  const server = createServer();
  const issuer = await listen(server, { host: '127.0.0.1', port: 0 });
  const provider = new Provider(issuer, {
    clientDefaults: { application_type: 'native', grant_types: ['authorization_code', 'refresh_token'] },
    extraClientMetadata: { properties: ['house_rules'], validator: (_ctx, _key, _value, metadata) => void delete metadata['scope'] },
    scopes: ['openid', 'offline_access'],
    clients: clientsOf(process.argv[3]),
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: true },
      registration: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_ctx, resource) => ({ scope: 'mcp:tools', audience: resource, accessTokenFormat: 'jwt' }),
        useGrantedResource: () => true,
      },
    },
    ttl: { AccessToken: Number(process.argv[2]), RefreshToken: 86_400, Grant: 86_400, Session: 86_400, Interaction: 3_600, IdToken: 3_600 },
    issueRefreshToken: (_ctx, client) => client.grantTypeAllowed('refresh_token'),
    rotateRefreshToken: false,
    expiresWithSession: () => false,
    pkce: { required: () => true },
    findAccount: (_ctx, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
  });
  provider.registerGrantType(exchangeGrant, (ctx) => exchange(provider, ctx), [
    'subject_token',
    'subject_token_type',
    'requested_token_type',
    'audience',
    'resource',
  ]);
  const answer = provider.callback();
  server.on('request', (request, response) => void answer(request, response));
  const now = Date.now.bind(Date);
  let passed = 0;
  Date.now = () => now() + passed;
  process.on('message', (ms: number) => {
    passed += ms;
    process.send?.('passed');
  });
  process.on('disconnect', () => process.exit(0));
  process.send?.(issuer);
}

/** `signingKey` is the public key of the one that signs, as a JSON Web Key. */
function clientsOf(signingKey: string | undefined): ClientMetadata[] {
  const machine = { grant_types: ['client_credentials', exchangeGrant], redirect_uris: [], response_types: [] };
  const { secret, signing } = gatewayClients;
  if (signingKey === undefined) return [{ ...machine, ...secret }];
  const jwks = { keys: [JSON.parse(signingKey) as JWK] };
  return [
    { ...machine, ...secret },
    { ...machine, ...signing, token_endpoint_auth_method: 'private_key_jwt', jwks },
  ];
}

/** RFC 8693 in short: a token of its own for another resource, of the same person. */
async function exchange(provider: Provider, ctx: KoaContextWithOIDC): Promise<void> {
  const { subject_token: subject, resource } = ctx.oidc.params as Record<string, string>;
  const { client } = ctx.oidc;
  const { sub } = decodeJwt(String(subject));
  if (sub === 'nobody') throw new errors.InvalidGrant('nobody acts for nobody');
  const token = new provider.AccessToken({ accountId: String(sub), client: client as NonNullable<typeof client>, scope: 'mcp:tools' } as never);
  token.resourceServer = new provider.ResourceServer(String(resource), { scope: 'mcp:tools', audience: String(resource), accessTokenFormat: 'jwt' });
  const access_token = await token.save();
  ctx.body = { access_token, token_type: 'Bearer', issued_token_type: 'urn:ietf:params:oauth:token-type:access_token', expires_in: token.expiration };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await serve();
