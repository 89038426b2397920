import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';
import type { Server } from 'node:net';
import { memoOf } from './memo.ts';
import { setting } from './setting.ts';

const describe =
  'Addresses of proxies whose X-Forwarded-For or Forwarded tells who called, as 10.0.0.7 or 10.0.0.0/8. Whose bad credentials are slowed, and whom an address restriction lets in, follow it.';
const proxyFault = (ranges: readonly string[]): string | undefined => {
  const wrong = ranges.find((range) => parseRange(range) === undefined);
  return wrong === undefined ? undefined : `must hold addresses or ranges such as 10.0.0.0/8 or fd00::/8, which ${wrong} is not`;
};

/** The setting of every program that listens: spread it into its table. */
export const proxySettings = { trustedProxies: setting.list({ default: [], describe, check: proxyFault }) };

/** What stands for the address of whoever connects to a socket in a folder. */
export const unixPeer = 'unix';

/** The same setting of programs that listen on a socket in a folder too. */
export const proxySettingsWithSocket = {
  trustedProxies: setting.list({
    default: [],
    describe: `${describe} unix stands for who connects to STOA_SOCKET.`,
    check: (ranges) => proxyFault(ranges.filter((range) => range !== unixPeer)),
  }),
};

const ofSockets = new WeakSet<object>();

/** Has the connections of a server that listens on a socket in a folder known as such: an address is what they lack, as do those that have ended. */
export const knowUnixPeers = (server: Server): unknown => server.prependListener('connection', (socket: object) => ofSockets.add(socket));

type Range = { readonly address: string; readonly family: 'ipv4' | 'ipv6'; readonly bits: number };

function parseRange(text: string): Range | undefined {
  const [address = '', bitsText, ...rest] = text.split('/');
  const version = isIP(address);
  if (version === 0 || rest.length > 0) return undefined;
  const most = version === 4 ? 32 : 128;
  const bits = bitsText === undefined ? most : /^\d{1,3}$/.test(bitsText) ? Number(bitsText) : NaN;
  return bits >= 0 && bits <= most ? { address, family: version === 4 ? 'ipv4' : 'ipv6', bits } : undefined;
}

/** No chain of proxies is as long. */
const maxHops = 32;

/** What of a request tells where it comes from. */
export type RequestOrigin = Pick<IncomingMessage, 'socket' | 'headers'>;

/**
 * Tells under which address to count what a client does wrong: that of its connection, or, where that is a trusted proxy's, the first from
 * the right in `X-Forwarded-For` or `Forwarded` (RFC 7239) that is none of theirs. What a client wrote itself stands further left. Where the two
 * headers disagree, one of them is the client's own, and the proxy's address counts. Of IPv6 the network counts, for a host has all of its addresses, unless the
 * `whole` address is asked for.
 */
export function clientAddresses(trustedProxies: readonly string[], { whole = false } = {}): (request: RequestOrigin) => string {
  const told = whole ? (address: string) => address : networkOf;
  const readForwarded = forwardedAddresses(trustedProxies);
  return (request) => told(readForwarded(request) ?? peerOf(request) ?? 'unknown');
}

/**
 * Tells the whole address of whose request the peer, a trusted proxy, tells, by the same rules. Undefined where the peer is not trusted, or tells of nobody: where
 * the question is whose request another asks about, the address of who asks is no answer.
 */
export function forwardedAddresses(trustedProxies: readonly string[]): (request: RequestOrigin) => string | undefined {
  const isTrusted = trustOf(trustedProxies);
  const furthest = (peer: string, chain: readonly (string | undefined)[]): string | undefined => {
    let address: string | undefined;
    for (const hop of chain.slice(-maxHops).reverse()) {
      if (hop === undefined || !isTrusted(address ?? peer)) break;
      address = hop;
    }
    return address;
  };
  return (request) => {
    const peer = peerOf(request);
    if (peer === undefined || !isTrusted(peer)) return undefined;
    const { 'x-forwarded-for': xff, forwarded } = request.headers;
    const chains = [
      ...(typeof xff === 'string' ? [xff.split(',').map(addressOf)] : []),
      ...(forwarded === undefined ? [] : [forwarded.split(',').map(forOf)]),
    ];
    const [one, other] = chains.map((chain) => furthest(peer, chain));
    return chains.length < 2 || one === other ? one : undefined;
  };
}

/**
 * Tells the whole address that a decision on a caller goes by. It is that of the connection where the peer is no trusted proxy, or tells of nobody at all; where a
 * proxy hides the client, or its two headers disagree, of which the client may have written one, there is none: the proxy's own may be one that is let in.
 */
export function decidingAddresses(trustedProxies: readonly string[]): (request: RequestOrigin) => string | undefined {
  const isTrusted = trustOf(trustedProxies);
  const readForwarded = forwardedAddresses(trustedProxies);
  return (request) => {
    const peer = peerOf(request);
    const { 'x-forwarded-for': xff, forwarded } = request.headers;
    const isPeerAlone = peer === undefined || !isTrusted(peer) || (xff === undefined && forwarded === undefined);
    if (!isPeerAlone) return readForwarded(request);
    return peer === unixPeer ? undefined : peer;
  };
}

/** The address of the connection, or `unixPeer`. */
export const peerOf = ({ socket }: RequestOrigin): string | undefined => (ofSockets.has(socket) ? unixPeer : peerAt(socket.remoteAddress ?? ''));

/** Whether an address is that of one of these proxies. */
export function trustOf(proxies: readonly string[]): (address: string) => boolean {
  if (proxies.length === 0) return () => false;
  const trusted = new BlockList();
  for (const range of proxies.map(parseRange)) if (range !== undefined) trusted.addSubnet(range.address, range.bits, range.family);
  const trustsSockets = proxies.includes(unixPeer);
  return (address) => (address === unixPeer ? trustsSockets : trusted.check(address, isIP(address) === 4 ? 'ipv4' : 'ipv6'));
}

/** The `for` of one element of `Forwarded`; undefined where a proxy hides it. */
function forOf(element: string): string | undefined {
  const pair = element.split(';').find((part) => /^\s*for\s*=/i.test(part));
  return pair === undefined
    ? undefined
    : addressOf(
        pair
          .slice(pair.indexOf('=') + 1)
          .trim()
          .replace(/^"(.*)"$/, '$1'),
      );
}

/** An address without brackets, port and zone, IPv4 in its own form; undefined for what is none. */
function addressOf(text: string): string | undefined {
  const trimmed = text.trim();
  const bare = /^\[([^\]]*)\](?::\d+)?$/.exec(trimmed)?.[1] ?? /^(\d+\.\d+\.\d+\.\d+):\d+$/.exec(trimmed)?.[1] ?? trimmed;
  const address = bare
    .replace(/%.*$/, '')
    .toLowerCase()
    .replace(/^::ffff:(?=\d+\.)/, '');
  return isIP(address) === 0 ? undefined : address;
}

const peerAt = memoOf(addressOf);

/** IPv4 as it is, of IPv6 the first 64 bits. */
function networkOf(address: string): string {
  if (isIP(address) !== 6) return address;
  const [head = '', tail] = address.split('::');
  const groups = head === '' ? [] : head.split(':');
  const missing = tail === undefined ? 0 : 8 - groups.length - (tail === '' ? 0 : tail.split(':').length);
  const whole = [...groups, ...Array.from({ length: Math.max(0, missing) }, () => '0'), ...(tail ? tail.split(':') : [])];
  return `${whole
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':')}::/64`;
}
