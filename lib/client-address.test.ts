import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { clientAddresses, decidingAddresses, forwardedAddresses, proxySettings } from './client-address.ts';

const told = (trusted: readonly string[], peer: string, headers: Record<string, string> = {}): string =>
  clientAddresses(trusted)({ socket: { remoteAddress: peer }, headers } as unknown as IncomingMessage);

describe('the address that a bad credential is counted under', () => {
  it.each<[string, string[], string, Record<string, string>, string]>([
    ['without trusted proxies', [], '10.0.0.1', { 'x-forwarded-for': '1.2.3.4' }, '10.0.0.1'],
    ['from a peer that is no proxy', ['10.0.0.0/8'], '192.0.2.1', { 'x-forwarded-for': '1.2.3.4' }, '192.0.2.1'],
    ['behind a proxy', ['10.0.0.0/8'], '10.0.0.1', { 'x-forwarded-for': '1.2.3.4' }, '1.2.3.4'],
    ['behind a proxy on an IPv4-mapped connection', ['10.0.0.1'], '::ffff:10.0.0.1', { 'x-forwarded-for': '1.2.3.4' }, '1.2.3.4'],
    [
      'behind two proxies, with one that the client made up',
      ['10.0.0.0/8'],
      '10.0.0.1',
      { 'x-forwarded-for': '9.9.9.9, 1.2.3.4, 10.0.0.2' },
      '1.2.3.4',
    ],
    ['with a made-up proxy to the left', ['10.0.0.0/8'], '10.0.0.1', { 'x-forwarded-for': '10.0.0.9, 1.2.3.4' }, '1.2.3.4'],
    ['with ports', ['10.0.0.0/8'], '10.0.0.1', { 'x-forwarded-for': '1.2.3.4:5678' }, '1.2.3.4'],
    ['with what is no address', ['10.0.0.0/8'], '10.0.0.1', { 'x-forwarded-for': '1.2.3.4, nonsense' }, '10.0.0.1'],
    ['with nothing told', ['10.0.0.0/8'], '10.0.0.1', {}, '10.0.0.1'],
    ['by Forwarded', ['10.0.0.0/8'], '10.0.0.1', { forwarded: 'for=9.9.9.9, For="1.2.3.4:80";proto=https;by=10.0.0.1' }, '1.2.3.4'],
    ['by Forwarded of IPv6', ['10.0.0.0/8'], '10.0.0.1', { forwarded: 'proto=http; for="[2001:db8:1:2:3::4]:4711"' }, '2001:db8:1:2::/64'],
    ['by a Forwarded that hides it', ['10.0.0.0/8'], '10.0.0.1', { forwarded: 'for=_hidden' }, '10.0.0.1'],
    ['where both headers agree', ['10.0.0.0/8'], '10.0.0.1', { 'x-forwarded-for': '1.2.3.4', forwarded: 'for=1.2.3.4' }, '1.2.3.4'],
    ['where the headers disagree', ['10.0.0.0/8'], '10.0.0.1', { 'x-forwarded-for': '1.2.3.4', forwarded: 'for=5.6.7.8' }, '10.0.0.1'],
    ['of IPv6 is its network', [], '2001:db8::1', {}, '2001:db8:0:0::/64'],
    ['of a link is its network', [], 'fe80::1%eth0', {}, 'fe80:0:0:0::/64'],
    ['behind an IPv6 proxy', ['fd00::/8'], 'fd00::7', { 'x-forwarded-for': '2001:DB8:0:1::9' }, '2001:db8:0:1::/64'],
  ])('%s', (_what, trusted, peer, headers, expected) => {
    expect(told(trusted, peer, headers)).toBe(expected);
  });

  it('is refused as a setting when it is no range', () => {
    const { parse } = proxySettings.trustedProxies;
    for (const wrong of ['proxy.example', '10.0.0.0/33', '10.0.0.0/8/8', '::/129', '10.0.0/8']) expect(parse(wrong)).toHaveProperty('fault');
    expect(parse('10.0.0.0/8,fd00::/8,127.0.0.1')).toHaveProperty('value');
  });
});

describe('the address that a gateway tells of who asked it', () => {
  const of = (trusted: readonly string[], peer: string, headers: Record<string, string>): string | undefined =>
    forwardedAddresses(trusted)({ socket: { remoteAddress: peer }, headers } as unknown as IncomingMessage);

  it.each<[string, string[], string, Record<string, string>, string | undefined]>([
    ['is the last that it did not add itself', ['127.0.0.1'], '127.0.0.1', { 'x-forwarded-for': '9.9.9.9, 1.2.3.4' }, '1.2.3.4'],
    ['is one of IPv6 in full', ['127.0.0.1'], '127.0.0.1', { 'x-forwarded-for': '2001:db8::9' }, '2001:db8::9'],
    ['is one of a network whose every address is a proxy to us', ['10.0.0.0/8'], '10.0.0.1', { 'x-forwarded-for': '10.0.0.9' }, '10.0.0.9'],
    ['is its own where it says so', ['127.0.0.1'], '127.0.0.1', { 'x-forwarded-for': '127.0.0.1' }, '127.0.0.1'],
    ['is not its own where it tells nothing', ['127.0.0.1'], '127.0.0.1', {}, undefined],
    ['is not its own where it hides the client', ['127.0.0.1'], '127.0.0.1', { forwarded: 'for=_hidden' }, undefined],
    [
      'does not count where the two headers disagree',
      ['127.0.0.1'],
      '127.0.0.1',
      { 'x-forwarded-for': '1.2.3.4', forwarded: 'for=5.6.7.8' },
      undefined,
    ],
    ['does not count where it is not trusted', [], '127.0.0.1', { 'x-forwarded-for': '1.2.3.4' }, undefined],
  ])('%s', (_what, trusted, peer, headers, expected) => {
    expect(of(trusted, peer, headers)).toBe(expected);
  });
});

describe('the address that a decision goes by', () => {
  const of = (peer: string, headers: Record<string, string>): string | undefined =>
    decidingAddresses(['10.0.0.0/8'])({ socket: { remoteAddress: peer }, headers } as unknown as IncomingMessage);

  it.each<[string, string, Record<string, string>, string | undefined]>([
    ['is that of a connection that no proxy made', '192.0.2.1', { 'x-forwarded-for': '1.2.3.4' }, '192.0.2.1'],
    ['is that of a connection of which nothing is told', '10.0.0.1', {}, '10.0.0.1'],
    ['is the one that a proxy tells, in full', '10.0.0.1', { 'x-forwarded-for': '2001:db8::9' }, '2001:db8::9'],
    [
      'is not the own of the proxy where a client sends the header that the proxy does not write',
      '10.0.0.1',
      { 'x-forwarded-for': '1.2.3.4', forwarded: 'for=5.6.7.8' },
      undefined,
    ],
    ['is not the own of the proxy where the client is hidden', '10.0.0.1', { forwarded: 'for=_hidden' }, undefined],
  ])('%s', (_what, peer, headers, expected) => {
    expect(of(peer, headers)).toBe(expected);
  });
});
