import { promisify } from 'node:util';
import { lookup as dnsLookup } from 'node:dns';
import { describe, expect, it, vi } from 'vitest';
import { addressesIn } from './address-rules.ts';
import { createUpstreamGuard, ruleFault } from './upstream-guard.ts';

vi.mock('node:dns', () => ({ lookup: vi.fn() }));
const resolveTo = (...addresses: string[]) =>
  vi.mocked(dnsLookup).mockImplementation(((_host: string, _options: unknown, done: (error: null, found: unknown) => void) =>
    done(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    )) as never);

const guard = (upstreamAllow: string[] = [], upstreamDeny: string[] = []) => createUpstreamGuard({ upstreamAllow, upstreamDeny });

describe('without rules', () => {
  it.each([
    '169.254.169.254',
    '169.254.169.254.',
    '2852039166',
    '0xA9FEA9FE',
    '0251.0376.0251.0376',
    '169.254.43518',
    '0xa9.254.0251.254',
    '１６９.２５４.１６９.２５４',
    '①⑥⑨.254.169.254',
    '169。254。169。254',
    '%31%36%39.254.169.254',
    '[::ffff:169.254.169.254]',
    '[::ffff:a9fe:a9fe]',
    '[0:0:0:0:0:ffff:a9fe:a9fe]',
    '[::a9fe:a9fe]',
    '[::ffff:0:a9fe:a9fe]',
    '[64:ff9b::a9fe:a9fe]',
    '[64:ff9b:1::a9fe:a9fe]',
    '[64:ff9b:1:a9fe:a9:fe00::]',
    '[2002:a9fe:a9fe::1]',
    '[2001:0:a9fe:a9fe::1]',
    '[2001:0:1::5601:5601]',
    '[fd12::5efe:a9fe:a9fe]',
    '[fd00:ec2::254]',
    '[fd00:0ec2:0:0:0:0:0:254]',
    '100.100.100.200',
    '192.0.0.192',
    '168.63.129.16',
    '0.0.0.0',
    '0',
    '0x0',
    '[::]',
    '[::ffff:0.0.0.0]',
    '[fe80::1]',
    '[febf::1]',
    '224.0.0.1',
    '239.255.255.250',
    '[ff02::1]',
    '255.255.255.255',
    '240.0.0.1',
    'metadata.google.internal',
    'METADATA.google.internal.',
  ])('%s is refused, and no rule allows it', (host) => {
    expect(guard().refusal(host)).toMatch(/makes no connection$/);
    expect(guard(['0.0.0.0/0', '::/0', '*']).refusal(host)).toMatch(/makes no connection$/);
  });

  it.each([
    '127.0.0.1',
    'localhost',
    '[::1]',
    '10.0.0.1',
    '192.168.1.1',
    '[fd12:3456::1]',
    '93.184.215.14',
    '[2606:2800::1]',
    'api.example',
    '[64:ff9b::808:808]',
  ])('%s is allowed', (host) => {
    expect(guard().refusal(host)).toBeUndefined();
  });
});

describe('rules', () => {
  it('deny by block, whatever the spelling, and by name', () => {
    const denying = guard([], ['10.0.0.0/8', '::1', '*.internal.example', 'db.example']);
    for (const host of [
      '10.1.2.3',
      '167772161',
      '[::ffff:10.0.0.1]',
      '[64:ff9b::a00:1]',
      '[::1]',
      'a.internal.example',
      'A.b.Internal.Example.',
      'db.example',
    ]) {
      expect([host, denying.refusal(host)]).toEqual([host, 'is denied by STOA_UPSTREAM_DENY']);
    }
    for (const host of ['11.0.0.1', 'internal.example', 'my-db.example', 'db.example.org']) expect(denying.refusal(host)).toBeUndefined();
  });

  it('allow only what they name: loopback and private addresses are no longer allowed by themselves', () => {
    const allowing = guard(['203.0.113.0/24', 'api.*.example']);
    for (const host of ['203.0.113.7', 'api.eu.example']) expect(allowing.refusal(host)).toBeUndefined();
    for (const host of ['127.0.0.1', '10.0.0.1', '[::1]']) expect(allowing.refusal(host)).toBe('is not among what STOA_UPSTREAM_ALLOW allows');
    expect(guard(['*.example']).refusal('api.test')).toBe('is not among what STOA_UPSTREAM_ALLOW allows');
  });

  it('that deny are stronger than those that allow', () => {
    expect(guard(['10.0.0.0/8'], ['10.1.0.0/16']).refusal('10.1.0.1')).toBe('is denied by STOA_UPSTREAM_DENY');
    expect(guard(['*'], ['evil.example']).refusal('evil.example')).toBe('is denied by STOA_UPSTREAM_DENY');
  });

  it.each(['10.0.0.0/33', 'fe80::/129', '10.0.0', '300.1.1.1/8', 'http://a.example', 'a b', '::gg', ''])('refuse %j as a rule', (rule) => {
    expect(ruleFault([rule])).toContain('must hold CIDR blocks');
  });

  it('take blocks, addresses and globs', () => {
    expect(ruleFault(['10.0.0.0/8', '::1', '[fd00::]/8', '*.example.com', 'api-?.x'.replace('?', '1'), '*'])).toBeUndefined();
  });
});

describe('the lookup of a connector', () => {
  const look = (upstreams: ReturnType<typeof guard>, host = 'api.example') =>
    promisify(upstreams.lookup as (host: string, options: object, done: (error: Error | null, found: unknown) => void) => void)(host, { all: true });

  it('judges the addresses that it answers, each time anew: a name that leads elsewhere later is refused then', async () => {
    resolveTo('93.184.215.14');
    expect(await look(guard())).toEqual([{ address: '93.184.215.14', family: 4 }]);
    resolveTo('169.254.169.254');
    await expect(look(guard())).rejects.toThrow('api.example resolves to 169.254.169.254, which is a link-local');
  });

  it('refuses a name when one of its addresses is refused', async () => {
    resolveTo('93.184.215.14', 'fe80::1%eth0');
    await expect(look(guard())).rejects.toThrow('fe80::1%eth0');
    resolveTo('10.0.0.1');
    await expect(look(guard([], ['10.0.0.0/8']))).rejects.toThrow('STOA_UPSTREAM_DENY');
    await expect(look(guard(['203.0.113.0/24']))).rejects.toThrow('STOA_UPSTREAM_ALLOW');
  });

  it('allows the private address of a name that is allowed, and the allowed address of any name', async () => {
    resolveTo('10.0.0.1');
    expect(await look(guard(['*.example']))).toHaveLength(1);
    expect(await look(guard(['10.0.0.0/8']))).toHaveLength(1);
  });

  it('does not refuse at import what does not resolve there', async () => {
    vi.mocked(dnsLookup).mockImplementation(((_host: string, _options: unknown, done: (error: Error) => void) =>
      done(new Error('ENOTFOUND'))) as never);
    expect(await guard().resolvedRefusal('api.internal.example')).toBeUndefined();
    resolveTo('169.254.169.254');
    expect(await guard().resolvedRefusal('rebind.example')).toMatch(/^resolves to 169\.254\.169\.254/);
  });
});

it('an address has one spelling, and brings the addresses that it leads to', () => {
  expect(addressesIn('::ffff:10.0.0.1')).toEqual(['10.0.0.1']);
  expect(addressesIn('2002:a00:1::')).toEqual(['2002:a00:1::', '10.0.0.1']);
  expect(addressesIn('::1')).toEqual(['::1']);
  expect(addressesIn('example')).toBeUndefined();
});
