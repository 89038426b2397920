import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { parentId } from '../admin/store.ts';
import type { ProxyExchange } from './exchange.ts';
import { upstreamPath } from './router.ts';

/** No upstream target to send to: Kong's 503. */
export class NoPeer extends Error {}
/** The upstream took longer than the service's `read_timeout`: Kong's 504. */
export class UpstreamTimeout extends Error {}

const connectionHeaders = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'content-length',
]);
let turn = 0;

/** Sends the request to the service. Rejects with {@link NoPeer}, {@link UpstreamTimeout} or the connection's own error. */
export function callUpstream(exchange: ProxyExchange, path: string): Promise<IncomingMessage> {
  const service = exchange.match.service!;
  const { host, port } = peer(exchange, service['host'] as string, service['port'] as number);
  const secure = service['protocol'] === 'https';
  const headers: Record<string, string | string[]> = {};
  for (const [name, value] of exchange.upstreamHeaders) if (!connectionHeaders.has(name)) headers[name] = value;
  const asked = exchange.headers.host;
  headers['host'] = exchange.match.route['preserve_host'] === true && asked ? asked : port === (secure ? 443 : 80) ? host : `${host}:${port}`;
  headers['connection'] = 'keep-alive';
  if (exchange.body.length > 0) headers['content-length'] = String(exchange.body.length);
  return new Promise((resolve, reject) => {
    const options = {
      host,
      port,
      method: exchange.method,
      path: escaped(exchange.upstreamPath ?? upstreamPath(exchange.match, path)) + queryOf(exchange),
      headers,
      timeout: service['read_timeout'] as number,
    };
    const request = (secure ? https : http).request(options, resolve);
    request.on('timeout', () => request.destroy(new UpstreamTimeout()));
    request.on('error', reject);
    request.end(exchange.body);
  });
}

/** The decoded path as it goes over the wire: what is no character of a URL is escaped again. */
const escaped = (path: string): string => path.replace(/[^!-~]|["<>\\^`{|}]/gu, (character) => encodeURIComponent(character));

/** The query as it came, unless a plugin changed it: writing it anew would change its escapes. */
function queryOf({ query, rawQuery }: ProxyExchange): string {
  const text = String(new URLSearchParams(rawQuery)) === String(query) ? rawQuery : String(query);
  return text === '' ? '' : `?${text}`;
}

/** A service whose host is the name of an upstream goes to its targets in turn, weights counted as yes or no. */
function peer(exchange: ProxyExchange, host: string, port: number): { host: string; port: number } {
  const upstream = [...exchange.tables.upstreams.values()].find((row) => row['name'] === host);
  if (!upstream) return { host, port };
  const targets = [...exchange.tables.targets.values()].filter((row) => parentId(row, 'upstream') === upstream.id && (row['weight'] as number) > 0);
  turn += 1;
  const target = targets[turn % Math.max(1, targets.length)];
  if (!target) throw new NoPeer();
  const [, name = '', targetPort = '8000'] = /^(.*):(\d+)$/.exec(target['target'] as string) ?? [];
  return { host: name, port: Number(targetPort) };
}
