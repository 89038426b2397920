import { expect, it } from 'vitest';
import { proxyFor } from './proxies.ts';
import { Secret } from './secret.ts';

const [httpProxy, httpsProxy] = [Secret.of('http://plain.example:3128'), Secret.of('http://secure.example:3128')];
const through = (target: string, ...noProxy: string[]) => proxyFor(target, { httpProxy, httpsProxy, noProxy });

it('a URL goes through the proxy of its scheme, and straight where there is none', () => {
  expect([through('http://a.example'), through('https://a.example')]).toEqual([httpProxy.reveal(), httpsProxy.reveal()]);
  expect(proxyFor('https://a.example', { httpProxy, httpsProxy: undefined, noProxy: [] })).toBeUndefined();
});

it.each<[entry: string, straight: string[], proxied: string[]]>([
  ['*', ['a.example', '10.0.0.1', '[::1]:8443'], []],
  ['a.example', ['a.example', 'b.a.example:8443', 'A.EXAMPLE', 'a.example.'], ['ba.example', 'example']],
  ['.a.example', ['a.example', 'b.a.example'], ['ba.example']],
  ['*.A.example', ['a.example', 'b.a.example'], ['ba.example']],
  ['a.example:443', ['a.example', 'a.example:443'], ['a.example:8443']],
  ['a.example:8443', ['a.example:8443'], ['a.example']],
  ['10.0.0.0/8', ['10.1.2.3', '0xa010203'], ['11.0.0.1', 'ten.example']],
  ['10.1.2.3:443', ['10.1.2.3'], ['10.1.2.3:8443']],
  ['[fd00::1]', ['[fd00::1]', '[fd00:0::1]:8443'], ['[fd00::2]']],
  ['[fd00::1]:8443', ['[fd00::1]:8443'], ['[fd00::1]']],
  ['fd00::/8', ['[fd12::1]'], ['[fe00::1]']],
  ['10.0.0.1/33', [], ['10.0.0.1']],
])('NO_PROXY=%s is for some hosts, of http and https URLs alike', (entry, straight, proxied) => {
  for (const host of straight) expect([host, through(`https://${host}`, 'other.example', entry)]).toEqual([host, undefined]);
  for (const host of proxied) expect([host, through(`https://${host}`, entry)]).toEqual([host, httpsProxy.reveal()]);
  for (const host of straight.filter((each) => !/:\d+$/.test(each) && !/:443$/.test(entry)))
    expect([host, through(`http://${host}`, entry)]).toEqual([host, undefined]);
});
