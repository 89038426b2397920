import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { listen } from '@stoa/lib/listen.ts';
import Provider from 'oidc-provider';

export type SecondProvider = {
  readonly issuer: string;
  /** Makes time pass for it. */
  pass(ms: number): Promise<void>;
  stop(): Promise<void>;
};

/** A provider of another house in a process of its own: it knows nothing of STOA, takes any name and password, and gives JWTs for any resource that is asked for. */
export async function startSecondProvider(): Promise<SecondProvider> {
  const child = fork(fileURLToPath(import.meta.url), [], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
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
    features: {
      devInteractions: { enabled: true },
      registration: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_ctx, resource) => ({ scope: 'mcp:tools', audience: resource, accessTokenFormat: 'jwt' }),
        useGrantedResource: () => true,
      },
    },
    ttl: { AccessToken: 600, RefreshToken: 86_400, Grant: 86_400, Session: 86_400, Interaction: 3_600, IdToken: 3_600 },
    issueRefreshToken: (_ctx, client) => client.grantTypeAllowed('refresh_token'),
    rotateRefreshToken: false,
    expiresWithSession: () => false,
    pkce: { required: () => true },
    findAccount: (_ctx, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
  });
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

if (process.argv[1] === fileURLToPath(import.meta.url)) await serve();
