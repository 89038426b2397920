import { lookup as dnsLookup } from 'node:dns';
import type { LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { addressSet, addressesIn } from './address-rules.ts';
import type { AddressSet } from './address-rules.ts';

/** CIDR blocks, addresses and host globs (`*.example.com`). */
export type UpstreamRules = { readonly upstreamAllow: readonly string[]; readonly upstreamDeny: readonly string[] };

export type UpstreamGuard = {
  /** Why no connection may be made to this host of a URL, as the end of a sentence that begins with it; undefined when its name or address does not speak against it. */
  refusal(host: string): string | undefined;
  /** For a connector: resolves as Node does, and fails when one of the addresses is refused. What was judged is what is connected to. */
  readonly lookup: LookupFunction;
  /** As `refusal`, of a name's addresses too. A name that does not resolve here is not refused: it may resolve where the call is made. */
  resolvedRefusal(host: string): Promise<string | undefined>;
};

/** A name server that does not answer is no refusal. */
const resolveWithinMs = 3000;

/** Thrown by `lookup`. */
export class RefusedAddressError extends Error {
  constructor(host: string, reason: string) {
    super(`${host} ${reason}.`);
    this.name = 'RefusedAddressError';
  }
}

/**
 * No API is there, but what answers gives away credentials (metadata services of clouds) or reaches further than its name says. No rule allows them.
 */
const never = addressSet([
  ...['0.0.0.0/8', '::/128'], // unspecified, "this network"
  ...['169.254.0.0/16', 'fe80::/10'], // link-local: metadata of AWS, Azure, GCP, OpenStack and others
  ...['224.0.0.0/4', 'ff00::/8', '240.0.0.0/4'], // multicast, reserved, broadcast
  ...['fd00:ec2::/64', 'fd20:ce::254', '100.100.100.200', '168.63.129.16', '192.0.0.192'], // metadata of AWS, GCP, Alibaba, Azure, Oracle
]);
const neverSays = 'is a link-local, metadata, unspecified, multicast or reserved address, to which STOA makes no connection';

/** A proxy would resolve these for us, where nobody looks. */
const neverNames = new Set(['metadata.google.internal', 'metadata.goog', 'instance-data', 'instance-data.ec2.internal']);

/** The end of a sentence, for text that is no rule. */
export function ruleFault(rules: readonly string[]): string | undefined {
  const isGlob = (rule: string) => /^[a-z0-9*._-]{1,253}$/i.test(rule) && /[a-z*]/i.test(rule);
  const wrong = rules.find((rule) => blockOf(rule) === undefined && !isGlob(rule));
  return wrong === undefined
    ? undefined
    : `must hold CIDR blocks, addresses or host globs such as 10.0.0.0/8 or *.example.com, which ${wrong} is not`;
}

/** Denied is denied. Where something is allowed, only that is; otherwise everything but `never`, loopback and private addresses included. */
export function createUpstreamGuard({ upstreamAllow, upstreamDeny }: UpstreamRules): UpstreamGuard {
  const [allow, deny] = [ruleSet(upstreamAllow), ruleSet(upstreamDeny)];
  const byName = (host: string): string | undefined => {
    if (neverNames.has(host)) return 'names a metadata service, to which STOA makes no connection';
    return deny.matches(host) ? 'is denied by STOA_UPSTREAM_DENY' : undefined;
  };
  const byAddress = (host: string, address: string): string | undefined => {
    const all = addressesIn(address) ?? [];
    if (all.length === 0 || all.some((each) => never.has(each))) return neverSays;
    if (all.some((each) => deny.addresses.has(each))) return 'is denied by STOA_UPSTREAM_DENY';
    if (upstreamAllow.length === 0 || allow.matches(host) || all.some((each) => allow.addresses.has(each))) return undefined;
    return 'is not among what STOA_UPSTREAM_ALLOW allows';
  };
  const refusal = (given: string): string | undefined => {
    const host = canonical(given);
    if (host === undefined) return 'is no host';
    if (addressesIn(host) !== undefined) return byAddress(host, host);
    const onlyNames = upstreamAllow.length > 0 && !allow.hasAddresses;
    return byName(host) ?? (onlyNames && !allow.matches(host) ? 'is not among what STOA_UPSTREAM_ALLOW allows' : undefined);
  };
  const refusalOf = (host: string, addresses: readonly LookupAddress[]): string | undefined => {
    for (const { address } of addresses) {
      const reason = byAddress(host, address);
      if (reason !== undefined) return `${address === host ? '' : `resolves to ${address}, which `}${reason}`;
    }
    return undefined;
  };
  const lookup: LookupFunction = (given, options, done) => {
    const host = canonical(given) ?? given;
    dnsLookup(host, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return done(error, '', 0);
      const reason = refusalOf(host, addresses);
      if (reason !== undefined) return done(new RefusedAddressError(host, reason), '', 0);
      if (options.all) return done(null, addresses);
      return done(null, addresses[0]?.address ?? '', addresses[0]?.family ?? 0);
    });
  };
  return {
    refusal,
    lookup,
    resolvedRefusal(host) {
      const reason = refusal(host);
      if (reason !== undefined) return Promise.resolve(reason);
      return new Promise((resolve) => {
        setTimeout(() => resolve(undefined), resolveWithinMs).unref();
        lookup(canonical(host) ?? host, { all: true }, (error) => {
          resolve(error instanceof RefusedAddressError ? error.message.slice(error.message.indexOf(' ') + 1, -1) : undefined);
        });
      });
    },
  };
}

/** The one spelling of a host: the URL standard reads decimal, octal and hexadecimal IPv4 addresses, percent escapes and foreign digits. */
function canonical(host: string): string | undefined {
  const bracketed = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
  const { hostname } = URL.parse(`http://${bracketed.replace(/%[^\]]*\]$/, ']')}`) ?? {};
  return hostname?.replace(/^\[|\]$/g, '').replace(/\.+$/, '');
}

type RuleSet = { readonly addresses: AddressSet; readonly hasAddresses: boolean; matches(host: string): boolean };

function ruleSet(rules: readonly string[]): RuleSet {
  const blocks = rules.flatMap((rule) => blockOf(rule) ?? []);
  const globs = rules.filter((rule) => blockOf(rule) === undefined).map((rule) => rule.toLowerCase().replace(/\.+$/, ''));
  return { addresses: addressSet(blocks), hasAddresses: blocks.length > 0, matches: (host) => globs.some((glob) => matchesGlob(glob, host)) };
}

/** `*` stands for any characters, dots among them. Linear in the host for each star: parts are looked for from left to right. */
function matchesGlob(glob: string, host: string): boolean {
  const [first = '', ...rest] = glob.split('*');
  const last = rest.pop();
  if (last === undefined) return host === first;
  if (!host.startsWith(first) || !host.endsWith(last) || host.length < first.length + last.length) return false;
  let at = first.length;
  for (const part of rest) {
    const found = host.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at <= host.length - last.length;
}

/** A rule as a CIDR block of canonical addresses; undefined for a host glob. */
function blockOf(rule: string): string | undefined {
  const [address = '', bits, ...more] = rule.split('/');
  const [plain] = addressesIn(address) ?? [];
  if (plain === undefined || more.length > 0) return undefined;
  // Shorter spellings of IPv4 mean something else than they look like.
  if (!address.includes(':') && !/^\d+\.\d+\.\d+\.\d+$/.test(address)) return undefined;
  const most = plain.includes(':') ? 128 : 32;
  if (bits === undefined) return `${plain}/${most}`;
  return /^\d{1,3}$/.test(bits) && Number(bits) <= most ? `${plain}/${bits}` : undefined;
}
