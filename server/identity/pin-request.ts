import type { IncomingMessage } from 'node:http';

/**
 * Makes a request look as if it came by the public URL: the issuer computes its endpoints from host and protocol, and whoever sends them would choose
 * what others are told, through a cache, of where codes and tokens go. `address` is who calls, by our own reckoning.
 */
export function pinRequest({ headers }: Pick<IncomingMessage, 'headers'>, publicUrl: string, address: string): void {
  const { host, protocol } = new URL(publicUrl);
  for (const name of Object.keys(headers)) if (name === 'forwarded' || name.startsWith('x-forwarded-')) delete headers[name];
  headers.host = host;
  headers['x-forwarded-host'] = host;
  headers['x-forwarded-proto'] = protocol.slice(0, -1);
  headers['x-forwarded-for'] = address.replace(/\/\d+$/, '');
}
