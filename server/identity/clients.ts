import type { ClientMetadata } from 'oidc-provider';
import type { KeyMaterial } from '../access/master-key.ts';

/** The Console's part in the server. */
export const consoleClientId = 'stoa-console';
export const consoleCallbackPath = '/sign-in/callback';
/** The command line: a public client on the person's own machine. */
export const cliClientId = 'stoactl';

export const consoleSecret = (keys: KeyMaterial): string => keys.hmac('secret of the Console at the issuer').toString('base64url');

/** RFC 8693 §2.1. */
export const exchangeGrant = 'urn:ietf:params:oauth:grant-type:token-exchange';

/** The clients that every issuer knows. */
export const ownClients = ({ keys, publicUrl }: { keys: KeyMaterial; publicUrl: string }): ClientMetadata[] => [
  {
    client_id: consoleClientId,
    client_name: 'the STOA Console',
    client_secret: consoleSecret(keys),
    application_type: 'web',
    redirect_uris: [new URL(consoleCallbackPath, publicUrl).href],
    grant_types: ['authorization_code'],
  },
  {
    client_id: cliClientId,
    client_name: 'the command line stoactl',
    application_type: 'native',
    token_endpoint_auth_method: 'none',
    redirect_uris: ['http://127.0.0.1/callback', 'http://localhost/callback', 'http://[::1]/callback'],
    grant_types: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code', exchangeGrant],
  },
];

export const isOwnClient = (clientId: string): boolean => clientId === consoleClientId || clientId === cliClientId;
