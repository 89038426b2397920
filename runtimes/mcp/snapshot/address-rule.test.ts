import { describe, expect, it } from 'vitest';
import type { IpRestrictionConfig } from '@stoa/generated/schemas.ts';
import { IpRestriction } from './address-rule.ts';

describe('an address restriction', () => {
  it.each<[string, IpRestrictionConfig, string[], string[]]>([
    ['of allowed ranges admits what is in one of them', { allow: ['10.0.0.0/8', '192.0.2.7'] }, ['10.1.2.3', '192.0.2.7'], ['192.0.2.8', '::1']],
    ['of denied ranges alone admits all others', { deny: ['10.0.0.0/8'] }, ['192.0.2.1', '2001:db8::1'], ['10.0.0.1']],
    ['that allows and denies an address denies it', { allow: ['10.0.0.0/8'], deny: ['10.1.0.0/16'] }, ['10.2.0.1'], ['10.1.0.1']],
    ['of IPv6 knows an address in every spelling', { allow: ['2001:db8::/32'] }, ['2001:DB8:0::1', '2001:0db8::1'], ['2001:db9::1']],
    [
      'denies an IPv4 address that a translator carries in an IPv6 one',
      { deny: ['10.0.0.0/8'] },
      ['64:ff9b::c000:201'],
      ['64:ff9b::a00:1', '::ffff:10.0.0.1'],
    ],
    ['that allows nothing admits nothing', { allow: [] }, [], ['10.0.0.1', '::1']],
    ['admits nothing that is no address', { deny: ['10.0.0.0/8'] }, [], ['unknown', '', '10.0.0.1, 192.0.2.1']],
  ])('%s', (_what, config, admitted, refused) => {
    const rule = new IpRestriction(config);
    expect([...admitted, ...refused].filter((address) => rule.admits(address))).toEqual(admitted);
  });
});
