import { BlockList } from 'node:net';
import ipaddr from 'ipaddr.js';

type IPv4 = ReturnType<typeof ipaddr.IPv4.parse>;
type IPv6 = ReturnType<typeof ipaddr.IPv6.parse>;

/** Addresses to judge, and the set that they are judged by. */
export type AddressSet = { has(address: string): boolean };

/** A set of CIDR blocks and single addresses. Throws for text that is neither. */
export function addressSet(blocks: readonly string[]): AddressSet {
  const list = new BlockList();
  for (const block of blocks) {
    const [address, bits] = ipaddr.parseCIDR(block.includes('/') ? block : `${block}/${ipaddr.parse(block).kind() === 'ipv4' ? 32 : 128}`);
    list.addSubnet(address.toString(), bits, address.kind());
  }
  return { has: (address) => list.check(address, address.includes(':') ? 'ipv6' : 'ipv4') };
}

/**
 * An address in its one spelling, followed by every IPv4 address that it leads to: a translator on the way (NAT64, 6to4, Teredo, ISATAP) takes
 * the packet there. Undefined for what is no address.
 */
export function addressesIn(text: string): string[] | undefined {
  // A zone says by which interface, not where to.
  const bare = text.replace(/^\[|\]$/g, '').replace(/%.*$/, '');
  if (!ipaddr.isValid(bare)) return undefined;
  const address = ipaddr.process(bare);
  if (address.kind() === 'ipv4') return [address.toString()];
  return [address.toString(), ...embedded(address as IPv6).map((inner) => inner.toString())];
}

/** Where IPv4 addresses stand in IPv6 ones: the block, and the byte that they begin at. */
const embeddings: readonly { readonly block: string; readonly at: number; readonly inverted?: true }[] = [
  { block: '::/96', at: 12 }, // RFC 4291 §2.5.5.1, IPv4-compatible
  { block: '::ffff:0:0:0/96', at: 12 }, // RFC 2765, IPv4-translated
  { block: '64:ff9b::/96', at: 12 }, // RFC 6052, NAT64
  { block: '64:ff9b:1::/48', at: 12 }, // RFC 8215, NAT64 of one's own
  { block: '2002::/16', at: 2 }, // RFC 3056, 6to4
  { block: '2001::/32', at: 4 }, // RFC 4380, Teredo: the server …
  { block: '2001::/32', at: 12, inverted: true }, // … and the client
];
/** RFC 5214: ISATAP puts this before an IPv4 address, in any network. */
const isatap = ['00005efe', '02005efe'];

function embedded(address: IPv6): IPv4[] {
  if (address.range() === 'loopback' || address.range() === 'unspecified') return [];
  const bytes = Buffer.from(address.toByteArray());
  const found = embeddings
    .filter(({ block }) => address.match(ipaddr.IPv6.parseCIDR(block)))
    .map(({ at, inverted }) => [...bytes.subarray(at, at + 4)].map((byte) => (inverted ? byte ^ 0xff : byte)));
  if (isatap.includes(bytes.subarray(8, 12).toString('hex'))) found.push([...bytes.subarray(12)]);
  // RFC 6052 §2.2: below a prefix of 48 bits the address is spread around byte 8.
  if (address.match(ipaddr.IPv6.parseCIDR('64:ff9b:1::/48'))) found.push([bytes[6], bytes[7], bytes[9], bytes[10]].map(Number));
  return found.map((inner) => new ipaddr.IPv4(inner));
}
