import http from 'node:http';
import https from 'node:https';
import { addressSet, addressesIn } from './address-rules.ts';
import type { AddressSet } from './address-rules.ts';
import type { SecureContextOptions } from 'node:tls';
import type { Secret } from './secret.ts';

/** The proxies that outgoing requests go through, as the world spells them. Their URLs may carry a password. */
export type Proxies = {
  readonly httpProxy: Secret | undefined;
  readonly httpsProxy: Secret | undefined;
  readonly noProxy: readonly string[];
};

export const noProxies: Proxies = { httpProxy: undefined, httpsProxy: undefined, noProxy: [] };

/**
 * The URL of the proxy for requests to `target`, or undefined when they go straight. HTTPS_PROXY is for https URLs, HTTP_PROXY for http ones.
 * NO_PROXY holds `*`, hosts (with their subdomains, with or without a leading dot or `*.`), addresses and CIDR blocks, each with or without a port.
 */
export function proxyFor(target: string, { httpProxy, httpsProxy, noProxy }: Proxies): string | undefined {
  const { protocol, hostname, port } = new URL(target);
  const proxy = protocol === 'https:' ? httpsProxy : httpProxy;
  if (proxy === undefined) return undefined;
  const host = hostname.replace(/^\[|\]$/g, '').replace(/\.+$/, '');
  const isDirect = noProxy.some((entry) => matches(entry.toLowerCase(), host, port || (protocol === 'https:' ? '443' : '80')));
  return isDirect ? undefined : proxy.reveal();
}

function matches(entry: string, host: string, port: string): boolean {
  const withPort = /^(?:\[(?<v6>[^\]]+)\]|(?<name>[^:]+)):(?<port>\d+)$/.exec(entry)?.groups;
  if (withPort?.['port'] !== undefined && withPort['port'] !== port) return false;
  const wanted = (withPort?.['v6'] ?? withPort?.['name'] ?? entry).replace(/^\[|\]$/g, '');
  if (wanted === '*') return true;
  const addresses = addressesIn(host);
  if (addresses !== undefined) return addresses.slice(0, 1).some((address) => blockOf(wanted)?.has(address));
  const name = wanted.replace(/^\*?\./, '').replace(/\.+$/, '');
  return host === name || host.endsWith(`.${name}`);
}

function blockOf(text: string): AddressSet | undefined {
  try {
    return addressSet([text]);
  } catch {
    return undefined;
  }
}

/** A kept-alive agent of node:http for one server, through the proxy that stands before it. `own`: the certificate that this program shows, and for how long a connection may rest, if it may. */
export function agentFor(
  target: string,
  proxies: Proxies,
  maxSockets: number,
  own: SecureContextOptions & { readonly timeout?: number; readonly keepAlive?: boolean } = {},
): http.Agent {
  const proxy = proxyFor(target, proxies);
  const secure = new URL(target).protocol === 'https:';
  const options = {
    keepAlive: true,
    maxSockets,
    ...own,
    ...(proxy !== undefined && { proxyEnv: secure ? { HTTPS_PROXY: proxy } : { HTTP_PROXY: proxy } }),
  };
  return secure ? new https.Agent(options) : new http.Agent(options);
}
